"""RAG by a judge: claims supported by documents, sentences to the point, facts that were found."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evals.evaluating.judging.asking import Ledger, NoVerdict, Question, Unreadable, ask
from evals.evaluating.judging.evidence import looked_up
from evals.evaluating.judging.fencing import Part, cut, fenced, parts_of
from evals.evaluating.judging.rubric import stamped
from evals.evaluating.reading import text_of
from evals.evaluating.setting import Check, Setting
from evals.evaluating.spec import NUMBER, Spec
from evals.evaluating.subject import Subject, Verdict
from evals.evaluating.verdicts import failed, undefined, verdict_of
from evals.metrics import rag
from gateway.client import About

MOST_CLAIMS = 40
AT_ONCE = 20  # claims or facts in one call
SENTENCES_AT_ONCE = 60
MOST_SENTENCES = 300
_SENTENCE = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=\S)|(?<=[。！？])|\n+")
NO_DOCUMENTS = "No documents are known."
SUPPORTED, UNSUPPORTED = "supported", "unsupported"


async def faithfulness(spec: Spec, subject: Subject, ledger: Ledger, about: About) -> Verdict:
    """Claims of the answer that the documents support, of all its claims; of none undefined."""
    if subject.output is None:
        return undefined("There is no answer.")
    if subject.documents is None:
        return undefined(NO_DOCUMENTS)
    claims = await _extracted(spec, "ANSWER", text_of(subject.output), subject, ledger, about)
    if not claims:
        return undefined("The answer makes no claim.", {"claims": []})
    documents = parts_of(subject, ["documents"])
    if documents:
        checked = await _checked(spec, claims, documents, ledger, about, _SUPPORT)
    else:
        checked = [_claim(text, UNSUPPORTED, "", "Nothing was retrieved.", ()) for text in claims]
    verdicts = [one["verdict"] for one in checked]
    share = rag.faithfulness(verdicts)
    assert share is not None  # noqa: S101  (there are claims)
    details = {
        "claims": checked,
        "contradiction_rate": rag.contradiction_rate(verdicts),
    }
    counts = {kind: verdicts.count(kind) for kind in rag.CLAIMS}
    reason = f"Of {len(claims)} claims {counts['supported']} are supported"
    reason += f", {counts['contradicted']} contradicted, {counts['unsupported']} unsupported."
    return _with_quotes(spec, share, reason, checked, details)


async def context_recall(spec: Spec, subject: Subject, ledger: Ledger, about: About) -> Verdict:
    """Facts of the expected answer that stand in the documents, of all its facts."""
    if subject.expected is None and not subject.characteristics:
        return undefined("The item says nothing of what is expected.")
    if subject.documents is None:
        return undefined(NO_DOCUMENTS)
    if subject.expected is None:
        facts = list(subject.characteristics)[:MOST_CLAIMS]
    else:
        text = text_of(subject.expected)
        facts = await _extracted(spec, "EXPECTED ANSWER", text, subject, ledger, about)
    if not facts:
        return undefined("What is expected states no fact.", {"facts": []})
    documents = parts_of(subject, ["documents"])
    if documents:
        checked = await _checked(spec, facts, documents, ledger, about, _RECALL)
    else:
        checked = [_claim(text, "missing", "", "Nothing was retrieved.", ()) for text in facts]
    share = rag.context_recall([one["verdict"] == "found" for one in checked])
    assert share is not None  # noqa: S101  (there are facts)
    found = sum(one["verdict"] == "found" for one in checked)
    reason = f"Of {len(facts)} facts {found} stand in the documents."
    return _with_quotes(spec, share, reason, checked, {"facts": checked})


async def context_relevance(spec: Spec, subject: Subject, ledger: Ledger, about: About) -> Verdict:
    """Sentences of the documents that bear on the question, of all their sentences."""
    if subject.input is None:
        return undefined("The question is not known.")
    if not subject.documents:
        return undefined(NO_DOCUMENTS)
    sentences = sentences_of([one.text for one in subject.documents])
    if not sentences:
        return undefined("The documents hold no text.", {"sentences": []})
    relevant: set[int] = set()
    for start in range(0, len(sentences), SENTENCES_AT_ONCE):
        chunk = sentences[start : start + SENTENCES_AT_ONCE]
        question = _relevance_question(subject, chunk, start)
        relevant |= await ask(spec, question, about, ledger)
    judged: list[dict[str, Any]] = [
        {"document": document + 1, "text": text[:500], "relevant": place in relevant}
        for place, (document, text) in enumerate(sentences, 1)
    ]
    share = rag.context_relevance([one["relevant"] for one in judged])
    assert share is not None  # noqa: S101  (there are sentences)
    reason = f"Of {len(judged)} sentences {len(relevant)} bear on the question."
    evidence = [one["text"] for one in judged if one["relevant"]][:10]
    return verdict_of(spec, share, reason, evidence=evidence, details={"sentences": judged})


def sentences_of(texts: Sequence[str]) -> list[tuple[int, str]]:
    """(place of the document, sentence), blanks left out; at most MOST_SENTENCES, evenly first."""
    found: list[tuple[int, str]] = []
    for place, text in enumerate(texts):
        for piece in _SENTENCE.split(cut(text)):
            if any(letter.isalnum() for letter in piece):
                found.append((place, piece.strip()))
    return found[:MOST_SENTENCES]


async def judge_rag(spec: Spec, subject: Subject, about: About) -> Verdict:
    """The verdict of one of the three, by the settings."""
    way = _WAYS.get(spec.check)
    if way is None:
        return failed(f"There is no measure named {spec.check or 'so'}.")
    ledger = Ledger()
    try:
        return stamped(await way(spec, subject, ledger, about), ledger)
    except NoVerdict as error:
        return failed(str(error), **ledger.stamps())


_WAYS: dict[str, Callable[[Spec, Subject, Ledger, About], Any]] = {
    "faithfulness": faithfulness,
    "context_relevance": context_relevance,
    "context_recall": context_recall,
}


# --- what is asked ----------------------------------------------------------------------------
def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


_CLAIMS_SCHEMA = _object({"claims": {"type": "array", "items": {"type": "string"}}})


async def _extracted(
    spec: Spec, name: str, text: str, subject: Subject, ledger: Ledger, about: About
) -> list[str]:
    """The claims that `text` makes, each understandable by itself."""
    parts = [*parts_of(subject, ["input"]), Part(name, cut(text))]
    fence = fenced(parts)
    told = (
        f"Break the {name} into the factual claims it makes. One claim is one fact that can be "
        "right or wrong by itself; replace pronouns by what they stand for, keep every number, "
        "name and condition, and add nothing. Greetings, questions, offers, opinions and refusals "
        "make no claim: where there is none the list is empty.\n\n"
        f"{fence.safety}"
    )
    question = Question(told, fence.text, _CLAIMS_SCHEMA, _read_claims)
    claims: list[str] = await ask(spec, question, about, ledger)
    return claims


def _read_claims(found: Mapping[str, Any]) -> list[str]:
    claims = found.get("claims")
    if not isinstance(claims, list):
        raise Unreadable("claims must be a list of texts.")
    texts = [
        one.get("claim", one.get("text")) if isinstance(one, Mapping) else one for one in claims
    ]
    good = [text.strip()[:1_000] for text in texts if isinstance(text, str) and text.strip()]
    return list(dict.fromkeys(good))[:MOST_CLAIMS]


class _Ask:
    """How claims are held against documents: the words, and the names of the verdicts."""

    def __init__(self, task: str, verdicts: tuple[str, ...]) -> None:
        self.task, self.verdicts = task, verdicts
        item = _object(
            {
                "number": {"type": "integer"},
                "reason": {"type": "string"},
                "quote": {"type": "string"},
                "verdict": {"type": "string", "enum": list(verdicts)},
            }
        )
        self.schema = _object({"verdicts": {"type": "array", "items": item}})


_SUPPORT = _Ask(
    "Hold each numbered claim against the documents, and nothing else that you know. supported: a "
    "document states it or it follows from what one states. contradicted: a document states the "
    "opposite. unsupported: the documents do not say.",
    rag.CLAIMS,
)
_RECALL = _Ask(
    "Look for each numbered fact in the documents, and nowhere else. found: a document states it "
    "or it follows from what one states. missing: the documents do not say, or say otherwise.",
    ("found", "missing"),
)


async def _checked(
    spec: Spec, claims: list[str], documents: list[Part], ledger: Ledger, about: About, way: _Ask
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for start in range(0, len(claims), AT_ONCE):
        chunk = claims[start : start + AT_ONCE]
        listed = "\n".join(f"{n}. {text}" for n, text in enumerate(chunk, 1))
        fence = fenced([*documents, Part("CLAIMS", listed)])
        told = (
            f"{way.task}\n\n{fence.safety}\n\nFor every number give a short reason, then the quote "
            "that decides, exactly as it stands in a document (empty where there is none), then "
            "the verdict."
        )
        reader = _reader_of(len(chunk), way)
        verdicts = await ask(spec, Question(told, fence.text, way.schema, reader), about, ledger)
        for n, text in enumerate(chunk, 1):
            one = verdicts[n]
            quotes = looked_up([one["quote"]], documents)
            found.append(_claim(text, one["verdict"], one["quote"], one["reason"], quotes))
    return found


def _claim(
    text: str, verdict: str, quote: str, reason: str, quotes: Sequence[Any]
) -> dict[str, Any]:
    """One claim as it is stored; `stands_in` '' marks a quote that no document holds."""
    stands_in = quotes[0].stands_in if quotes else ""
    return {
        "claim": text,
        "verdict": verdict,
        "reason": reason[:1_000],
        "quote": quote[:1_000],
        "stands_in": stands_in,
    }


def _reader_of(count: int, way: _Ask) -> Callable[[Mapping[str, Any]], dict[int, dict[str, str]]]:
    def read(found: Mapping[str, Any]) -> dict[int, dict[str, str]]:
        listed = found.get("verdicts")
        if not isinstance(listed, list):
            raise Unreadable("verdicts must be a list.")
        told: dict[int, dict[str, str]] = {}
        for place, one in enumerate(listed, 1):
            if not isinstance(one, Mapping):
                continue
            said = str(one.get("verdict", "")).strip().strip(".\"'").casefold().replace(" ", "_")
            number = one.get("number", place)
            number = int(number) if str(number).strip().isdigit() else place
            if said in way.verdicts and 1 <= number <= count:
                reason, quote = one.get("reason"), one.get("quote")
                told[number] = {
                    "verdict": said, "reason": str(reason or ""), "quote": str(quote or "")
                }  # fmt: skip
        lacking = [str(n) for n in range(1, count + 1) if n not in told]
        if lacking:
            raise Unreadable(f"There is no verdict on number {', '.join(lacking[:10])}.")
        return told

    return read


def _relevance_question(subject: Subject, chunk: list[tuple[int, str]], start: int) -> Question:
    listed = "\n".join(f"{start + n}. {text}" for n, (_, text) in enumerate(chunk, 1))
    fence = fenced([*parts_of(subject, ["input"]), Part("SENTENCES", listed)])
    told = (
        "Which of the numbered sentences help to answer the question in the INPUT? A sentence does "
        "where it states something that an answer would use. Give the numbers of those that do, "
        f"none where none does.\n\n{fence.safety}"
    )
    schema = _object(
        {"reason": {"type": "string"}, "relevant": {"type": "array", "items": {"type": "integer"}}}
    )

    def read(found: Mapping[str, Any]) -> set[int]:
        numbers = found.get("relevant")
        if not isinstance(numbers, list):
            raise Unreadable("relevant must be a list of numbers.")
        plain = {int(one) for one in numbers if str(one).strip().isdigit()}
        return {number for number in plain if start < number <= start + len(chunk)}

    return Question(told, fence.text, schema, read)


def _with_quotes(
    spec: Spec, share: float, reason: str, checked: list[dict[str, Any]], details: dict[str, Any]
) -> Verdict:
    quotes = [one["quote"] for one in checked if one["stands_in"]]
    if unfounded := [one["quote"] for one in checked if one["quote"] and not one["stands_in"]]:
        details["unfounded"] = unfounded
    return verdict_of(spec, share, reason, evidence=list(dict.fromkeys(quotes)), details=details)


def _asked(spec: Spec, subject: Subject) -> Verdict:
    return failed("A judge is asked, not reckoned.")


def _measure(name: str, label: str, says: str, settings: tuple[Setting, ...] = ()) -> Check:
    return Check(
        name, label, says, _asked, settings, types=(NUMBER,), minimum=0.0, maximum=1.0, bar=None
    )


RAG_CHECKS: dict[str, Check] = {
    check.name: check
    for check in (
        _measure(
            "faithfulness",
            "Faithfulness (generation)",
            "The share of the answer's claims that the retrieved documents support.",
        ),
        _measure(
            "context_relevance",
            "Context relevance (retrieval)",
            "The share of the retrieved sentences that bear on the question.",
        ),
        _measure(
            "context_recall",
            "Context recall (retrieval)",
            "The share of the expected answer's facts that stand in the retrieved documents.",
        ),
    )
}

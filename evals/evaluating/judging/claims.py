"""RAG by a judge: claims supported by documents, sentences to the point, facts that were found."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from evals.evaluating.judging.asking import Ledger, NoVerdict, ask
from evals.evaluating.judging.fencing import cut, parts_of
from evals.evaluating.judging.holding import (
    MOST_CLAIMS,
    RECALL,
    SUPPORT,
    claim_of,
    extracted,
    held,
    relevance_question,
)
from evals.evaluating.judging.rubric import stamped
from evals.evaluating.reading import text_of
from evals.evaluating.setting import Check, Setting
from evals.evaluating.spec import NUMBER, Spec
from evals.evaluating.subject import Subject, Verdict
from evals.evaluating.verdicts import failed, undefined, verdict_of
from evals.metrics import rag
from gateway.client import About

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
    claims = await extracted(spec, "ANSWER", text_of(subject.output), subject, ledger, about)
    if not claims:
        return undefined("The answer makes no claim.", {"claims": []})
    documents = parts_of(subject, ["documents"])
    if documents:
        checked = await held(spec, claims, documents, ledger, about, SUPPORT)
    else:
        checked = [claim_of(text, UNSUPPORTED, "", "Nothing was retrieved.", ()) for text in claims]
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
        facts = await extracted(spec, "EXPECTED ANSWER", text, subject, ledger, about)
    if not facts:
        return undefined("What is expected states no fact.", {"facts": []})
    documents = parts_of(subject, ["documents"])
    if documents:
        checked = await held(spec, facts, documents, ledger, about, RECALL)
    else:
        checked = [claim_of(text, "missing", "", "Nothing was retrieved.", ()) for text in facts]
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
        question = relevance_question(subject, chunk, start)
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

"""What a judge is asked about claims, facts and sentences, and how its answers are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evals.evaluating.judging.asking import Ledger, Question, Unreadable, ask
from evals.evaluating.judging.evidence import looked_up
from evals.evaluating.judging.fencing import Part, cut, fenced, parts_of
from evals.evaluating.spec import Spec
from evals.evaluating.subject import Subject
from evals.metrics import rag
from gateway.client import About

MOST_CLAIMS = 40
AT_ONCE = 20  # claims or facts in one call


def closed(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


_CLAIMS_SCHEMA = closed({"claims": {"type": "array", "items": {"type": "string"}}})


async def extracted(
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


class Way:
    """How claims are held against documents: the words, and the names of the verdicts."""

    def __init__(self, task: str, verdicts: tuple[str, ...]) -> None:
        self.task, self.verdicts = task, verdicts
        item = closed(
            {
                "number": {"type": "integer"},
                "reason": {"type": "string"},
                "quote": {"type": "string"},
                "verdict": {"type": "string", "enum": list(verdicts)},
            }
        )
        self.schema = closed({"verdicts": {"type": "array", "items": item}})


SUPPORT = Way(
    "Hold each numbered claim against the documents, and nothing else that you know. supported: a "
    "document states it or it follows from what one states. contradicted: a document states the "
    "opposite. unsupported: the documents do not say.",
    rag.CLAIMS,
)
RECALL = Way(
    "Look for each numbered fact in the documents, and nowhere else. found: a document states it "
    "or it follows from what one states. missing: the documents do not say, or say otherwise.",
    ("found", "missing"),
)


async def held(
    spec: Spec, claims: list[str], documents: list[Part], ledger: Ledger, about: About, way: Way
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
            found.append(claim_of(text, one["verdict"], one["quote"], one["reason"], quotes))
    return found


def claim_of(
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


def _reader_of(count: int, way: Way) -> Callable[[Mapping[str, Any]], dict[int, dict[str, str]]]:
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


def relevance_question(subject: Subject, chunk: list[tuple[int, str]], start: int) -> Question:
    listed = "\n".join(f"{start + n}. {text}" for n, (_, text) in enumerate(chunk, 1))
    fence = fenced([*parts_of(subject, ["input"]), Part("SENTENCES", listed)])
    told = (
        "Which of the numbered sentences help to answer the question in the INPUT? A sentence does "
        "where it states something that an answer would use. Give the numbers of those that do, "
        f"none where none does.\n\n{fence.safety}"
    )
    schema = closed(
        {"reason": {"type": "string"}, "relevant": {"type": "array", "items": {"type": "integer"}}}
    )

    def read(found: Mapping[str, Any]) -> set[int]:
        numbers = found.get("relevant")
        if not isinstance(numbers, list):
            raise Unreadable("relevant must be a list of numbers.")
        plain = {int(one) for one in numbers if str(one).strip().isdigit()}
        return {number for number in plain if start < number <= start + len(chunk)}

    return Question(told, fence.text, schema, read)

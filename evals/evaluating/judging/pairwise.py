"""A judge of pairs: asked in both orders, and only a verdict that survives the swap counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from evals.evaluating.judging.asking import Ledger, NoVerdict, Question, Unreadable, ask
from evals.evaluating.judging.evidence import looked_up
from evals.evaluating.judging.fencing import EXPECTED, OUTPUT, PARTS, TOOLS, Part, fenced, parts_of
from evals.evaluating.judging.rubric import SEES, lacks, stamped
from evals.evaluating.setting import Check, Setting
from evals.evaluating.spec import CATEGORY, Spec
from evals.evaluating.subject import Subject, Verdict
from evals.evaluating.verdicts import failed, undefined, verdict_of
from gateway.client import About

FIRST, SECOND, TIE = "first", "second", "tie"
BETTER, WORSE = "better", "worse"
CATEGORIES, VALUES = (BETTER, TIE, WORSE), (1.0, 0.5, 0.0)
_NAMES = {
    FIRST: FIRST, "a": FIRST, "1": FIRST, "answer 1": FIRST, "first answer": FIRST,
    "answer a": FIRST, SECOND: SECOND, "b": SECOND, "2": SECOND, "answer 2": SECOND,
    "second answer": SECOND, "answer b": SECOND, TIE: TIE, "equal": TIE, "draw": TIE,
    "neither": TIE, "both": TIE, "c": TIE,
}  # fmt: skip
_SCHEMA = {
    "type": "object",
    "properties": {
        "reason": {"type": "string"},
        "evidence": {"type": "array", "items": {"type": "string"}},
        "verdict": {"type": "string", "enum": [FIRST, SECOND, TIE]},
    },
    "required": ["reason", "evidence", "verdict"],
    "additionalProperties": False,
}


async def compare(spec: Spec, subject: Subject, other: Subject | None, about: About) -> Verdict:
    """Whether `subject` is better than `other`, a tie where the order decides.

    Without another answer it is held against the expected output, which the judge then sees as an
    answer only. `details.orders` holds both answers of the judge: who won by place, and who that
    was; `details.against` what it was compared with.
    """
    against = OUTPUT
    if other is None and subject.expected is not None:
        against = EXPECTED
        other = replace(subject, output=subject.expected, tools=None)
    if other is None or (other.output is None and not other.tools):
        return undefined("There is no other answer to compare with.")
    if lacking := lacks(spec, subject):
        return undefined(lacking)
    ledger = Ledger()
    orders: list[dict[str, Any]] = []
    quotes = []
    try:
        for is_swapped in (False, True):
            pair = (other, subject) if is_swapped else (subject, other)
            parts = _parts(spec, *pair, hides_expected=against == EXPECTED)
            said = await ask(spec, _question(spec, parts), about, ledger)
            winner = said["verdict"]
            quotes += looked_up(said["evidence"], parts)
            orders.append(
                {
                    "first": "other" if is_swapped else "answer",
                    "winner": winner,
                    "says": _relative(winner, is_swapped),
                    "reason": said["reason"][:4_000],
                }
            )
    except NoVerdict as error:
        return failed(str(error), details={"orders": orders}, **ledger.stamps())
    says = {one["says"] for one in orders}
    agreed = says.pop() if len(says) == 1 else TIE
    reason = orders[0]["reason"]
    if orders[0]["says"] != orders[1]["says"]:
        reason = f"The order decided, so it is a tie. {reason} Swapped: {orders[1]['reason']}"
    details: dict[str, Any] = {
        "orders": orders,
        "is_consistent": orders[0]["says"] == orders[1]["says"],
        "against": against,
    }
    if quotes:
        details["quotes"] = [quote.document for quote in quotes]
    if unfounded := [quote.text for quote in quotes if not quote.stands_in]:
        details["unfounded"] = unfounded
    founded = [quote.text for quote in quotes if quote.stands_in]
    return stamped(verdict_of(spec, agreed, reason, evidence=founded, details=details), ledger)


def _relative(winner: str, is_swapped: bool) -> str:
    if winner == TIE:
        return TIE
    return BETTER if (winner == FIRST) != is_swapped else WORSE


def _parts(spec: Spec, first: Subject, second: Subject, *, hides_expected: bool) -> list[Part]:
    sees = set(spec.config.get("sees") or PARTS) - {OUTPUT}
    if hides_expected:
        sees -= {EXPECTED}
    shared = parts_of(first, sees - {TOOLS})
    own = [OUTPUT, TOOLS] if TOOLS in sees else [OUTPUT]
    return [
        *shared, *_answer("FIRST", parts_of(first, own)), *_answer("SECOND", parts_of(second, own)),
    ]  # fmt: skip


def _answer(place: str, parts: list[Part]) -> list[Part]:
    """An answer with the tools that it called: each has its own."""
    return [Part(f"{place} {one.name}", one.text) for one in parts]


def _question(spec: Spec, parts: list[Part]) -> Question:
    fence = fenced(parts)
    told = (
        "You compare two answers of an AI application to the same request. Judge by the rubric "
        "alone: neither order nor length nor a confident tone earns anything.\n\n"
        f"# Rubric\n{spec.config.get('rubric', '')}\n\n"
        f"# Material\n{fence.safety}\n\n"
        "# How to answer\nFirst write the reason, in a few sentences. Then quote as evidence the "
        "words that decide, exactly as they stand. The verdict is last: first, second, or tie "
        "where neither is clearly better."
    )
    return Question(told, fence.text, _SCHEMA, _read)


def _read(found: Mapping[str, Any]) -> dict[str, Any]:
    said = str(found.get("verdict", "")).strip().strip("\"'*.`[]").casefold().replace("_", " ")
    if said not in _NAMES:
        raise Unreadable("The verdict must be first, second or tie.")
    evidence = found.get("evidence")
    return {
        "verdict": _NAMES[said],
        "reason": str(found.get("reason") or ""),
        "evidence": evidence if isinstance(evidence, list) else [],
    }


PAIR = Check(
    "pair",
    "Pair",
    "A model says which of two answers is better, asked in both orders.",
    lambda spec, subject: failed("A judge is asked, not reckoned."),
    (Setting("rubric", "Rubric", "text", is_required=True), SEES),
    types=(CATEGORY,),
    bar=None,
    categories=CATEGORIES,
    values=VALUES,
)

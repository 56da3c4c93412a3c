"""A judge with a rubric: reason first, quotes that are looked up, then the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from evals.evaluating.judging.asking import Ledger, NoVerdict, Question, Unreadable, ask
from evals.evaluating.judging.evidence import looked_up
from evals.evaluating.judging.fencing import (
    DOCUMENTS,
    EXPECTED,
    INPUT,
    OUTPUT,
    PARTS,
    TOOLS,
    Part,
    fenced,
    parts_of,
)
from evals.evaluating.reading import number_of
from evals.evaluating.setting import Check, Setting
from evals.evaluating.spec import BOOLEAN, CATEGORY, NUMBER, Spec
from evals.evaluating.subject import Subject, Verdict
from evals.evaluating.verdicts import category_named, failed, undefined, verdict_of
from gateway.client import About

_YES = frozenset({"yes", "true", "pass", "passed", "1", "1.0"})
_NO = frozenset({"no", "false", "fail", "failed", "0", "0.0"})
_MISSING = {
    INPUT: "The question is not known.",
    EXPECTED: "The item says nothing of what is expected.",
    DOCUMENTS: "No documents are known.",
    TOOLS: "No tool calls are known.",
}


async def judge(spec: Spec, subject: Subject, about: About) -> Verdict:
    """The verdict of a judge on one answer."""
    if lacking := lacks(spec, subject):
        return undefined(lacking)
    parts = parts_of(subject, spec.config.get("sees") or PARTS)
    ledger = Ledger()
    question = question_of(spec, parts)
    try:
        said = await ask(spec, question, about, ledger)
    except NoVerdict as error:
        return failed(str(error), **ledger.stamps())
    return stamped(verdict_from(spec, said, parts), ledger)


def lacks(spec: Spec, subject: Subject) -> str:
    """What the judge needs and the subject has not; '' where nothing is missing."""
    if subject.output is None:
        return "There is no answer."
    known = {
        INPUT: subject.input is not None,
        EXPECTED: subject.expected is not None,
        DOCUMENTS: bool(subject.documents),
        TOOLS: subject.tools is not None,
    }
    needs = spec.config.get("needs") or ()
    return next((_MISSING[name] for name in needs if not known.get(name, True)), "")


def question_of(spec: Spec, parts: list[Part]) -> Question:
    """The rubric, the fence and the object that is wanted."""
    fence = fenced(parts)
    names = ", ".join(part.name for part in parts)
    told = (
        "You judge an answer of an AI application by a rubric. Be strict, exact and impartial: "
        "length and a confident tone earn nothing.\n\n"
        f"# Rubric\n{spec.config.get('rubric', '')}\n\n"
        f"# Scale\n{scale_text(spec)}\n\n"
        f"# Material\nYou are given: {names}. {fence.safety}\n\n"
        "# How to answer\nFirst write the reason: what you looked at and what decides, in a few "
        "sentences. Then quote as evidence the words that decide, each exactly as it stands in the "
        "material; an empty list where nothing can be quoted. Give the verdict last."
    )
    return Question(told, fence.text, schema_of(spec), lambda found: read(spec, found))


def schema_of(spec: Spec) -> dict[str, Any]:
    """Reason, evidence, verdict, in this order: a model thinks while it writes."""
    verdict: dict[str, Any]
    if spec.data_type == CATEGORY:
        verdict = {"type": "string", "enum": list(spec.categories)}
    elif spec.data_type == BOOLEAN:
        verdict = {"type": "boolean"}
    else:
        verdict = {
            "type": "integer" if spec.config.get("whole", True) and _is_wide(spec) else "number"
        }
        if spec.minimum is not None:
            verdict["minimum"] = spec.minimum
        if spec.maximum is not None:
            verdict["maximum"] = spec.maximum
    properties = {
        "reason": {"type": "string"},
        "evidence": {"type": "array", "items": {"type": "string"}},
        "verdict": verdict,
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _is_wide(spec: Spec) -> bool:
    """A scale of steps, such as 1 to 5; between 0 and 1 there are none."""
    low, high = spec.minimum or 0.0, spec.maximum or 1.0
    return low == int(low) and high == int(high) and high - low >= 2


def scale_text(spec: Spec) -> str:
    """The scale in words, with what each step means."""
    meanings = spec.config.get("meanings") or {}
    if spec.data_type == CATEGORY:
        head = "The verdict is one of these words:"
        steps = [str(name) for name in spec.categories]
    elif spec.data_type == BOOLEAN:
        head, steps = "The verdict is true or false.", ["true", "false"]
    else:
        kind = "whole number" if spec.config.get("whole", True) and _is_wide(spec) else "number"
        low, high = spec.minimum or 0.0, 1.0 if spec.maximum is None else spec.maximum
        head = f"The verdict is a {kind} from {low:g} to {high:g}."
        steps = list(meanings)
    lines = [f"- {step}: {meanings[step]}" if step in meanings else f"- {step}" for step in steps]
    return "\n".join([head, *lines]) if spec.data_type == CATEGORY or meanings else head


def read(spec: Spec, found: Mapping[str, Any]) -> dict[str, Any]:
    """The object with its verdict as a value of the scale. Raises: Unreadable."""
    if "verdict" not in found:
        raise Unreadable("The verdict is missing.")
    value = value_of(spec, found["verdict"])
    evidence = found.get("evidence")
    quotes = [evidence] if isinstance(evidence, str) else evidence
    return {
        "value": value,
        "reason": str(found.get("reason") or ""),
        "evidence": quotes if isinstance(quotes, list) else [],
    }


def value_of(spec: Spec, said: Any) -> bool | float | str:
    """`said` on the scale of `spec`. Raises: Unreadable."""
    if spec.data_type == CATEGORY:
        name = category_named(spec, said if isinstance(said, str) else str(said))
        if name is None:
            raise Unreadable(f"The verdict must be one of {', '.join(spec.categories)}.")
        return name
    if spec.data_type == BOOLEAN:
        plain = str(said).strip().strip("\"'*.`").casefold()
        if plain not in _YES | _NO:
            raise Unreadable("The verdict must be true or false.")
        return plain in _YES
    number = _number(said)
    low, high = spec.minimum, spec.maximum
    if number is None:
        raise Unreadable("The verdict must be a number.")
    if (low is not None and number < low) or (high is not None and number > high):
        raise Unreadable(f"The verdict must lie on the scale from {low:g} to {high:g}.")
    return number


def _number(said: Any) -> float | None:
    """Of `4`, `"4"`, `4/5` and `4 out of 5` the first number, of texts with others none."""
    if isinstance(said, str):
        said = said.split("/")[0].split(" out of ")[0].strip().strip("\"'*`")
    return number_of(said, "only")


def verdict_from(spec: Spec, said: Mapping[str, Any], parts: list[Part]) -> Verdict:
    """The verdict with its quotes looked up: those that stand nowhere are kept apart."""
    quotes = looked_up(said["evidence"], parts)
    founded = [quote.text for quote in quotes if quote.stands_in]
    details: dict[str, Any] = {}
    if quotes:
        details["quotes"] = [quote.document for quote in quotes]
    if unfounded := [quote.text for quote in quotes if not quote.stands_in]:
        details["unfounded"] = unfounded
    return verdict_of(
        spec, said["value"], said["reason"], evidence=founded, details=details or None
    )


def stamped(verdict: Verdict, ledger: Ledger) -> Verdict:
    """`verdict` with what its calls were and cost, and how the judge could be asked."""
    details = dict(verdict.details or {})
    if ledger.modes:
        details["asked_by"] = sorted(set(ledger.modes))
    return replace(verdict, details=details or None, **ledger.stamps())


def _needs_faults(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name in ("sees", "needs"):
        unknown = [part for part in config.get(name) or () if part not in PARTS]
        if unknown:
            found.append((name, f"There is no part {unknown[0]!r}: {', '.join(PARTS)}."))
    sees = config.get("sees")
    if sees and OUTPUT not in sees:
        found.append(("sees", "A judge sees the answer (output) at least."))
    meanings = config.get("meanings") or {}
    if not all(isinstance(text, str) and len(text) <= 2_000 for text in meanings.values()):
        found.append(("meanings", "Each meaning is a text of at most 2,000 characters."))
    return found


SEES = Setting(
    "sees",
    "Sees",
    "words",
    help="Parts that the judge is shown, of input, documents, tools, expected, characteristics, "
    "output; none named: all that is known.",
)
NEEDS = Setting("needs", "Needs", "words", help="Parts without which the verdict is undefined.")
RUBRIC = Check(
    "rubric",
    "Rubric",
    "A model judges the answer by a rubric, with its reason and quotes.",
    lambda spec, subject: failed("A judge is asked, not reckoned."),
    (
        Setting("rubric", "Rubric", "text", is_required=True),
        Setting("meanings", "What each step means", "json"),
        Setting("whole", "Whole steps only", "flag", True),
        SEES,
        NEEDS,
    ),
    types=(CATEGORY, NUMBER, BOOLEAN),
    bar=None,
    faults=_needs_faults,
)

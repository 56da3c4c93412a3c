"""One setting of an evaluator: its name, what it takes, and what stands where it is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal

from evals.evaluating.patterns import pattern_of
from evals.evaluating.spec import BOOLEAN, NUMBER, Spec
from evals.evaluating.subject import Subject, Verdict
from evals.values.schemas import fault_of_schema

MOST_TEXT = 50_000  # of a rubric
MOST_WORDS = 200
LONGEST_WORD = 2_000
Takes = Literal[
    "text",
    "line",
    "pattern",
    "flags",
    "flag",
    "number",
    "whole",
    "choice",
    "words",
    "schema",
    "json",
]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `choices` are (value, words); `help` says in a sentence what it does."""

    name: str
    label: str
    takes: Takes
    default: Any = None
    choices: Sequence[tuple[str, str]] = ()
    is_required: bool = False
    help: str = ""
    least: float | None = None
    most: float | None = None

    def fault(self, value: Any) -> str:
        """Why `value` cannot stand; '' where it can."""
        if value is None or value in ("", [], {}):
            return "Is needed." if self.is_required else ""
        match self.takes:
            case "flag":
                return "" if isinstance(value, bool) else "Must be true or false."
            case "number" | "whole":
                return self._number_fault(value)
            case "choice":
                known = [name for name, _ in self.choices]
                return "" if value in known else f"Must be one of {', '.join(known)}."
            case "words":
                return _words_fault(value)
            case "schema":
                return _schema_fault(value)
            case "json":
                return "" if isinstance(value, dict) else "Must be an object."
        return self._text_fault(value)

    def _number_fault(self, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "Must be a number."
        if self.takes == "whole" and not isinstance(value, int):
            return "Must be a whole number."
        if abs(value) > 1e15 or not isfinite(value):
            return "Must be a finite number below 1e15."
        if self.least is not None and value < self.least:
            return f"Must be at least {self.least:g}."
        if self.most is not None and value > self.most:
            return f"Must be at most {self.most:g}."
        return ""

    def _text_fault(self, value: Any) -> str:
        if not isinstance(value, str):
            return "Must be text."
        if storage := _unstorable(value):
            return storage
        if len(value) > (MOST_TEXT if self.takes == "text" else LONGEST_WORD):
            return f"May have {MOST_TEXT if self.takes == 'text' else LONGEST_WORD:,} characters."
        if self.takes == "text":
            return ""
        if not value.isprintable() and self.takes == "line":
            return "Must be one line of visible characters."
        try:
            if self.takes == "pattern":
                pattern_of(value)
            elif self.takes == "flags":
                pattern_of("", value)
        except ValueError as error:
            return f"Is no pattern of RE2: {error}."
        return ""


def _words_fault(value: Any) -> str:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return "Must be a list of texts."
    if len(value) > MOST_WORDS:
        return f"May hold {MOST_WORDS}."
    if any(not one.strip() for one in value):
        return "One of them is empty."
    if any(len(one) > LONGEST_WORD for one in value):
        return f"Each may have {LONGEST_WORD:,} characters."
    return next((fault for fault in map(_unstorable, value) if fault), "")


def _schema_fault(value: Any) -> str:
    if not isinstance(value, dict):
        return "Must be a JSON Schema, which is an object."
    fault = fault_of_schema(value)
    return f"{fault.rstrip('.')}." if fault else ""


def _unstorable(text: str) -> str:
    if "\0" in text:
        return "Holds a NUL."
    return "Holds half of a character." if any("\ud800" <= one <= "\udfff" for one in text) else ""


@dataclass(frozen=True, slots=True)
class Check:
    """A check of ours: what it is called, what it gives, what it asks for, and how it is done.

    `types` are the data types that its value may have, the first by default; `minimum`, `maximum`,
    `bar` and `direction` are those of the first. `faults` looks at all settings together.
    """

    name: str
    label: str
    says: str
    run: Callable[[Spec, Subject], Verdict]
    settings: tuple[Setting, ...] = ()
    types: tuple[str, ...] = (BOOLEAN,)
    minimum: float | None = None
    maximum: float | None = None
    bar: float | None = 1.0
    direction: str = "at_least"
    categories: tuple[str, ...] = ()  # fixed ones, with the number of each
    values: tuple[float, ...] = ()
    faults: Callable[[Mapping[str, Any]], Sequence[tuple[str, str]]] = field(
        default=lambda config: ()
    )


FIELD = Setting(
    "field",
    "Field of the answer",
    "line",
    help="A path such as order.total, where the answer is JSON; empty: the whole answer.",
)
EXPECTED_FIELD = Setting(
    "expected_field", "Field of the expected output", "line", help="Likewise; empty: all of it."
)
IGNORE_CASE = Setting("ignore_case", "Ignore case", "flag", default=True)

__all__ = ["BOOLEAN", "EXPECTED_FIELD", "FIELD", "IGNORE_CASE", "NUMBER", "Check", "Setting"]

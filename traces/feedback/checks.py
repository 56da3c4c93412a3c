"""Whether a score or an outcome may be stored, and what its value is then. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Protocol

import orjson

from traces.feedback.given import GivenOutcome, GivenScore
from traces.models import DataType, ScoreSource

MOST_NAME = 200
MOST_ID = 128  # as trace and span ids of intake
MOST_TEXT = 400  # of an indexed column, as in intake
MOST_LABEL = 500
MOST_COMMENT = 10_000
MOST_COMMENT_FROM_A_PAGE = 2_000
MOST_METADATA_BYTES = 32_768
MOST_OUTCOME = Decimal(10) ** 11  # the column has eleven digits before the point, nine after

_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2262, 1, 1, tzinfo=UTC)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_NUL_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_LIMITS = {
    "id": MOST_ID, "trace_id": MOST_ID, "span_id": MOST_ID, "session_id": MOST_TEXT,
    "run_id": MOST_TEXT, "name": MOST_NAME, "environment": MOST_TEXT, "config_id": MOST_TEXT,
    "unit": 40, "comment": MOST_COMMENT,
}  # fmt: skip
_TYPES = ", ".join(DataType.values)

Found = Iterator[tuple[str, str]]


class Definition(Protocol):
    """What a definition must say for a check; the model does."""

    data_type: str
    minimum: float | None
    maximum: float | None
    categories: list[str]
    sources: list[str]


@dataclass(frozen=True)
class Measured:
    """A value as it is stored: a category in `label`, everything else in `num`."""

    data_type: str
    num: float | None
    label: str | None


def faults_of_score(score: GivenScore, definition: Definition | None, *, from_page: bool) -> Found:
    """(field, why) of everything wrong with `score`; its value is checked by `measure`."""
    yield from _texts(score)
    if not (score.trace_id or score.session_id or score.run_id):
        yield "trace_id", "Say what the score is about: trace_id, session_id or run_id."
    if score.span_id and not score.trace_id:
        yield "trace_id", "A span needs its trace."
    if score.source not in ScoreSource.values:
        yield "source", f"Must be one of {', '.join(ScoreSource.values)}."
    elif definition and definition.sources and score.source not in definition.sources:
        allowed = ", ".join(definition.sources)
        yield "source", f"{score.name!r} is given by {allowed}, not by {score.source}."
    if from_page and len(score.comment) > MOST_COMMENT_FROM_A_PAGE:
        yield "comment", f"A web page may send {MOST_COMMENT_FROM_A_PAGE:,} characters."
    if from_page and (score.metadata or score.run_id or score.config_id):
        yield "metadata", "A web page may send a value and a comment, nothing beside."


def faults_of_outcome(outcome: GivenOutcome) -> Found:
    """(field, why) of everything wrong with `outcome`."""
    yield from _texts(outcome)
    if not (outcome.trace_id or outcome.session_id):
        yield "trace_id", "Say what the outcome is about: trace_id or session_id."
    value = outcome.value
    if value is None:
        if outcome.unit:
            yield "unit", "A unit needs a value."
    elif not value.is_finite() or abs(value) >= MOST_OUTCOME:
        yield "value", "Must be a number below 100,000,000,000."
    elif value != value.quantize(Decimal("1e-9")):
        yield "value", "At most nine digits after the point."


def measure(score: GivenScore, definition: Definition | None) -> Measured | tuple[str, str]:
    """The value in the type of its definition, else in that which was said, else in its own.

    (field, why) where it does not fit.
    """
    value = score.value
    wanted = score.data_type or (definition.data_type if definition else "")
    if wanted and wanted not in DataType.values:
        return "data_type", f"Must be one of {_TYPES}."
    if definition and wanted != definition.data_type:
        return "data_type", f"{score.name!r} is defined as {definition.data_type}."
    kind = wanted or _own_type(value)
    if kind == DataType.CATEGORY:
        return _category(score, definition)
    if kind == DataType.BOOLEAN:
        if isinstance(value, str) or value not in (0, 1):
            return "value", "Must be true or false (or 1 or 0)."
        return Measured(kind, float(value), None)
    if isinstance(value, bool | str):
        return "value", "Must be a number."
    return _number(value, definition)


def _own_type(value: Any) -> str:
    if isinstance(value, bool):
        return DataType.BOOLEAN.value
    return DataType.CATEGORY.value if isinstance(value, str) else DataType.NUMBER.value


def _number(value: float, definition: Definition | None) -> Measured | tuple[str, str]:
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not isfinite(number):
        return "value", "Must be a finite number."
    if definition is not None:
        low, high = definition.minimum, definition.maximum
        if low is not None and number < low:
            return "value", f"Must be at least {low:g}."
        if high is not None and number > high:
            return "value", f"Must be at most {high:g}."
    return Measured(DataType.NUMBER.value, number, None)


def _category(score: GivenScore, definition: Definition | None) -> Measured | tuple[str, str]:
    label = score.value
    if not isinstance(label, str) or not label.strip():
        return "value", "Must be the name of a category."
    if len(label) > MOST_LABEL:
        return "value", f"A category may have {MOST_LABEL} characters."
    if _UNSTORABLE.search(label):
        return "value", "Holds a NUL or half a character."
    if definition and definition.categories and label not in definition.categories:
        return "value", f"Must be one of {', '.join(definition.categories)}."
    return Measured(DataType.CATEGORY.value, None, label)


def _texts(given: GivenScore | GivenOutcome) -> Found:
    if not given.name.strip():
        yield "name", "A name is needed."
    for name, most in _LIMITS.items():
        text = getattr(given, name, "")
        if len(text) > most:
            yield name, f"May have {most:,} characters, has {len(text):,}."
        elif _UNSTORABLE.search(text):
            yield name, "Holds a NUL or half a character."
    if given.at is not None and given.at.tzinfo is None:
        yield "at", "Needs a time zone."
    elif given.at is not None and not _EARLIEST <= given.at <= _LATEST:
        yield "at", "Must lie between the years 1970 and 2262."
    if given.metadata is not None:
        yield from _metadata(given.metadata)


def _metadata(metadata: dict[str, Any]) -> Found:
    try:
        written = orjson.dumps(metadata)
    except (TypeError, ValueError, RecursionError):
        yield "metadata", "Is not JSON that can be stored."
        return
    if len(written) > MOST_METADATA_BYTES:
        yield "metadata", f"May have {MOST_METADATA_BYTES:,} bytes, has {len(written):,}."
    elif _NUL_IN_JSON.search(written):
        yield "metadata", "Holds a NUL."

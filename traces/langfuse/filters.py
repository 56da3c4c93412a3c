"""The `filter` parameter: a JSON list of conditions, as one Q over our columns.

[{"type": "string", "column": "name", "operator": "contains", "value": "…"}, …]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.db.models import Q

from traces.ingest.record import KIND_NAMES, LEVEL_NAMES
from traces.langfuse.envelope import ApiError
from traces.langfuse.parameters import moment

Convert = Callable[[Any], Any]
# Name of a column of the API: ours, and how a value is brought into its form.
Columns = Mapping[str, tuple[str, Convert]]

KIND_NUMBERS = {name.upper(): number for number, name in KIND_NAMES.items()}
LEVEL_NUMBERS = {name: number for number, name in LEVEL_NAMES.items()}
MOST_CONDITIONS = 50

_COMPARED = {"=": "", ">": "__gt", "<": "__lt", ">=": "__gte", "<=": "__lte"}
_TEXTS = {
    "=": "",
    "contains": "__contains",
    "starts with": "__startswith",
    "ends with": "__endswith",
}


def text(value: Any) -> str:
    """A text that can be compared. Raises: ValueError."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("expected text")
    return value


def kind(value: Any) -> int:
    """The number of an observation type; of an unknown one a number that none has."""
    return KIND_NUMBERS.get(text(value).upper(), -1)


def level(value: Any) -> int:
    """The number of a level."""
    return LEVEL_NUMBERS.get(text(value).upper(), -1)


def at(value: Any) -> Any:
    """A moment."""
    return moment(value, "filter")


def microseconds(value: Any) -> int:
    """Microseconds from seconds."""
    return round(float(value) * 1_000_000)


def nano(value: Any) -> int:
    """Nano-dollars from dollars."""
    return round(float(value) * 1_000_000_000)


TRACE_COLUMNS: Columns = {
    "id": ("trace_id", text),
    "name": ("name", text),
    "timestamp": ("start_time", at),
    "userId": ("user_id", text),
    "sessionId": ("session_id", text),
    "environment": ("environment", text),
    "release": ("release", text),
    "latency": ("duration_us", microseconds),
    "totalCost": ("cost_nano", nano),
    "tags": ("facets", lambda value: f"t:{text(value)}"),
}
OBSERVATION_COLUMNS: Columns = {
    "id": ("span_id", text),
    "type": ("kind", kind),
    "name": ("name", text),
    "traceId": ("trace_id", text),
    "startTime": ("start_time", at),
    "environment": ("environment", text),
    "level": ("level", level),
    "statusMessage": ("status_message", text),
    "userId": ("user_id", text),
    "sessionId": ("session_id", text),
    "parentObservationId": ("parent_span_id", text),
    "promptName": ("prompt_name", text),
    "promptVersion": ("prompt_version", lambda value: str(value)),
    "model": ("model", text),
    "providedModelName": ("model", text),
    "latency": ("duration_us", microseconds),
    "timeToFirstToken": ("ttft_us", microseconds),
    "totalCost": ("cost_nano", nano),
}


def conditions(sent: str, columns: Columns) -> Q:
    """All conditions of a filter together. Raises: ApiError 400 for what cannot be answered."""
    try:
        given = orjson.loads(sent)
    except orjson.JSONDecodeError:
        raise ApiError(400, "filter: Must be JSON.") from None
    if not isinstance(given, list) or len(given) > MOST_CONDITIONS:
        raise ApiError(400, f"filter: Must be a list of at most {MOST_CONDITIONS} conditions.")
    whole = Q()
    for condition in given:
        if not isinstance(condition, dict):
            raise ApiError(400, "filter: A condition is an object.")
        whole &= _condition(condition, columns)
    return whole


def _condition(condition: dict[str, Any], columns: Columns) -> Q:
    name, operator = condition.get("column"), condition.get("operator")
    kind_of = condition.get("type")
    if kind_of == "boolean" and name == "isRootObservation" and "parentObservationId" in columns:
        wanted = condition.get("value") is True
        return Q(parent_span_id__isnull=wanted if operator == "=" else not wanted)
    known = columns.get(name) if isinstance(name, str) else None
    if known is None:
        raise ApiError(400, f"filter: This installation cannot narrow by {str(name)[:60]!r}.")
    column, convert = known
    try:
        found = _compared(column, convert, kind_of, operator, condition.get("value"))
    except (ValueError, TypeError, OverflowError):
        raise ApiError(400, f"filter: {name} has a value of another type.") from None
    if found is None:
        raise ApiError(400, f"filter: {kind_of!s:.30} has no operator {operator!s:.30}.")
    return found


def _compared(column: str, convert: Convert, kind_of: Any, operator: Any, value: Any) -> Q | None:
    if kind_of == "null" and operator in ("is null", "is not null"):
        return Q(**{f"{column}__isnull": operator == "is null"})
    if kind_of in ("stringOptions", "arrayOptions", "categoryOptions"):
        if not isinstance(value, list):
            raise ValueError
        return _among(column, [convert(one) for one in value], operator)
    if kind_of == "string" and operator == "does not contain":
        return ~Q(**{f"{column}__contains": convert(value)}) | Q(**{f"{column}__isnull": True})
    lookups = _TEXTS if kind_of == "string" else _COMPARED
    if kind_of not in ("string", "number", "datetime") or operator not in lookups:
        return None
    return Q(**{f"{column}{lookups[operator]}": convert(value)})


def _among(column: str, values: list[Any], operator: Any) -> Q | None:
    if column == "facets":
        lookup = {"any of": "overlap", "all of": "contains", "none of": "overlap"}.get(operator)
    else:
        lookup = {"any of": "in", "none of": "in"}.get(operator)
    if lookup is None:
        return None
    hit = Q(**{f"{column}__{lookup}": values})
    if operator == "none of":
        return ~hit | Q(**{f"{column}__isnull": True})
    return hit

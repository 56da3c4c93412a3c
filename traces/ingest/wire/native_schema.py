"""The shapes of `POST /api/v1/traces`, checked by msgspec against these structs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

Id = str | int
# Unix nanoseconds, or ISO 8601.
Time = int | str
Money = int | float | str


class NativeTokens(msgspec.Struct, kw_only=True):
    """Token counts of a call; the totals include the parts named beside them."""

    input_total: int | None = None
    output_total: int | None = None
    total: int | None = None
    input_cached: int | None = None
    input_cache_write: int | None = None
    input_audio: int | None = None
    output_reasoning: int | None = None
    output_audio: int | None = None


class NativeCost(msgspec.Struct, kw_only=True):
    """What a call cost, in USD, by the sender's own account."""

    input: Money | None = None
    output: Money | None = None
    total: Money | None = None


class NativeEvent(msgspec.Struct, kw_only=True):
    """Something that happened within a span."""

    name: str = ""
    time: Time | None = None
    attributes: dict[str, Any] = {}


class NativeTool(msgspec.Struct, kw_only=True):
    """The tool a span ran."""

    name: str
    call_id: str | None = None
    arguments: Any = None
    result: Any = None


class Shared(msgspec.Struct, kw_only=True):
    """What a trace may say for all its spans; a span's own value wins."""

    trace_id: Id | None = None
    user_id: Id | None = None
    user_segment: str | None = None
    route: str | None = None
    session_id: Id | None = None
    tags: list[str] | None = None
    metadata: dict[str, Any] | None = None
    environment: str | None = None
    release: str | None = None
    version: str | None = None
    feature: str | None = None


class NativeTrace(Shared, kw_only=True):
    """A trace with its spans, nested or flat. `input` and `output` go to a root without its own."""

    id: Id | None = None
    name: str | None = None
    input: Any = None
    output: Any = None
    spans: list[Any] = []


class NativeSpan(Shared, kw_only=True):
    """A span; `spans` or `children` hold the spans below it."""

    span_id: Id | None = None
    id: Id | None = None
    parent_span_id: Id | None = None
    name: str | None = None
    kind: str | None = None
    start: Time | None = None
    start_time: Time | None = None
    end: Time | None = None
    end_time: Time | None = None
    level: str | None = None
    status_message: str | None = None
    error_type: str | None = None
    model: str | None = None
    model_requested: str | None = None
    provider: str | None = None
    operation_name: str | None = None
    response_id: str | None = None
    finish_reasons: list[str] | None = None
    input: Any = None
    output: Any = None
    system_instructions: Any = None
    params: dict[str, Any] | None = None
    tool_definitions: Any = None
    tool: NativeTool | None = None
    documents: list[Any] | None = None
    tokens: NativeTokens | None = None
    cost_usd: Money | NativeCost | None = None
    cost_given: Money | NativeCost | None = None
    time_to_first_token: float | None = None  # seconds
    prompt_name: str | None = None
    prompt_version: Id | None = None
    index_name: str | None = None
    index_version: Id | None = None
    attributes: dict[str, Any] = {}
    events: list[NativeEvent] = []
    spans: list[Any] = []
    children: list[Any] = []


TRACE_FIELDS = frozenset(NativeTrace.__struct_fields__)
SPAN_FIELDS = frozenset(NativeSpan.__struct_fields__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FRACTION = re.compile(r"[.,](\d{1,30})")
# Below this a number is no count of nanoseconds of our time (it would be April 1970).
_SMALLEST = 10**16


def time_ns(value: Time) -> int:
    """Return Unix nanoseconds from Unix nanoseconds or ISO 8601 (UTC where no offset is given).

    Raises:
        ValueError: with a text for the sender.
    """
    if isinstance(value, str):
        if value.isdecimal() and len(value) < 30:
            value = int(value)
        else:
            return _iso_ns(value)
    if 0 < value < _SMALLEST:
        raise ValueError(
            "Expected Unix nanoseconds; the number looks like seconds, milli- or microseconds"
        )
    if value <= 0:
        raise ValueError("Expected a time after 1970")
    return value


def _iso_ns(value: str) -> int:
    fraction = _FRACTION.search(value)
    nanoseconds = 0
    whole = value
    if fraction:  # datetime stops at microseconds
        nanoseconds = int(fraction[1][:9].ljust(9, "0"))
        whole = value[: fraction.start()] + value[fraction.end() :]
    try:
        moment = datetime.fromisoformat(whole.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        past = moment - _EPOCH
    except (ValueError, OverflowError):
        raise ValueError(f"Expected ISO 8601 or Unix nanoseconds, got {value[:40]!r}") from None
    if past.days < 0:
        raise ValueError("Expected a time after 1970")
    return (past.days * 86_400 + past.seconds) * 1_000_000_000 + nanoseconds

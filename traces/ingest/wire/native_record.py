"""From one span of our own JSON to its record."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import msgspec

from traces.ingest.canonical.mapping import limited_tags, set_usage
from traces.ingest.dialects.documents import documents_of
from traces.ingest.dialects.fields import amount, microseconds, provider
from traces.ingest.record import KIND_NAMES, LEVEL_NAMES, Kind, Level, SpanRecord
from traces.ingest.wire.clean import Cleaner
from traces.ingest.wire.native_schema import NativeCost, NativeSpan, NativeTrace, Time, time_ns
from traces.ingest.wire.otlp import times

_KINDS = {name: Kind(number) for number, name in KIND_NAMES.items()}
_LEVELS = {name: Level(number) for number, name in LEVEL_NAMES.items()}

# Text fields that are copied as they are, within the limit of a column.
_TEXTS = (
    "error_type",
    "model",
    "model_requested",
    "operation_name",
    "response_id",
    "prompt_name",
    "prompt_version",
    "index_name",
    "index_version",
)
_SHARED_TEXTS = (
    "user_id",
    "user_segment",
    "session_id",
    "environment",
    "release",
    "version",
    "feature",
    "route",
)
# Our names for counts that `usage.Counts` names otherwise.
_COUNTS = {
    "input_cached": "cached",
    "input_cache_write": "cache_write",
    "output_reasoning": "reasoning",
}
_VALUES = ("input", "output", "system_instructions", "params", "tool_definitions")


class Faulty(Exception):
    """A field that does not fit; the text is for the sender."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class Inherited:
    """What the trace says for its spans, its id, and the fields of it that are not ours."""

    trace: NativeTrace
    trace_id: str
    unknown: dict[str, Any]


def record_of(
    span: NativeSpan,
    parent: str | None,
    inherited: Inherited,
    unknown: dict[str, Any],
    cleaner: Cleaner,
) -> SpanRecord:
    """Return the record of a span below `parent`; `unknown` are its fields that are not ours.

    Raises:
        Faulty: for a field that cannot be taken.
    """
    trace = inherited.trace
    start = _time(span.start if span.start is not None else span.start_time, "start_time")
    if not start:
        raise Faulty("start_time", "A span needs start_time (ISO 8601) or start (Unix nanoseconds)")
    end = _time(span.end if span.end is not None else span.end_time, "end_time")
    start_ns, end_ns = times(start, end, cleaner)
    span_id = check_id(span.span_id if span.span_id is not None else span.id, cleaner, "span_id")
    if parent is None:
        parent = check_id(span.parent_span_id, cleaner, "parent_span_id")
    own_trace = check_id(span.trace_id, cleaner, "trace_id")
    kind = _kind(span)
    name = span.name or (trace.name if parent is None else None) or KIND_NAMES[kind]
    record = SpanRecord(
        trace_id=own_trace or inherited.trace_id,
        span_id=span_id or secrets.token_hex(8),
        name=cleaner.text(name, "name", cleaner.limits.name),
        parent_span_id=parent,
        start_ns=start_ns,
        end_ns=end_ns,
        kind=kind,
        level=_level(span),
        dialect="native",
    )
    _set_texts(record, span, trace, cleaner)
    _set_content(record, span, trace, cleaner)
    _set_usage(record, span, cleaner)
    attributes = dict(span.attributes)
    if parent is None and trace.name and trace.name != name:
        attributes.setdefault("roadworthy.trace.name", trace.name)
        record.trace_name = trace.name
    for key, value in ({**inherited.unknown, **unknown} if parent is None else unknown).items():
        # A field we do not know is kept where the sender can see it, not lost.
        attributes.setdefault(key, value)
        cleaner.mark(key, "unknown field")
    record.attributes = _limited(attributes, cleaner)
    record.events = _events(span, cleaner)
    return record


def check_id(value: str | int | None, cleaner: Cleaner, field: str = "trace_id") -> str | None:
    """Return an id as text; None where none is given. Raises Faulty when it is too long."""
    if value is None:
        return None
    known = cleaner.text(str(value), field, 10_000)
    if len(known) > cleaner.limits.id:
        raise Faulty(field, f"An id may have {cleaner.limits.id} characters, got {len(known)}")
    return known or None


def _time(value: Time | None, field: str) -> int:
    if value is None:
        return 0
    try:
        return time_ns(value)
    except ValueError as fault:
        raise Faulty(field, str(fault)) from None


def _kind(span: NativeSpan) -> int:
    if span.kind is not None:
        kind = _KINDS.get(span.kind.lower())
        if kind is None:
            raise Faulty("kind", f"Expected one of {', '.join(_KINDS)}, got {span.kind[:40]!r}")
        return kind
    if span.tool is not None:
        return Kind.TOOL
    if span.documents:
        return Kind.RETRIEVER
    return Kind.GENERATION if span.model or span.model_requested else Kind.SPAN


def _level(span: NativeSpan) -> int:
    if span.level is None:
        return Level.ERROR if span.error_type else Level.DEFAULT
    level = _LEVELS.get(span.level.upper())
    if level is None:
        raise Faulty("level", f"Expected one of {', '.join(_LEVELS)}, got {span.level[:40]!r}")
    return level


def _set_texts(record: SpanRecord, span: NativeSpan, trace: NativeTrace, cleaner: Cleaner) -> None:
    limit = cleaner.limits.column
    for name in _TEXTS:
        value = getattr(span, name)
        if value is not None and value != "":
            setattr(record, name, cleaner.text(str(value), name, limit))
    for name in _SHARED_TEXTS:
        value = getattr(span, name)
        if value is None:
            value = getattr(trace, name)
        if value is not None and value != "":
            setattr(record, name, cleaner.text(str(value), name, limit))
    known = provider(span.provider)
    record.provider = None if known is None else cleaner.text(known, "provider", limit)
    if record.model is None:
        record.model = record.model_requested
    if span.status_message:
        most = cleaner.limits.status_message
        record.status_message = cleaner.text(span.status_message, "status_message", most)
    if span.finish_reasons:
        record.finish_reasons = [
            cleaner.text(word, "finish_reasons", limit) for word in span.finish_reasons
        ]
    tags = span.tags if span.tags is not None else trace.tags
    record.tags = limited_tags(tags, cleaner) if tags else None


def _set_content(
    record: SpanRecord, span: NativeSpan, trace: NativeTrace, cleaner: Cleaner
) -> None:
    for name in _VALUES:
        value = getattr(span, name)
        if value is None and name in ("input", "output") and record.parent_span_id is None:
            value = getattr(trace, name)
        if value is not None:
            setattr(record, name, cleaner.value(value, name))
    metadata = span.metadata if span.metadata is not None else trace.metadata
    if metadata:
        record.metadata = cleaner.value(metadata, "metadata")
    if span.tool is not None:
        record.tool = cleaner.value(msgspec.structs.asdict(span.tool), "tool")
    if span.documents:
        record.documents = documents_of(cleaner.value(span.documents, "documents"))


def _set_usage(record: SpanRecord, span: NativeSpan, cleaner: Cleaner) -> None:
    if span.time_to_first_token is not None:
        record.ttft_us = microseconds(span.time_to_first_token)
    tokens = span.tokens
    if tokens is not None:
        sent = msgspec.structs.asdict(tokens)
        record.usage = cleaner.value({k: v for k, v in sent.items() if v is not None}, "tokens")
        if record.usage:
            counts = {_COUNTS.get(k, k): v for k, v in sent.items() if v is not None}
            set_usage(record, counts, cleaner)
    for field in ("cost_given", "cost_usd"):
        cost = getattr(span, field)
        if cost is None:
            continue
        parts = cost if isinstance(cost, NativeCost) else NativeCost(total=cost)
        given = {k: v for k, v in msgspec.structs.asdict(parts).items() if v is not None}
        for name, value in given.items():
            if amount(value) is None or len(str(value)) > 60:
                where = f"{field}.{name}" if isinstance(cost, NativeCost) else field
                raise Faulty(where, "Expected an amount of USD, 0 or more")
        record.cost_given = given or None


def _limited(attributes: dict[str, Any], cleaner: Cleaner) -> dict[str, Any]:
    most = cleaner.limits.attributes
    if len(attributes) > most:
        cleaner.mark("attributes", "count", most, len(attributes))
        attributes = dict(list(attributes.items())[:most])
    return {
        cleaner.key(key, "attributes"): cleaner.value(value, f"attributes.{key}")
        for key, value in attributes.items()
    }


def _events(span: NativeSpan, cleaner: Cleaner) -> list[dict[str, Any]]:
    most = cleaner.limits.events
    if len(span.events) > most:
        cleaner.mark("events", "count", most, len(span.events))
    return [
        {
            "name": cleaner.text(event.name, f"events[{index}].name", cleaner.limits.name),
            "time_ns": _time(event.time, f"events[{index}].time") or None,
            "attributes": cleaner.value(event.attributes, f"events[{index}].attributes"),
        }
        for index, event in enumerate(span.events[:most])
    ]

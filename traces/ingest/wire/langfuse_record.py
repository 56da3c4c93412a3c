"""One span or trace of Langfuse's ingestion, made of all parts of it that have come.

A part is the body of one event: every field it has is said at the event's time, and of each field
the latest word counts, whatever the order of arrival. Pure.
"""

from __future__ import annotations

from typing import Any

import orjson

from traces.ingest.canonical.mapping import fill
from traces.ingest.dialects.fields import instant, strings, text
from traces.ingest.dialects.langfuse_ingestion import METADATA, SCOPE
from traces.ingest.dialects.registry import table_for
from traces.ingest.record import TRACE_FACTS, Kind, SpanRecord
from traces.ingest.wire.clean import Cleaner
from traces.ingest.wire.otlp import times

# Where `versions` keeps when the first part was said.
FIRST = ""
# What names the object or its place, and is no field of it.
_NAMES = frozenset({"id", "traceId"})
_OK = 1  # OpenTelemetry's status code
TRACE = "TRACE"


class Parts:
    """Collects the parts of one object; `add` them in any order."""

    def __init__(
        self, attributes: dict[str, Any] | None = None, versions: dict[str, int] | None = None
    ) -> None:
        self.attributes = dict(attributes or {})
        self.versions = dict(versions or {})

    def add(self, body: dict[str, Any], at_us: int) -> None:
        """Add the fields of a body said at `at_us`. What is null is not said."""
        self._first(at_us)
        for name, value in body.items():
            if name in _NAMES or value is None:
                continue
            if name == "metadata" and isinstance(value, dict):
                for key, inner in value.items():
                    self._say(METADATA + key, inner, at_us)
            else:
                self._say(name, value, at_us)

    def join(self, attributes: dict[str, Any], versions: dict[str, int]) -> None:
        """Add what another collection of the same object knows."""
        if FIRST in versions:
            self._first(versions[FIRST])
        for name, value in attributes.items():
            self._say(name, value, versions.get(name, 0))

    def _first(self, at_us: int) -> None:
        self.versions[FIRST] = min(at_us, self.versions.get(FIRST, at_us))

    def _say(self, name: str, value: Any, at_us: int) -> None:
        if name == "tags":
            value = sorted(set(strings(value) or ()))
        if name not in self.attributes:
            self.attributes[name], self.versions[name] = value, at_us
            return
        known = self.attributes[name]
        if name == "tags":  # tags are added to, never taken away
            self.attributes[name] = sorted({*known, *value})
            self.versions[name] = max(at_us, self.versions.get(name, 0))
        elif (at_us, _text(value)) > (self.versions.get(name, 0), _text(known)):
            self.attributes[name], self.versions[name] = value, at_us


def _text(value: Any) -> bytes:
    """A text by which two values said at the same moment have an order."""
    return orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)


def record_of(
    trace_id: str,
    span_id: str,
    parts: Parts,
    cleaner: Cleaner,
    *,
    version: str | None = None,
    resource: dict[str, Any] | None = None,
) -> SpanRecord:
    """Return the record of what is known; `cleaner.cuts` becomes its list of cuts.

    Without a start it stands where its first part was said, and says so (`sent_start_ns` 0).
    `version` is that of the SDK.
    """
    attributes = parts.attributes
    is_trace = span_id == TRACE_FACTS
    sent_start = instant(attributes.get("timestamp" if is_trace else "startTime"))
    sent_end = None if is_trace else instant(attributes.get("endTime"))
    start, end = times(sent_start or 0, sent_end or 0, cleaner)
    record = SpanRecord(
        trace_id=trace_id,
        span_id=span_id,
        # A trace that was given no name is called what its root is.
        name=cleaner.text(
            text(attributes.get("name")) or ("" if is_trace else _kind_word(attributes)),
            "name",
            cleaner.limits.name,
        ),
        parent_span_id=None if is_trace else _parent(attributes, cleaner),
        start_ns=parts.versions.get(FIRST, 0) * 1000 if start is None else start,
        end_ns=end,
        attributes=attributes,
        resource=resource or {},
        scope_name=SCOPE,
        scope_version=version,
        cuts=cleaner.cuts,
        versions=parts.versions,
    )
    if start is None:
        record.sent_start_ns = 0
    fill(record, table_for(SCOPE, version), {}, _OK, cleaner)
    if is_trace:
        record.kind, record.usage_counts = Kind.SPAN, False
    elif record.kind == Kind.EVENT and end is None:
        record.end_ns = record.start_ns  # a moment, and not something that still runs
    return record


def _kind_word(attributes: dict[str, Any]) -> str:
    return (text(attributes.get("type")) or "span").lower()


def _parent(attributes: dict[str, Any], cleaner: Cleaner) -> str | None:
    parent = text(attributes.get("parentObservationId"))
    return None if parent is None else cleaner.text(parent, "parent_span_id", cleaner.limits.id)

"""One OTLP request being taken apart: what its protobuf and its JSON form share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from traces.ingest.canonical.mapping import Found, fill, of_resource
from traces.ingest.dialects.registry import Table, language_of, table_for
from traces.ingest.record import SpanRecord
from traces.ingest.wire.clean import Cleaner
from traces.ingest.wire.limits import MAX_TIME_NS, Limits

JsonObject = dict[str, Any]
# Sent by embedding instrumentations: thousands of numbers nobody reads here.
VECTOR = ".embedding.vector"
# Rejections told apart; a sender with more faults needs no more examples.
MOST_REASONS = 100
# Stands for a value that is left out, and marked.
DROPPED = object()


@dataclass(frozen=True, slots=True)
class Rejection:
    """Spans that were not taken: the place in the request, why, and how many."""

    where: str
    reason: str
    count: int = 1


class Batch:
    """Collects the records and rejections of one request; knows the resource and scope in hand.

    The records of one resource share its dict, and those of a scope its attributes: whoever changes
    them must replace, not mutate.
    """

    def __init__(self, limits: Limits, *, lenient: bool = False) -> None:
        self.limits = limits
        self.cleaner = Cleaner(limits, lenient=lenient)
        self.records: list[SpanRecord] = []
        self.rejected: list[Rejection] = []
        self._refused = 0
        self._resource: JsonObject = {}
        self._resource_cuts: list[JsonObject] = []
        self._resource_found: Found = {}
        self._scope: tuple[str | None, str | None, JsonObject] = (None, None, {})
        self._scope_cuts: list[JsonObject] = []
        self.table: Table = table_for(None)

    @property
    def full(self) -> bool:
        """Whether the request has brought as many spans as one may, good or bad."""
        return len(self.records) + self._refused >= self.limits.spans

    def begin(self) -> list[JsonObject]:
        """Start a new list of cuts and return it."""
        cuts: list[JsonObject] = []
        self.cleaner.cuts = cuts
        return cuts

    def enter_resource(self, attributes: JsonObject) -> None:
        """Go on with the spans of this resource; the cuts begun with it go to each of them."""
        self._resource = attributes
        self._resource_cuts = self.cleaner.cuts
        self._resource_found = of_resource(attributes)

    def enter_scope(self, name: str, version: str, attributes: JsonObject) -> None:
        """Go on with the spans of this instrumentation scope."""
        column = self.limits.column
        short_name = self.cleaner.text(name, "scope.name", column)
        short_version = self.cleaner.text(version, "scope.version", column)
        self._scope = (short_name or None, short_version or None, attributes)
        self._scope_cuts = self.cleaner.cuts
        language = language_of(self._resource)
        self.table = table_for(short_name or None, short_version or None, language)

    def reject(self, where: str, reason: str, count: int = 1) -> None:
        """Note spans that are not taken; after the first reasons only how many."""
        self._refused += count
        if len(self.rejected) <= MOST_REASONS:
            self.rejected.append(Rejection(where, reason, count))
        else:
            last = self.rejected[-1]
            self.rejected[-1] = Rejection(last.where, last.reason, last.count + count)

    def add(
        self,
        *,
        trace_id: str,
        span_id: str,
        parent_span_id: str | None,
        name: str,
        otel_kind: int,
        start: int,
        end: int,
        attributes: JsonObject,
        events: list[JsonObject],
        links: list[JsonObject],
        status: int,
        message: str,
        cuts: list[JsonObject],
    ) -> None:
        """Add a span: `cuts` is what `begin` returned for it; 0 as a time means not given."""
        cleaner = self.cleaner
        limit = self.limits.name
        if len(name) > limit or "\0" in name or cleaner.lenient:
            name = cleaner.text(name, "name", limit)
        start_ns, end_ns = times(start, end, cleaner)
        scope_name, scope_version, scope_attributes = self._scope
        record = SpanRecord(
            trace_id,
            span_id,
            name,
            parent_span_id,
            start_ns,
            end_ns,
            attributes=attributes,
            events=events,
            links=links,
            resource=self._resource,
            scope_attributes=scope_attributes,
            scope_name=scope_name,
            scope_version=scope_version,
            otel_kind=otel_kind if 0 <= otel_kind < 100 else 0,
            cuts=cuts,
            status_message=message or None,
        )
        fill(record, self.table, self._resource_found, status, cleaner)
        if self._resource_cuts or self._scope_cuts:
            cuts.extend(self._resource_cuts)
            cuts.extend(self._scope_cuts)
        self.records.append(record)


def times(start: int, end: int, cleaner: Cleaner) -> tuple[int | None, int | None]:
    """Return start and end in Unix nanoseconds: None for 0 and for what no clock can mean.

    An end before its start becomes the start, and is marked.
    """
    start_ns = moment(start, "start", cleaner)
    end_ns = moment(end, "end", cleaner)
    if start_ns is not None and end_ns is not None and end_ns < start_ns:
        cleaner.mark("end", "order", start_ns, end_ns)
        end_ns = start_ns
    return start_ns, end_ns


def moment(value: int, where: str, cleaner: Cleaner) -> int | None:
    """Return a time in Unix nanoseconds; None for 0, and, marked, for what no clock can mean."""
    if 0 < value <= MAX_TIME_NS:
        return value
    if value:
        cleaner.mark(where, "range", MAX_TIME_NS, value if abs(value) < 2**64 else str(value)[:40])
    return None

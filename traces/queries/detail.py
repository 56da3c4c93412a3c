"""One trace: its totals, its spans without content, the content of one span."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Q

from traces.digest.events import add_event
from traces.ingest.canonical.again import with_details
from traces.ingest.record import TRACE_FACTS
from traces.ingest.writer.merge import unpack
from traces.models import Span, SpanContent, Trace
from traces.queries.settling import waiting_events
from traces.queries.summaries import COLUMNS as TRACE_COLUMNS
from traces.queries.summaries import TraceSummary, summary

CHUNK = 500  # contents decompressed at a time

TREE_COLUMNS = (
    "span_id",
    "parent_span_id",
    "name",
    "kind",
    "level",
    "start_time",
    "duration_us",
    "ttft_us",
    "cost_nano",
    "counts",
    "model",
    "error_type",
    "status_message",
)
SPAN_COLUMNS = tuple(field.attname for field in Span._meta.concrete_fields if field.attname != "pk")


@dataclass(frozen=True, slots=True)
class TreeSpan:
    """What a row of the tree needs of a span."""

    span_id: str
    parent_span_id: str | None
    name: str
    kind: int
    level: int
    start_time: datetime
    duration_us: int | None
    ttft_us: int | None
    cost_nano: int | None
    counts: bool
    model: str | None
    error_type: str | None
    status_message: str | None


def get_trace(project_id: int, trace_id: str) -> TraceSummary | None:
    """The totals of a trace, or None where the project has no such trace."""
    if "\0" in trace_id:  # PostgreSQL's text cannot hold it
        return None
    found = Trace.objects.filter(project_id=project_id, trace_id=trace_id)
    row = found.values_list(*TRACE_COLUMNS).first()
    return None if row is None else summary(row)


def tree_spans(project_id: int, trace: TraceSummary) -> list[TreeSpan]:
    """All spans of a trace by start, as the tree needs them."""
    rows = _spans(project_id, trace).order_by("start_time", "span_id").values_list(*TREE_COLUMNS)
    return [TreeSpan(*row) for row in rows]


def spans_saying(project_id: int, trace: TraceSummary, text: str) -> set[str]:
    """Ids of the spans whose first words of input or output hold `text`, in any case."""
    if not text or "\0" in text:
        return set()
    says = Q(input_preview__icontains=text) | Q(output_preview__icontains=text)
    return set(_spans(project_id, trace).filter(says).values_list("span_id", flat=True))


def list_spans(project_id: int, trace: TraceSummary, *, most: int | None = None) -> list[Span]:
    """All spans of a trace by start, or the first `most` of them, without content."""
    return list(_spans(project_id, trace).order_by("start_time", "span_id")[:most])


def get_span(project_id: int, trace: TraceSummary, span_id: str) -> Span | None:
    """One span of a trace, without content."""
    if "\0" in span_id:
        return None
    found: Span | None = (
        _spans(project_id, trace).filter(span_id=span_id).order_by("start_time").first()
    )
    return found


def content_of(project_id: int, span: Span) -> dict[str, Any] | None:
    """The stored document of a span, or None where nothing is kept of it."""
    body = (
        SpanContent.objects.filter(
            project_id=project_id,
            trace_id=span.trace_id,
            span_id=span.span_id,
            start_time=span.start_time,
        )
        .values_list("body", flat=True)
        .first()
    )
    if body is None:
        return None
    waiting = waiting_events(project_id, span.trace_id, span.span_id)
    return document_of(body, waiting.get(span.span_id, ()))


def contents_of(project_id: int, trace: TraceSummary) -> Iterator[tuple[str, dict[str, Any]]]:
    """Span ids and stored documents of a whole trace, a few hundred at a time."""
    rows = SpanContent.objects.filter(
        project_id=project_id,
        trace_id=trace.trace_id,
        start_time__gte=trace.start_time,
        start_time__lte=trace.end_time,
    ).values_list("span_id", "body")
    waiting = waiting_events(project_id, trace.trace_id)
    for span_id, body in rows.iterator(CHUNK):
        yield span_id, document_of(body, waiting.get(span_id, ()))


def contents_of_spans(
    project_id: int, trace: TraceSummary, span_ids: Collection[str]
) -> dict[str, dict[str, Any]]:
    """Stored documents of some spans of a trace, by span id; of those that have one."""
    rows = SpanContent.objects.filter(
        project_id=project_id,
        trace_id=trace.trace_id,
        start_time__gte=trace.start_time,
        start_time__lte=trace.end_time,
        span_id__in=list(span_ids),
    ).values_list("span_id", "body")
    found = list(rows)
    if not found:
        return {}
    waiting = waiting_events(project_id, trace.trace_id)
    return {span_id: document_of(body, waiting.get(span_id, ())) for span_id, body in found}


def _spans(project_id: int, trace: TraceSummary) -> Any:
    """Between the trace's bounds, so that only the partitions that hold them are opened.

    What is said of the trace itself is kept like a span and is none.
    """
    return Span.objects.filter(
        project_id=project_id,
        trace_id=trace.trace_id,
        start_time__gte=trace.start_time,
        start_time__lte=trace.end_time,
    ).exclude(span_id=TRACE_FACTS)


def document_of(body: Any, waiting: Iterable[tuple[str, bytes]]) -> dict[str, Any]:
    """The document in `body`, with the events that have come meanwhile, and what they say."""
    document: dict[str, Any] = orjson.loads(unpack(bytes(body)))
    for digest, event in waiting:
        add_event(document, digest, event)
    if document.get("events"):
        document["attributes"] = with_details(document)
    return document

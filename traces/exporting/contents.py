"""The spans of several traces with all they hold, read together in a few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db.models import QuerySet

from traces.exporting.masking import mask
from traces.ingest.record import TRACE_FACTS
from traces.models import LogEvent, Span, SpanContent, Uncounted
from traces.queries.detail import CHUNK, document_of
from traces.queries.settling import NotCounted
from traces.queries.summaries import TraceSummary
from traces.rest.representation import span_whole, texts

MOST_SPANS = 1000  # whose contents are in memory at once; a larger trace is read alone
Texts = tuple[str | None, str | None]
_Waiting = dict[tuple[str, str], list[tuple[str, bytes]]]


@dataclass
class Held:
    """What the spans of a trace hold: each as JSON, by start, and the texts of the first one."""

    spans: list[bytes] = field(default_factory=list)
    texts: Texts = (None, None)


def groups(traces: Sequence[TraceSummary]) -> Iterator[list[TraceSummary]]:
    """The traces in their order, as many at once as hold few enough spans."""
    group: list[TraceSummary] = []
    spans = 0
    for trace in traces:
        if group and spans + trace.span_count > MOST_SPANS:
            yield group
            group, spans = [], 0
        group.append(trace)
        spans += trace.span_count
    if group:
        yield group


def wholes_of(project_id: int, traces: Sequence[TraceSummary]) -> dict[str, Held]:
    """The spans of these traces by trace id, masked, as `GET …/spans` gives them.

    Each is encoded as soon as it is read: what is held of a group is text, and no tree of objects.
    """
    spans = _between(Span.objects.all(), project_id, traces).exclude(span_id=TRACE_FACTS)
    reasons = {
        row[:2]: NotCounted(*row[2:])
        for row in Uncounted.objects.filter(
            project_id=project_id, trace_id__in=[trace.trace_id for trace in traces]
        ).values_list("trace_id", "span_id", "reason", "counted_span_id")
    }
    known = list(spans.order_by("start_time", "span_id"))
    by_id = {(span.trace_id, span.span_id): span for span in known}
    waiting = _waiting(project_id, traces)
    roots = {(trace.trace_id, trace.root_span_id) for trace in traces}
    encoded: dict[tuple[str, str], bytes] = {}
    found: dict[str, Held] = defaultdict(Held)
    contents = _between(SpanContent.objects.all(), project_id, traces)
    rows = contents.values_list("trace_id", "span_id", "body")
    for trace_id, span_id, body in rows.iterator(CHUNK):
        key = (trace_id, span_id)
        if key in by_id:
            document = document_of(body, waiting.get(key, ()))
            whole = span_whole(by_id[key], document, reasons.get(key))
            if key in roots:
                found[trace_id].texts = whole["input_text"], whole["output_text"]
            encoded[key] = _encoded(whole)
    for span in known:
        key = (span.trace_id, span.span_id)
        found[span.trace_id].spans.append(encoded.get(key) or _encoded(span_whole(span, None)))
    return found


def _encoded(whole: dict[str, Any]) -> bytes:
    mask([whole])
    return orjson.dumps(whole, default=str)


def root_texts_of(project_id: int, traces: Sequence[TraceSummary]) -> dict[str, Texts]:
    """What went into the first span of each trace and came out of it, where that is kept."""
    roots = {trace.trace_id: trace.root_span_id for trace in traces if trace.root_span_id}
    contents = _between(SpanContent.objects.all(), project_id, traces)
    rows = contents.filter(span_id__in=set(roots.values())).values_list(
        "trace_id", "span_id", "body"
    )
    waiting = _waiting(project_id, traces)
    return {
        trace_id: texts(document_of(body, waiting.get((trace_id, span_id), ())))
        for trace_id, span_id, body in rows.iterator(CHUNK)
        if roots.get(trace_id) == span_id
    }


def _between(rows: QuerySet[Any], project_id: int, traces: Sequence[TraceSummary]) -> QuerySet[Any]:
    """Those of the traces, within their time, so that only the partitions of it are opened."""
    return rows.filter(
        project_id=project_id,
        trace_id__in=[trace.trace_id for trace in traces],
        start_time__gte=min(trace.start_time for trace in traces),
        start_time__lte=max(trace.end_time for trace in traces),
    )


def _waiting(project_id: int, traces: Sequence[TraceSummary]) -> _Waiting:
    """Log events that have not joined their span yet, by trace and span."""
    rows = LogEvent.objects.filter(
        project_id=project_id, trace_id__in=[trace.trace_id for trace in traces], joined_at=None
    ).order_by("time_ns", "digest")
    found: _Waiting = defaultdict(list)
    for trace_id, span_id, digest, body in rows.values_list(
        "trace_id", "span_id", "digest", "body"
    ):
        found[trace_id, span_id].append((digest, bytes(body)))
    return found

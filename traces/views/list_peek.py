"""A trace beside the list: what it was about, what happened in it, how it was judged."""

from __future__ import annotations

from typing import Any

from traces.ingest.record import TRACE_FACTS, Kind, Level
from traces.models import Span, Trace
from traces.queries.summaries import COLUMNS, summary
from traces.views.feedback import scores_context
from traces.views.listing import Listing

MOST_STEPS = 14


def peek_context(listing: Listing) -> dict[str, Any]:
    """The trace that `peek` names; nothing where the project has none of that id."""
    project_id = listing.project.pk
    trace_id = listing.request.GET.get("peek", "")
    if not trace_id or "\0" in trace_id:
        return {"peeked": None}
    found = Trace.objects.filter(project_id=project_id, trace_id=trace_id)
    row = found.values_list(*COLUMNS).first()
    if row is None:
        return {"peeked": None, "missing": trace_id}
    trace = summary(row)
    spans = Span.objects.filter(
        project_id=project_id,
        trace_id=trace_id,
        start_time__gte=trace.start_time,
        start_time__lte=trace.end_time,
    ).exclude(span_id=TRACE_FACTS)
    steps = spans.order_by("start_time", "span_id").values_list(
        "span_id", "name", "kind", "level", "start_time", "duration_us", "model", "error_type"
    )[:MOST_STEPS]
    whole = max(trace.duration_us, 1)
    return {
        "peeked": trace,
        "steps": [
            {
                "id": span_id,
                "name": name,
                "kind": Kind(kind).name.lower(),
                "is_error": level == Level.ERROR,
                "fact": error if level == Level.ERROR else model,
                "duration_us": lasts,
                "x": f"{(start - trace.start_time).total_seconds() * 1e8 / whole:.1f}%",
                "width": f"{max((lasts or 0) / whole * 100, 1):.1f}%",
            }
            for span_id, name, kind, level, start, lasts, model, error in steps
        ],
        "more_steps": max(trace.span_count - MOST_STEPS, 0),
        **scores_context(project_id, [trace]),
    }

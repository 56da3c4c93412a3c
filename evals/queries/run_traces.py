"""What a trace says of an item of an experiment that Langfuse's SDKs ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from evals.values.pushed import PushedScore
from traces.ingest.canonical.represent import read_content
from traces.ingest.record import Level
from traces.models import DataType, Score
from traces.queries import detail
from traces.queries.summaries import TraceSummary

FAILED = "The item failed."


@dataclass(frozen=True)
class Told:
    """One item as its trace tells it; times and money of the item's own span and its trace."""

    trace_id: str
    span_id: str
    input: Any
    expected: Any
    output: Any
    error: str
    started_at: datetime
    duration_us: int | None
    cost_nano: int | None
    input_tokens: int | None
    output_tokens: int | None
    metadata: Any


def told_by_spans(project_id: int, trace: TraceSummary) -> dict[str, Any]:
    """What the spans of a trace say of its experiment, together; {} where none says anything."""
    said: dict[str, Any] = {}
    for _, document in detail.contents_of(project_id, trace):
        found = read_content(document).get("experiment")
        if isinstance(found, dict):
            said |= {name: value for name, value in found.items() if value not in (None, "")}
    return said


def told_of(
    project_id: int, trace: TraceSummary, said: Mapping[str, Any], span_id: str = ""
) -> Told:
    """What came of the item: of its root span, `span_id`, else the one that spans name."""
    named = said.get("item_root_span_id")
    wanted = span_id or (named if isinstance(named, str) else "") or trace.root_span_id or ""
    span = detail.get_span(project_id, trace, wanted) if wanted else None
    document = detail.content_of(project_id, span) if span is not None else None
    content = read_content(document) if document is not None else {}
    has_failed = span is not None and span.level == Level.ERROR
    message = (span.status_message or FAILED) if span is not None else FAILED
    is_metered = trace.call_count > 0
    return Told(
        trace_id=trace.trace_id,
        span_id=wanted,
        input=content.get("input", trace.input_preview),
        expected=said.get("expected_output"),
        output=content.get("output", None if has_failed else trace.output_preview),
        error=message if has_failed else "",
        started_at=span.start_time if span is not None else trace.start_time,
        duration_us=span.duration_us if span is not None else trace.duration_us,
        cost_nano=trace.cost if is_metered else None,
        input_tokens=trace.tokens_in if is_metered else None,
        output_tokens=trace.tokens_out if is_metered else None,
        metadata=said.get("item_metadata"),
    )


def pushed_scores_of(project_id: int, trace_id: str, span_id: str) -> list[PushedScore]:
    """The scores of an item: those of its trace, or of its root span."""
    found = Score.objects.filter(project_id=project_id, trace_id=trace_id).filter(
        Q(span_id=None) | Q(span_id="") | Q(span_id=span_id)
    )
    return [
        PushedScore(one.name, value, one.comment or "", source=one.source)
        for one in found.order_by("at", "id")
        if (value := _value(one)) is not None
    ]


def run_scores_of(project_id: int, run_id: str) -> list[Score]:
    """Scores of a run as a whole, which hang on no trace, by name."""
    if not run_id:
        return []
    found = Score.objects.filter(project_id=project_id, run_id=run_id, trace_id="")
    return list(found.order_by("name", "at", "id")[:200])


def _value(score: Score) -> bool | float | str | None:
    if score.data_type == DataType.CATEGORY:
        return score.label
    if score.num is None:
        return None
    return bool(score.num) if score.data_type == DataType.BOOLEAN else score.num

"""What of a trace may be shown to others: its shape. Names, times, models, tokens, costs; nothing
that anybody said, and neither its user nor its session, tags or ids of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from governance.redaction import redact_text
from kit.figures import instant
from traces.models import Span, TraceNote, TraceShare, TraceTag
from traces.queries import detail
from traces.queries.detail import TreeSpan
from traces.queries.summaries import TraceSummary

MOST_SPANS = 2_000  # the first by start; a page shows 200 rows of them
LONGEST_NAME = 200


def snapshot(project_id: int, trace: TraceSummary) -> dict[str, Any]:
    """The document that a link keeps: the totals, and spans under numbers instead of ids."""
    spans = detail.list_spans(project_id, trace, most=MOST_SPANS)
    numbers = {span.span_id: str(number) for number, span in enumerate(spans)}
    return {
        "name": _name(trace.name or "trace"),
        "start": instant(trace.start_time),
        "end": instant(trace.end_time),
        "duration_us": trace.duration_us,
        "cost_nano": trace.cost,
        "evaluator_nano": trace.evaluator_cost,
        "is_unpriced": trace.is_unpriced,
        "status": trace.status,
        "tokens_in": trace.tokens_in if trace.metered_count else None,
        "tokens_out": trace.tokens_out if trace.metered_count else None,
        "span_count": trace.span_count,
        "error_count": trace.error_count,
        "root": numbers.get(trace.root_span_id or ""),
        "models": _models(spans),
        "spans": [_span(span, numbers) for span in spans],
    }


def spans_of(document: dict[str, Any]) -> list[TreeSpan]:
    """The spans of a kept document, as the tree needs them."""
    return [
        TreeSpan(
            span_id=found["id"],
            parent_span_id=found["parent"],
            name=found["name"],
            kind=found["kind"],
            level=found["level"],
            start_time=datetime.fromisoformat(found["start"]),
            duration_us=found["duration_us"],
            ttft_us=found["ttft_us"],
            cost_nano=found["cost_nano"],
            counts=found["counts"],
            model=found["model"],
            error_type=None,
            status_message=None,
        )
        for found in document["spans"]
    ]


def shares_of(project_id: int, trace_id: str | None = None) -> QuerySet[TraceShare]:
    """Links of a project or of one of its traces, the newest first, without what they show."""
    found = TraceShare.objects.filter(project_id=project_id).defer("document")
    if trace_id is not None:
        found = found.filter(trace_id=trace_id)
    return found.order_by("-created_at", "-pk")


def notes_of(project_id: int, trace_id: str) -> list[TraceNote]:
    """Notes on a trace and its spans, the oldest first."""
    found = TraceNote.objects.filter(project_id=project_id, trace_id=trace_id)
    return list(found.order_by("at", "pk"))


def own_tags(project_id: int, trace_id: str) -> set[str]:
    """The tags of a trace that people gave."""
    found = TraceTag.objects.filter(project_id=project_id, trace_id=trace_id)
    return set(found.values_list("tag", flat=True))


def _span(span: Span, numbers: dict[str, str]) -> dict[str, Any]:
    parent = span.parent_span_id
    return {
        "id": numbers[span.span_id],
        "parent": numbers.get(parent, "missing") if parent else None,
        "name": _name(span.name),
        "kind": span.kind,
        "level": span.level,
        "start": span.start_time.isoformat(),
        "duration_us": span.duration_us,
        "ttft_us": span.ttft_us,
        "cost_nano": span.cost_nano,
        "counts": span.counts,
        "model": span.model,
    }


def _models(spans: list[Span]) -> list[dict[str, Any]]:
    """Calls, tokens and cost by model, of what counts."""
    found: dict[str, dict[str, Any]] = {}
    for span in spans:
        if not span.counts or not span.model:
            continue
        row = found.setdefault(
            span.model,
            {"model": span.model, "calls": 0, "tokens_in": None, "tokens_out": None, "cost": None},
        )
        row["calls"] += 1
        for name, parts in (
            ("tokens_in", (span.in_uncached, span.in_cached, span.in_cache_write, span.in_audio)),
            ("tokens_out", (span.out_text, span.out_reasoning, span.out_audio)),
            ("cost", (span.cost_nano,)),
        ):
            known = [part for part in parts if part is not None]
            if known:
                row[name] = (row[name] or 0) + sum(known)
    return [found[model] for model in sorted(found)]


def _name(text: str) -> str:
    return redact_text(text)[:LONGEST_NAME]

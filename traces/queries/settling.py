"""What the settled look at a trace has found, and what still waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from traces.models import DigestQueue, LogEvent, Uncounted


@dataclass(frozen=True, slots=True)
class NotCounted:
    """Why the usage of a span is in no total, and which span counts instead, if one does."""

    reason: str
    counted_span_id: str | None


def not_counted(
    project_id: int, trace_id: str, span_id: str | None = None
) -> dict[str, NotCounted]:
    """The spans of a trace whose usage is not counted, by id; of one span where it is given."""
    found = Uncounted.objects.filter(project_id=project_id, trace_id=trace_id)
    if span_id is not None:
        found = found.filter(span_id=span_id)
    return {
        row[0]: NotCounted(row[1], row[2])
        for row in found.values_list("span_id", "reason", "counted_span_id")
    }


def unsettled(project_id: int, trace_ids: Iterable[str]) -> set[str]:
    """Those of the traces that were written to and not yet looked at as wholes."""
    waiting = DigestQueue.objects.filter(project_id=project_id, trace_id__in=list(trace_ids))
    return set(waiting.values_list("trace_id", flat=True).distinct())


def waiting_events(
    project_id: int, trace_id: str, span_id: str | None = None
) -> dict[str, list[tuple[str, bytes]]]:
    """Log events that have come and not yet joined their span: span id -> (digest, body)."""
    found = LogEvent.objects.filter(project_id=project_id, trace_id=trace_id, joined_at=None)
    if span_id is not None:
        found = found.filter(span_id=span_id)
    waiting: dict[str, list[tuple[str, bytes]]] = {}
    for row in found.order_by("time_ns", "digest").values_list("span_id", "digest", "body"):
        waiting.setdefault(row[0], []).append((row[1], bytes(row[2])))
    return waiting

"""Whether anything has arrived, and when the newest did."""

from __future__ import annotations

from datetime import datetime

from traces.models import Trace


def has_traces(project_id: int) -> bool:
    """Whether anything has arrived."""
    return Trace.objects.filter(project_id=project_id).exists()


def newest_trace_at(project_id: int) -> datetime | None:
    """When the newest trace began."""
    newest = Trace.objects.filter(project_id=project_id).order_by("-start_time")
    return newest.values_list("start_time", flat=True).first()

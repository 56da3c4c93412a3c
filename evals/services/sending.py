"""Many traces go into a review queue, as a job of their list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import Project
from accounts.services.trail import Actor
from evals.models import ReviewQueue
from evals.queries.queue_candidates import of_traces
from evals.services.queues import BadQueue, add_items
from kit.requests import whole_number


def queue_options(project: Project, given: Mapping[str, str]) -> dict[str, Any]:
    """Which queue the form names. Raises: BadQueue."""
    queue = _queue(project, whole_number(given.get("queue", ""), digits=18))
    return {"queue": queue.pk, "name": queue.name}


def send_traces(
    project: Project, trace_ids: Sequence[str], options: Mapping[str, Any], *, actor: Actor
) -> int:
    """Add these traces to the queue; how many were not in it yet. Raises: BadQueue."""
    queue = _queue(project, options.get("queue"))
    return add_items(queue, of_traces(trace_ids), actor=actor).added


def _queue(project: Project, pk: int | None) -> ReviewQueue:
    open_ones = ReviewQueue.objects.filter(project=project, archived_at=None)
    found = open_ones.filter(pk=pk).first() if pk is not None else None
    if found is None:
        raise BadQueue("Choose a review queue that is open.", "queue")
    return found

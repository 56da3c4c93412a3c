"""What the command palette finds of judges and review queues: their pages, each by its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from accounts.models import Role
from evals.models import Evaluator, ReviewQueue
from evals.queries.judges import MODELS
from kit.palette import Entry

MOST = 5


def entries(person: Any, door: Any, text: str) -> Iterable[Entry]:
    """Both lists, and judges and open queues whose name holds `text`."""
    if door is None:
        return
    slug = door.project.slug
    judges = reverse("evals:judges", args=[slug])
    yield Entry("Judges", "page", href=judges, icon="scale", words="calibration kappa")
    queues = reverse("evals:queues", args=[slug])
    yield Entry("Review queue", "page", href=queues, icon="queue", words="label annotate")
    wanted = text.strip().replace("\0", "")[:200]
    if not wanted:
        return
    found = Evaluator.objects.filter(
        project=door.project, kind__in=MODELS, archived_at=None, name__icontains=wanted
    )
    for name in found.order_by("name").values_list("name", flat=True)[:MOST]:
        href = reverse("evals:judge", args=[slug, name])
        yield Entry(name, "judge", href=href, icon="scale", found=True)
    open_ones = ReviewQueue.objects.filter(
        project=door.project, archived_at=None, name__icontains=wanted
    )
    may = door.may(Role.ENGINEER)
    for pk, name in open_ones.order_by("name").values_list("pk", "name")[:MOST]:
        there = "evals:queue_label" if may else "evals:queue_items"
        yield Entry(name, "queue", href=reverse(there, args=[slug, pk]), icon="queue", found=True)

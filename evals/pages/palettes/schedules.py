"""What the command palette finds of quality: its page, and schedules by their names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from evals.models import Schedule
from kit.palette import Entry

MOST = 5


def entries(person: Any, door: Any, text: str) -> Iterable[Entry]:
    """The page, and the schedules whose name holds `text`."""
    if door is None:
        return
    slug = door.project.slug
    listed = reverse("evals:quality", args=[slug])
    yield Entry("Quality", "page", href=listed, icon="up", words="drift schedules alarms")
    wanted = text.strip().replace("\0", "")[:200]
    if not wanted:
        return
    found = Schedule.objects.filter(project=door.project, name__icontains=wanted)
    for pk, name in found.order_by("name").values_list("pk", "name")[:MOST]:
        href = reverse("evals:schedule", args=[slug, pk])
        yield Entry(name, "schedule", href=href, icon="up", found=True)

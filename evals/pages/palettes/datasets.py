"""What the command palette finds of datasets: their page, and each by its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from evals.models import Dataset
from kit.palette import Entry

MOST = 5


def entries(person: Any, door: Any, text: str) -> Iterable[Entry]:
    """The page of datasets, and those whose name holds `text`."""
    if door is None:
        return
    slug = door.project.slug
    yield Entry("Datasets", "page", href=reverse("evals:datasets", args=[slug]), icon="data")
    wanted = text.strip().replace("\0", "")[:200]
    if not wanted:
        return
    named = Dataset.objects.filter(project=door.project, archived_at=None, name__icontains=wanted)
    for name in named.order_by("name").values_list("name", flat=True)[:MOST]:
        href = reverse("evals:dataset", args=[slug, name])
        yield Entry(name, "dataset", href=href, icon="data", found=True)

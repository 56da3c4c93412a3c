"""What the command palette finds of gates: their page, and each by its prompt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from evals.models import Gate
from kit.palette import Entry

MOST = 5


def entries(person: Any, door: Any, text: str) -> Iterable[Entry]:
    """The list, and the gates of prompts whose name holds `text`."""
    if door is None:
        return
    slug = door.project.slug
    listed = reverse("evals:gates", args=[slug])
    yield Entry("Gates", "page", href=listed, icon="guardrail", words="ship")
    wanted = text.strip().replace("\0", "")[:200]
    if not wanted:
        return
    found = Gate.objects.filter(project=door.project, prompt__name__icontains=wanted)
    rows = found.order_by("prompt__name", "environment")
    for pk, name, environment in rows.values_list("pk", "prompt__name", "environment")[:MOST]:
        href = reverse("evals:gate", args=[slug, pk])
        yield Entry(
            f"Gate of {name} in {environment}", "gate", href=href, icon="guardrail", found=True
        )

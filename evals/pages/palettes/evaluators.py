"""What the command palette finds of evaluators: their pages, and each by its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from evals.models import Evaluator
from kit.palette import Entry

MOST = 5
_PAGES = (
    ("Evaluators", "evals:evaluators", "score checks rubric"),
    ("Live traffic", "evals:online", "online evals rules sampled budget"),
    ("Retrieval × generation", "evals:grounding", "hallucination rag grounding"),
)


def entries(person: Any, door: Any, text: str) -> Iterable[Entry]:
    """The pages of evaluators, and those whose name holds `text`."""
    if door is None:
        return
    slug = door.project.slug
    for name, to, words in _PAGES:
        yield Entry(name, "page", href=reverse(to, args=[slug]), icon="evaluator", words=words)
    wanted = text.strip().replace("\0", "")[:200]
    if not wanted:
        return
    named = Evaluator.objects.filter(project=door.project, archived_at=None, name__icontains=wanted)
    for name in named.order_by("name").values_list("name", flat=True)[:MOST]:
        href = reverse("evals:evaluator", args=[slug, name])
        yield Entry(name, "evaluator", href=href, icon="evaluator", found=True)

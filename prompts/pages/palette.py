"""What the command palette finds of prompts: pages, prompts by name, reviews by number or title."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django.urls import reverse

from kit.palette import Entry
from kit.requests import whole_number
from prompts.models import ChangeRequest, Prompt

MOST = 5


def entries(person: Any, door: Any, text: str) -> Iterable[Entry]:
    """Pages of the project, and what its registry holds of `text`."""
    if door is None:
        return
    slug = door.project.slug
    pages = (("Prompts", "prompts:prompts", "prompt"), ("Reviews", "prompts:reviews", "review"))
    for words, url, icon in pages:
        yield Entry(words, "page", href=reverse(url, args=[slug]), icon=icon)
    wanted = text.strip().replace("\0", "")[:200]
    if not wanted:
        return
    named = Prompt.objects.filter(
        project=door.project, archived_at=None, name__icontains=wanted
    ).order_by("name")
    for name in named.values_list("name", flat=True)[:MOST]:
        href = f"/p/{slug}/prompts/{quote(name)}/"
        yield Entry(name, "prompt", href=href, icon="prompt", found=True)
    number = whole_number(wanted.removeprefix("#"))
    asked = ChangeRequest.objects.filter(project=door.project)
    asked = (
        asked.filter(number=number) if number is not None else asked.filter(title__icontains=wanted)
    )
    for request in asked.order_by("-number")[:MOST]:
        href = reverse("prompts:review", args=[slug, request.number])
        words = f"#{request.number} {request.title}"
        yield Entry(words, "review", href=href, icon="review", found=True)

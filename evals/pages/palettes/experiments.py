"""What the command palette finds of experiments: their pages, runs by number or name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from accounts.models import Role
from evals.models import Experiment
from kit.palette import Entry
from kit.requests import whole_number

MOST = 5


def entries(person: Any, door: Any, text: str) -> Iterable[Entry]:
    """The list, a new one, and what the project has run of `text`."""
    if door is None:
        return
    slug = door.project.slug
    listed = reverse("evals:experiments", args=[slug])
    yield Entry("Experiments", "page", href=listed, icon="flask", words="evals runs compare")
    if door.may(Role.ENGINEER):
        new = reverse("evals:experiment_new", args=[slug])
        yield Entry("New experiment", "action", href=new, icon="plus", words="run on dataset")
    wanted = text.strip().replace("\0", "")[:200]
    if not wanted:
        return
    found = Experiment.objects.filter(project=door.project)
    number = whole_number(wanted.removeprefix("#"))
    found = (
        found.filter(number=number) if number is not None else found.filter(name__icontains=wanted)
    )
    for number, name in found.order_by("-number").values_list("number", "name")[:MOST]:
        href = reverse("evals:experiment", args=[slug, number])
        yield Entry(f"#{number} {name}", "experiment", href=href, icon="flask", found=True)

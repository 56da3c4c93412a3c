"""What every page of experiments does first: opens the door, finds the runs."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404, HttpRequest

from accounts.access import Door, enter
from accounts.models import Role, User
from evals.models import Experiment
from evals.queries.datasets import may_open_held_out as opens_held_out
from evals.queries.experiments import get_experiment
from evals.queries.runs import numbered
from kit.requests import whole_number

MOST_RUNS = 5


def open_experiment(
    request: HttpRequest, project_slug: str, number: int, *, least: Role = Role.VIEWER
) -> tuple[Door, Experiment]:
    """The door and the experiment. Raises: Http404, PermissionDenied."""
    door = enter(request, project_slug, least=least)
    found = get_experiment(door.project, number) if number < 2**31 else None
    if found is None:
        raise Http404("This project has no such experiment.")
    return door, found


def open_runs(door: Door, texts: Iterable[str]) -> list[Experiment]:
    """The experiments that `ids=401,412` names, in that order, five at most.

    Boxes that were ticked in the list come as `ids=412&ids=401`: the oldest of them comes first.
    """
    texts = list(texts)
    numbers = [
        number
        for text in texts
        for part in text[:200].split(",")
        if (number := whole_number(part.strip())) is not None
    ]
    wanted = list(dict.fromkeys(sorted(numbers) if len(texts) > 1 else numbers))
    return numbered(door.project, wanted[:MOST_RUNS])


def may_open_held_out(request: HttpRequest, door: Door, runs: Iterable[Experiment]) -> bool:
    """True where whoever looks may read the held-out items of every dataset of these runs."""
    person = request.user if isinstance(request.user, User) else None
    datasets = {one.dataset_id: one.dataset for one in runs if one.dataset is not None}
    return all(opens_held_out(person, door.role, dataset) for dataset in datasets.values())

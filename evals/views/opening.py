"""What every page of datasets does first: opens the door, finds the dataset, says its frame."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.access import Door, enter
from accounts.models import Role, User
from evals.models import Dataset, DatasetVersion, Gate
from evals.queries.datasets import HeldOut, dataset_named, gates_using, held_out_for, version_of


def open_dataset(
    request: HttpRequest, project_slug: str, name: str, *, least: Role = Role.VIEWER
) -> tuple[Door, Dataset]:
    """The door and the dataset, also one that is archived. Raises: Http404, PermissionDenied."""
    door = enter(request, project_slug, least=least)
    found = dataset_named(door.project, name) if "\0" not in name else None
    if found is None:
        raise Http404("This project has no such dataset.")
    found.project = door.project
    return door, found


def version_asked(dataset: Dataset, number: int | None) -> DatasetVersion | None:
    """The version of that number, or the newest; None of an empty dataset. Raises: Http404."""
    if number is None:
        return version_of(dataset)
    found = version_of(dataset, number) if number < 2**31 else None
    if found is None:
        raise Http404("This dataset has no such version.")
    return found


def held_out_of(request: HttpRequest, door: Door, dataset: Dataset) -> HeldOut:
    """May who looks open the held-out items, and why not."""
    return held_out_for(person(request), door.role, dataset)


def frame(door: Door, dataset: Dataset, tab: str = "") -> dict[str, Any]:
    """What stands around every page of a dataset."""
    slug, name = door.project.slug, dataset.name
    address = reverse("evals:dataset", args=[slug, name])
    list_address = reverse("evals:datasets", args=[slug])
    gates: list[Gate] = list(gates_using(dataset))
    words = (("items", "Items"), ("versions", "Versions"), ("settings", "Settings"))
    tabs = [
        {
            "text": text,
            "href": address if key == "items" else f"{address}?tab={key}",
            "current": key == tab,
            "count": dataset.last_number if key == "versions" else None,
        }
        for key, text in words
    ]
    crumbs = [{"text": "Datasets", "href": list_address}]
    if tab != "items":
        crumbs.append({"text": name, "href": address})
    return {
        "title": name.rpartition("/")[2],
        "crumbs": crumbs,
        "nav_current": "datasets",
        "dataset": dataset,
        "address": address,
        "tabs": tabs,
        "gates": gates,
        "may_write": door.may(Role.ENGINEER) and dataset.archived_at is None,
        "may_restore": door.may(Role.ENGINEER),
    }


def person(request: HttpRequest) -> User:
    """Who looks; `login_required` saw to it that it is a person."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def see(address: str) -> HttpResponse:
    """303 to another page."""
    response = redirect(address)
    response.status_code = 303
    return response

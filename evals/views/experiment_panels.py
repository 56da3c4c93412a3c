"""Pieces of other pages: runs of a prompt's version, runs over a dataset, the newest runs."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import Door, enter
from accounts.models import Role
from evals.pages.runs import run_of
from evals.queries.experiments import figures_of
from evals.queries.runs import Listing, Wanted, list_runs
from kit.requests import whole_number

IN_PANEL = 6
IN_OVERVIEW = 3


@require_GET
@login_required
def runs_panel(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The newest runs of a version of a prompt, or over a dataset, as a card."""
    door = enter(request, project_slug)
    asked = {
        name: request.GET.get(name, "").replace("\0", "")[:300]
        for name in ("prompt", "version", "dataset")
    }
    wanted = Wanted(
        prompt=asked["prompt"], version=whole_number(asked["version"]), dataset=asked["dataset"]
    )
    listing = list_runs(door.project, wanted, size=IN_PANEL)
    told = urlencode({name: value for name, value in asked.items() if value})
    title = "Runs" if asked["dataset"] else "Experiments of this version"
    return _card(request, door, listing, title=title, told=told, says_dataset=not asked["dataset"])


@require_GET
@login_required
def runs_overview(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The newest runs of the project; nothing where there are none."""
    door = enter(request, project_slug)
    listing = list_runs(door.project, Wanted(), size=IN_OVERVIEW)
    if not listing.rows:
        return HttpResponse("")
    return _card(request, door, listing, title="Newest experiments", told="", says_dataset=True)


def _card(
    request: HttpRequest, door: Door, listing: Listing, *, title: str, told: str,
    says_dataset: bool,
) -> HttpResponse:  # fmt: skip
    slug = door.project.slug
    figures = figures_of(listing.rows)
    listed, new = reverse("evals:experiments", args=[slug]), reverse("evals:experiment_new",
                                                                     args=[slug])  # fmt: skip
    context = {
        "rows": [{"run": run_of(one), "scores": figures[one.pk].scores[:2]}
                 for one in listing.rows],
        "title": title,
        "says_dataset": says_dataset,
        "all_href": f"{listed}?{told}" if told else listed,
        "new_href": f"{new}?{told}" if told else new,
        "has_more": listing.after is not None,
        "may_write": door.may(Role.ENGINEER),
        "may_start": door.may(Role.ENGINEER),
        "numbers": ",".join(str(one.number) for one in sorted(listing.rows[:5],
                                                              key=lambda one: one.number)),
    }  # fmt: skip
    return render(request, "evals/_runs_panel.html", context)

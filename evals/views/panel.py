"""The piece of the test panel in which an item of a dataset is chosen."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from accounts.access import enter
from accounts.models import Role
from evals.queries.panel_items import datasets_to_choose, items_to_choose
from kit.htmx import wants_piece


@require_GET
@login_required
def panel_items(request: HttpRequest, project_slug: str) -> HttpResponse:
    """Datasets, and the items of one; each leads back to the panel, filled in with it."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    datasets = list(datasets_to_choose(door)[:200])
    named = request.GET.get("dataset", "")
    chosen = next((one for one in datasets if one.name == named), None)
    if chosen is None and len(datasets) == 1:
        chosen = datasets[0]
    text = request.GET.get("q", "").strip()[:200].replace("\0", "")
    back = request.GET.get("back", "")
    inside = f"/p/{door.project.slug}/prompts/"
    if not (back.startswith(inside) and url_has_allowed_host_and_scheme(back, allowed_hosts=None)):
        back = ""
    context = {
        "project": door.project,
        "title": "Choose an item",
        "nav_current": "prompts",
        "datasets": datasets,
        "chosen": chosen,
        "rows": items_to_choose(chosen, text) if chosen else [],
        "text": text,
        "back": back,
        "is_piece": wants_piece(request),
    }
    template = "evals/panel_items.html"
    return render(request, f"{template}#items" if wants_piece(request) else template, context)

"""The gates that take their bar from a feature's target: a piece of the feature's page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import enter
from evals.queries.gates import list_gates


@require_GET
@login_required
def gates_of_feature(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Each gate of the feature with what it said last."""
    door = enter(request, project_slug)
    rows = [row for row in list_gates(door.project) if row.gate.feature == name]
    context = {"project": door.project, "rows": rows, "name": name}
    return render(request, "evals/_gates_of_feature.html", context)

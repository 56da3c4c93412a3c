"""Service objectives with their budgets: all of a project, and a feature's as a piece."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import enter
from alerts.pages.objectives import rows_of
from kit.htmx import HtmxRequest, render_page


@require_GET
@login_required
def objectives(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Every objective of the project: what of its budget is left, how fast it goes."""
    door = enter(request, project_slug)
    rows = rows_of(door.project, timezone.now())
    context = {
        "title": "Objectives",
        "crumbs": [{"text": "Alerts", "href": reverse("alerts:incidents", args=[project_slug])}],
        "nav_current": "alerts",
        "rows": rows,
        "burning": sum(row.chip.tone in ("bad", "warn") for row in rows),
    }
    return render_page(request, "alerts/objectives.html", context, partial="rows")


@require_GET
@login_required
def objectives_of_feature(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """A feature's objectives; nothing where its target asks for none."""
    door = enter(request, project_slug)
    rows = rows_of(door.project, timezone.now(), feature=name)
    if not rows:
        return HttpResponse()
    context = {"project": door.project, "rows": rows, "is_piece": True}
    return render(request, "alerts/_objectives.html", context)

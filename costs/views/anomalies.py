"""Anomalies of spend: all of them with the calendar, and one with its causes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.models import Role
from accounts.views.entry import person, see_other
from costs.forms.anomalies import EventForm
from costs.models import Anomaly, PlannedEvent
from costs.pages.anomaly import (
    HEIGHT,
    WIDTH,
    causes_of,
    course,
    factors_of,
    sentence_of,
    title_of,
    traces_of,
)
from costs.queries.anomalies import (
    anomalies_of,
    course_of,
    events_of,
    moves_around,
    prices_around,
)
from costs.services import anomalies as services
from costs.services.errors import BadPlan
from kit.htmx import HtmxRequest, render_page
from kit.requests import whole_number

PAGE = 50


@require_http_methods(["GET", "POST"])
@login_required
def anomaly_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """What was unexpected, the newest first; POST plans an event, for engineers."""
    least = Role.ENGINEER if request.method == "POST" else Role.VIEWER
    door = enter(request, project_slug, least=least)
    form, status = EventForm(), 200
    if request.method == "POST":
        form = EventForm(request.POST)
        if _planned(form, door, request):
            messages.success(request, "The event is expected.")
            return see_other("costs:anomalies", project_slug)
        status = 422
    before = whole_number(request.GET.get("before", ""), digits=18)
    rows = anomalies_of(door.project)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    now = datetime.now(UTC)
    context: dict[str, Any] = {
        "title": "Anomalies",
        "nav_current": "costs",
        "rows": [
            {"it": one, "title": title_of(one), "sentence": sentence_of(one)}
            for one in found[:PAGE]
        ],
        "older": found[PAGE - 1].pk if len(found) > PAGE else None,
        "events": list(events_of(door.project, now)[:50]),
        "form": form,
        "may_plan": door.may(Role.ENGINEER),
    }
    return render_page(request, "costs/anomaly_list.html", context, partial="rows", status=status)


@require_GET
@login_required
def anomaly(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """What happened, who spent it, what it grew by, what changed around it, and the traces."""
    door, found = _open(request, project_slug, pk)
    context = {
        "title": title_of(found),
        "nav_current": "costs",
        "crumbs": [{"text": "Anomalies", "href": reverse("costs:anomalies", args=[project_slug])}],
        "it": found,
        "sentence": sentence_of(found),
        "causes": causes_of(found),
        "factors": factors_of(found),
        "chart": course(found, course_of(found)),
        "width": WIDTH,
        "height": HEIGHT,
        "moves": moves_around(found),
        "prices": prices_around(found),
        "then": traces_of(project_slug, found.since, found.last_at, _of(found)),
        "earlier": traces_of(
            project_slug, found.since - (found.last_at - found.since), found.since, _of(found)
        ),
        "may_close": door.may(Role.ENGINEER) and found.state != Anomaly.State.NORMAL,
    }
    return render_page(request, "costs/anomaly.html", context, partial="body")


@require_POST
@login_required
def anomaly_normal(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """What runs since then is normal."""
    _, found = _open(request, project_slug, pk, least=Role.ENGINEER)
    services.call_normal(found, actor=person(request))
    messages.success(request, "Later spend is compared with what runs since then.")
    return see_other("costs:anomaly", project_slug, pk)


@require_POST
@login_required
def anomaly_known(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Who presses it knows of it; the overview says so."""
    _, found = _open(request, project_slug, pk, least=Role.ENGINEER)
    services.acknowledge(found, actor=person(request))
    messages.success(request, "It is known that you look after it.")
    return see_other("costs:anomaly", project_slug, pk)


@require_POST
@login_required
def event_drop(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """The event is expected no more."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    event = get_object_or_404(PlannedEvent, project=door.project, pk=pk)
    services.drop_event(event, actor=person(request))
    messages.success(request, "The event is expected no more.")
    return see_other("costs:anomalies", project_slug)


def _open(
    request: HtmxRequest, project_slug: str, pk: int, *, least: Role = Role.VIEWER
) -> tuple[Door, Anomaly]:
    door = enter(request, project_slug, least=least)
    return door, get_object_or_404(
        anomalies_of(door.project).select_related("project", "closed_by", "acknowledged_by"),
        pk=pk,
    )


def _planned(form: EventForm, door: Door, request: HtmxRequest) -> bool:
    if not form.is_valid():
        return False
    try:
        services.plan_event(door.project, **form.cleaned_data, actor=person(request))
    except BadPlan as bad:
        form.add_error(None, str(bad))
        return False
    return True


def _of(found: Anomaly) -> str:
    is_plain = found.feature and '"' not in found.feature
    return f'feature:"{found.feature}"' if is_plain else ""

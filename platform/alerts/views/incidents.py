"""The list of incidents, one of them, and the count in the navigation."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import Door, enter
from accounts.models import Role
from alerts.forms import SNOOZES
from alerts.models import Incident, State
from alerts.pages.incident import page_of, row_of
from alerts.queries import incidents as queries
from alerts.queries.channels import failing_channels, has_channel
from alerts.queries.quiet import maintenance_now
from alerts.queries.rules import cause_over_alarm
from alerts.services.drift import PREFIX
from kit.htmx import HtmxRequest, render_page

PAGE_SIZE = 50
MOST_ON_OVERVIEW = 5


@require_GET
@login_required
def incident_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """What is wrong now; `?state=resolved` what was."""
    door = enter(request, project_slug)
    is_past = request.GET.get("state") == State.RESOLVED
    older = None
    if is_past:
        text = request.GET.get("before", "")
        before = int(text[:18]) if text.isdecimal() else None
        found = list(
            queries.list_incidents(door.project, state=State.RESOLVED, before=before)[
                : PAGE_SIZE + 1
            ]
        )
        older = found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else None
        rows = found[:PAGE_SIZE]
    else:
        rows = queries.list_unresolved(door.project)
    counts = queries.count_by_state(door.project)
    resolved = counts.get(State.RESOLVED, 0)
    here = reverse("alerts:incidents", args=[project_slug])
    context = {
        "title": "Alerts",
        "nav_current": "alerts",
        "rows": [row_of(one) for one in rows],
        "is_past": is_past,
        "older": older,
        "open": counts.get(State.OPEN, 0),
        "tabs": [
            {
                "text": "Not resolved",
                "href": here,
                "count": sum(counts.values()) - resolved,
                "current": not is_past,
            },
            {
                "text": "Resolved",
                "href": f"{here}?state=resolved",
                "count": resolved,
                "current": is_past,
            },
        ],
        "failing": failing_channels(door.project),
        "maintenance": maintenance_now(door.project, timezone.now()),
        "reaches_somebody": has_channel(door.project),
        "may_settle": door.may(Role.ADMIN),
    }
    return render_page(request, "alerts/incident_list.html", context, partial="rows")


@require_GET
@login_required
def incident(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """What is wrong and how bad, what to do about it, and all that was done."""
    door = enter(request, project_slug)
    found = incident_of(door, pk)
    context = {
        "title": f"Incident {found.pk}",
        "crumbs": [{"text": "Alerts", "href": reverse("alerts:incidents", args=[project_slug])}],
        "nav_current": "alerts",
        "snoozes": list(SNOOZES.items()),
        **page_of(door, found),
    }
    return render_page(request, "alerts/incident.html", context, partial="body")


@require_GET
@login_required
def open_count(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The badge in the navigation: how many are open, or nothing."""
    door = enter(request, project_slug)
    return render(request, "alerts/_open.html", {"number": queries.count_open(door.project)})


@require_GET
@login_required
def incident_of_alarm(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """A piece for the page of an alarm: its incident, with Roll back where that is at hand."""
    door = enter(request, project_slug)
    found = queries.open_incident_of(door.project, f"{PREFIX}{pk}")
    if found is None and (cause := cause_over_alarm(door.project, pk)):
        found = queries.open_incident_of(door.project, cause)
    if found is None:
        return HttpResponse()
    lead = incident_of(door, found.lead_id or found.pk)
    context = {"project": door.project, **page_of(door, lead)}
    return render(request, "alerts/_of_alarm.html", context)


@require_GET
@login_required
def overview(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The overview's panel: what is open, the loudest first."""
    door = enter(request, project_slug)
    rows = queries.list_unresolved(door.project, most=MOST_ON_OVERVIEW)
    if not rows:
        return HttpResponse()  # the panel has nothing to say, and goes
    context = {"rows": [row_of(one) for one in rows]}
    return render(request, "alerts/_overview.html", context)


def incident_of(door: Door, pk: int) -> Incident:
    """An incident of this project. Raises: Http404."""
    found = queries.get_incident(door.project, pk)
    if found is None:
        raise Http404("The project has no such incident.")
    return found

"""What arrived in the last hour, and what intake refused, cut or moved: exporters hide it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import OperationalError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import enter
from accounts.settings_frame import settings_context
from kit import figures
from kit.htmx import HtmxRequest, render_page
from kit.requests import request_id
from traces.pages.limit_figures import is_limited, strip
from traces.queries.intake import LastHour, last_hour, list_notices
from traces.queries.limits import limits_of, used
from traces.queries.sampling import came_too_late, sampled_away

log = logging.getLogger(__name__)


@require_GET
@login_required
def intake(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Senders of the last hour, and the newest notices of the project."""
    door = enter(request, project_slug)
    context = settings_context(door, "intake", "Intake")
    context["notices"] = list_notices(door.project)
    try:
        hour = last_hour(door.project)
    except OperationalError:
        log.exception("the last hour of intake cannot be shown")
        context["failed_request"] = request_id.get()
    else:
        context |= {"hour": hour, "figures": _figures(hour), "lag": _lag(hour)}
        context["limits"] = _limits(door.project.pk)
    return render_page(request, "traces/intake.html", context, partial="arrived")


@require_GET
@login_required
def intake_before(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Where the page was before it moved below the settings."""
    door = enter(request, project_slug)
    return redirect("traces:intake", door.project.slug, permanent=True)


def _figures(hour: LastHour) -> list[dict[str, Any]]:
    whole = hour.whole
    marked = whole.cut + whole.clamped
    return [
        {"label": "Spans stored", "value": figures.count(whole.spans)},
        {"label": "Requests taken", "value": figures.count(whole.requests)},
        _bad("Requests refused", whole.refused),
        _bad("Spans refused", whole.rejected),
        {
            "label": "Spans changed",
            "value": figures.count(marked),
            "note": f"{figures.count(whole.cut)} cut, {figures.count(whole.clamped)} moved",
        },
    ]


def _limits(project_id: int) -> list[dict[str, Any]]:
    """How the project stands to its limits and what was sampled away; nothing where neither is."""
    since = timezone.now() - timedelta(hours=1)
    stored = limits_of(project_id)
    stands, gone = used(project_id, stored), sampled_away(project_id, since)
    if not is_limited(stored, stands, gone):
        return []
    return strip(stands, gone, came_too_late(project_id, since))


def _bad(label: str, number: int) -> dict[str, Any]:
    shown = {"label": label, "value": figures.count(number)}
    return {**shown, "note": "see below why", "tone": "bad"} if number else shown


def _lag(hour: LastHour) -> list[dict[str, Any]]:
    whole = hour.whole
    waits = figures.duration(int(hour.waiting_seconds * 1e6)) if hour.waiting else ""
    return [
        {
            "label": "Start to stored, p50",
            "value": figures.duration(whole.lag_p50_us),
            "note": "half of the spans",
        },
        {
            "label": "Start to stored, p95",
            "value": figures.duration(whole.lag_p95_us),
            "note": "19 of 20",
        },
        {
            "label": "Waiting to be settled",
            "value": figures.capped(hour.waiting, 100_000),
            "note": f"the oldest for {waits}" if waits else "nothing waits",
        },
    ]

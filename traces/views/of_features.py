"""What the pages of features show of traffic: pieces that they fetch after themselves."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import enter
from accounts.models import Role
from features.names import fault_of_name
from features.queries import features_of, target_of
from traces.pages.objectives import now_of
from traces.queries.by_feature import prompts_of, traffic_by_feature
from traces.query.compiling import PLATFORM_FEATURE
from traces.query.values import quoted

DAYS = timedelta(days=7)
MOST_UNREGISTERED = 50


@require_GET
@login_required
def feature_traffic(request: HttpRequest, project_slug: str) -> HttpResponse:
    """Figures of the last seven days for each registered feature, and those that are not."""
    door = enter(request, project_slug)
    until = timezone.now()
    traffic = traffic_by_feature(door.project.pk, since=until - DAYS, until=until)
    traffic.pop(PLATFORM_FEATURE, None)
    registered = {one.name: one.pk for one in features_of(door.project)}
    rows = [(pk, name, traffic.get(name)) for name, pk in registered.items()]
    others = sorted(
        ((name, one) for name, one in traffic.items() if name and name not in registered),
        key=lambda pair: (-pair[1].traces, pair[0]),
    )
    context = {
        "project": door.project,
        "rows": [(pk, _traces(name), one) for pk, name, one in rows],
        "others": [
            (name, _traces(name), one, fault_of_name(name))
            for name, one in others[:MOST_UNREGISTERED]
        ],
        "number": len(others),
        "unnamed": traffic.get(""),
        "may_write": door.may(Role.ENGINEER),
    }
    return render(request, "traces/_feature_traffic.html", context)


@require_GET
@login_required
def feature_now(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """One feature in the last seven days, beside its target."""
    door = enter(request, project_slug)
    until = timezone.now()
    since = until - DAYS
    context = {
        "project": door.project,
        "name": name,
        "traces": _traces(name),
        "now": now_of(
            door.project.pk, name, target_of(door.project, name), since=since, until=until
        ),
        "prompts": prompts_of(door.project.pk, name, since=since, until=until),
    }
    return render(request, "traces/_feature_now.html", context)


def _traces(name: str) -> str:
    """The parameters of the list of its traces in that time."""
    return urlencode({"t": "7d", "q": f"feature:{quoted(name)}"})

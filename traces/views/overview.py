"""The first page of a project: how to send the first trace, then how the project does."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Door, enter, projects_of
from accounts.models import Role, User
from accounts.queries import list_keys
from accounts.services.keys import create_key
from kit.htmx import HtmxRequest, render_page, wants_piece
from traces.pages.snippets import snippets
from traces.queries import figures
from traces.queries.criteria import Criteria
from traces.queries.intake import list_notices
from traces.queries.lists import list_traces
from traces.values.ranges import CHOICES
from traces.views.addresses import public_address
from traces.views.project_health import RANGE_MOST, health_context
from traces.views.scoped import environments, page_scope, scope_context, with_query

_CHOICES = tuple(choice for choice in CHOICES if choice[0] not in ("15m", "400d"))


@never_cache
@require_GET
@login_required
def overview(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Onboarding while nothing has arrived, the overview afterwards."""
    door = enter(request, project_slug)
    if wants_piece(request) and request.GET.get("piece") == "waiting":
        return _piece(request, "traces/onboarding.html#waiting", _waiting(door))
    if not figures.has_traces(door.project.pk):
        return _onboarding(request, door)
    scope = page_scope(request.GET, most=RANGE_MOST)
    if wants_piece(request) and request.GET.get("piece") == "envs":
        return environments(request, door.project, scope.env)
    address = reverse("traces:overview", args=[door.project.slug])
    context = {
        "title": "Overview",
        "nav_current": "overview",
        "address": address,
        "here": address + with_query(request.GET),
        **scope_context(request, scope, choices=_CHOICES),
        **health_context(door, request, scope),
    }
    return render_page(request, "traces/overview.html", context, partial="health")


@never_cache
@require_POST
@login_required
def first_key(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Make a key; its secret stands in this answer only, in the snippets too."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    assert isinstance(request.user, User)  # noqa: S101  (login_required saw to it)
    made = create_key(door.project, "First key", actor=request.user)
    return _onboarding(request, door, public=made.pair.public, secret=made.pair.secret)


def _onboarding(
    request: HtmxRequest, door: Door, *, public: str = "", secret: str = ""
) -> HttpResponse:
    live = [row.key for row in list_keys(door.project) if row.is_live]
    shown = public or (live[0].public_key if live else "")
    context = {
        "title": "Overview",
        "nav_current": "overview",
        "public_key": shown,
        "secret_key": secret,
        "secret_hint": live[0].secret_hint if live else "",
        "may_make_key": door.may(Role.ENGINEER),
        "may_invite": door.may(Role.ADMIN),
        "snippets": snippets(public_address(), secret, shown),
        "demo": _demo(request, door),
        **_waiting(door),
    }
    if wants_piece(request):
        return _piece(request, "traces/onboarding.html#steps", context)
    return render(request, "traces/onboarding.html", context)


def _waiting(door: Door) -> dict[str, Any]:
    """What the third step shows: the first trace, or what intake saw last."""
    found = list_traces(door.project.pk, Criteria(environment="*"), limit=1).rows
    notices = [] if found else list_notices(door.project, limit=4)
    return {"first": found[0] if found else None, "notices": notices, "listening": timezone.now()}


def _demo(request: HtmxRequest, door: Door) -> Any:
    """Another project with data to look around in, or None."""
    if not isinstance(request.user, User):
        return None
    others = projects_of(request.user).filter(is_demo=True).exclude(pk=door.project.pk)
    return others.first()


def _piece(request: HtmxRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response

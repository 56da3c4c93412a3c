"""The first page of a project: how to send the first trace, then what the last day was like."""

from __future__ import annotations

from datetime import timedelta
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
from kit.figures import UNKNOWN, capped, count, duration, money, percent
from kit.htmx import HtmxRequest, render_page, wants_piece
from traces.pages.snippets import snippets
from traces.queries import figures
from traces.queries.criteria import Criteria
from traces.queries.intake import list_notices
from traces.queries.lists import list_traces
from traces.queries.sampling import sampled_away
from traces.views.addresses import public_address

DAY = timedelta(hours=24)
NEWEST = 8


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
    context = {"title": "Overview", "nav_current": "overview", **_last_day(door)}
    return render_page(request, "traces/overview.html", context, partial="day")


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


def _last_day(door: Door) -> dict[str, Any]:
    since = timezone.now() - DAY
    criteria = Criteria(since=since)
    totals = figures.figures(door.project.pk, criteria)
    address = reverse("traces:trace_list", args=[door.project.slug])
    errors = list_traces(door.project.pk, Criteria(since=since, status="error"), limit=NEWEST).rows
    newest = list_traces(door.project.pk, criteria, limit=NEWEST).rows
    return {
        "strip": _strip(totals, address),
        "totals": totals,
        "errors": errors,
        "newest": newest,
        "latest_at": None if newest else figures.newest_trace_at(door.project.pk),
        "notices": list_notices(door.project, limit=5),
        "list_query": "?t=24h",
        "sampled": sampled_away(door.project.pk, since),
    }


def _strip(totals: figures.TraceFigures, address: str) -> list[dict[str, str]]:
    share = percent(totals.errors / totals.traces) if totals.traces else ""
    slow = f"?t=24h&min_duration={(totals.p95_duration_us or 0) // 1000}ms"
    return [
        {
            "label": "Traces",
            "value": count(totals.traces),
            "href": f"{address}?t=24h",
            "note": "last 24 hours",
        },
        {
            "label": "With errors",
            "value": count(totals.errors),
            "href": f"{address}?t=24h&status=error",
            "note": f"{share} of traces" if share else "",
            "tone": "bad" if totals.errors else "muted",
        },
        {
            "label": "Duration, p95",
            "value": duration(totals.p95_duration_us),
            "href": f"{address}{slow}" if totals.p95_duration_us else "",
            "note": "1 in 20 takes longer" if totals.p95_duration_us else "",
        },
        {
            "label": "Tokens",
            "value": count(totals.tokens),
            "href": f"{address}?t=24h&min_tokens=0" if totals.tokens is not None else "",
            "note": _left_out(totals.calls, totals.calls - totals.metered, "without a count"),
        },
        {
            "label": "Cost",
            "value": money(totals.cost_nano) if totals.cost_nano is not None else UNKNOWN,
            "href": f"{address}?t=24h&min_cost=0" if totals.cost_nano is not None else "",
            "note": _left_out(totals.calls, totals.unpriced, "unpriced"),
        },
    ]


def _left_out(calls: int, missing: int, word: str) -> str:
    if not calls:
        return "no calls of a model"
    return (
        f"{capped(missing)} of {capped(calls)} calls {word}"
        if missing
        else f"{capped(calls)} calls"
    )


def _piece(request: HtmxRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response

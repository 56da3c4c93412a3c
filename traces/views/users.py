"""Users: the list by cost, traces, errors or last seen, and the page of one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.utils import OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET
from psycopg.errors import QueryCanceled

from accounts.access import Door, enter
from kit.figures import capped, count, day, duration, instant, money, percent
from kit.htmx import HtmxRequest, render_page, wants_piece
from traces.pages.bars import bars
from traces.queries import users as queries
from traces.queries.criteria import Criteria
from traces.queries.figures import has_traces
from traces.queries.lists import list_traces
from traces.queries.sessions import SessionCriteria, list_sessions
from traces.queries.users import UserFigures, UserUse
from traces.values.ranges import CHOICES
from traces.views.feedback import scores_context
from traces.views.scoped import (
    PageScope,
    environments,
    page_scope,
    scope_context,
    text_of,
    traces_href,
    with_query,
)

LIST, ONE = "traces/user_list.html", "traces/user.html"
NEWEST = 8
CHART_PX = 72
_MOST = (31, "Users are shown for up to 30 days.")
_CHOICES = tuple(choice for choice in CHOICES if choice[0] in ("24h", "7d", "30d"))
_COLUMNS = (
    ("cost", "Cost"),
    ("traces", "Traces"),
    ("errors", "Failed"),
    ("seen", "Last seen"),
)


@require_GET
@login_required
def user_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Users of the range, a page of fifty."""
    door = enter(request, project_slug)
    scope = page_scope(request.GET, default="7d", most=_MOST)
    if wants_piece(request) and request.GET.get("piece") == "envs":
        return environments(request, door.project, scope.env)
    order = request.GET.get("sort", "cost")
    order = order if order in queries.ORDERS else "cost"
    q = text_of(request.GET, "q")
    first = _number(request.GET.get("from", "1"))
    address = reverse("traces:user_list", args=[door.project.slug])
    context: dict[str, Any] = {
        "title": "Users",
        "nav_current": "users",
        "address": address,
        "here": address + with_query(request.GET),
        "q": q,
        "wider": address + with_query(request.GET, t="30d"),
        "order": order,
        "sorts": [
            {"name": name, "word": word, "href": address + with_query(request.GET, sort=name)}
            for name, word in _COLUMNS
        ],
        "since": queries.whole_days(scope.range.since, scope.range.until)[0],
        **scope_context(request, scope, choices=_CHOICES),
    }
    try:
        page = queries.list_users(
            door.project.pk,
            scope.range.since,
            scope.range.until,
            environment=scope.env,
            q=q,
            order=order,
            skip=first - 1,
        )
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        return render_page(request, LIST, context | {"too_wide": True}, partial="users")
    context |= _pages(request, address, first, len(page.rows), page.users)
    context["rows"] = [_row(door, scope, user, page.rows, order) for user in page.rows]
    context["sampled"] = sum(user.sampled for user in page.rows)
    if not page.rows:
        context["has_traces"] = has_traces(door.project.pk)
    return render_page(request, LIST, context, partial="users")


@require_GET
@login_required
def user_detail(request: HtmxRequest, project_slug: str, user_id: str) -> HttpResponse:
    """What one user did, day by day; the id is shown as it was sent."""
    door = enter(request, project_slug)
    if not queries.is_known(door.project.pk, user_id):
        missing = {"title": "No such user", "nav_current": "users", "user_id": user_id}
        return render(request, "traces/user_missing.html", missing, status=404)
    scope = page_scope(request.GET, default="7d", most=_MOST)
    if wants_piece(request) and request.GET.get("piece") == "envs":
        return environments(request, door.project, scope.env)
    address = reverse("traces:user", args=[door.project.slug, user_id])
    context: dict[str, Any] = {
        "title": user_id,
        "nav_current": "users",
        "crumbs": [
            {"text": "Users", "href": reverse("traces:user_list", args=[door.project.slug])}
        ],
        "user_id": user_id,
        "address": address,
        "here": address + with_query(request.GET),
        "wider": address + with_query(request.GET, t="30d"),
        **scope_context(request, scope, choices=_CHOICES),
        **_figures(door, scope, user_id),
        **_newest(door, scope, user_id),
    }
    return render_page(request, ONE, context, partial="user")


def _row(
    door: Door, scope: PageScope, user: UserFigures, rows: list[UserFigures], order: str
) -> dict[str, Any]:
    column = {"cost": "cost_nano", "traces": "traces", "errors": "errors"}.get(order, "cost_nano")
    most = max((getattr(row, column) for row in rows), default=0)
    common = {"env": scope.env, "t": _days(scope), "user": user.user_id}
    return {
        "user": user,
        "href": reverse("traces:user", args=[door.project.slug, user.user_id]),
        "traces": traces_href(door.project, **common),
        "errors": traces_href(door.project, status="error", **common),
        "share": percent(user.errors / user.traces),
        "each": money(user.cost_nano // user.traces) if user.cost is not None else "–",
        "bar": f"{getattr(user, column) / most * 100:.1f}%" if most else "0%",
    }


def _figures(door: Door, scope: PageScope, user_id: str) -> dict[str, Any]:
    project_id, chosen = door.project.pk, scope.range
    days = queries.days_of_user(
        project_id, user_id, chosen.since, chosen.until, environment=scope.env
    )
    use = queries.use_of_user(
        project_id, user_id, chosen.since, chosen.until, environment=scope.env
    )
    total = queries.total_of(days)
    common = {"env": scope.env, "user": user_id}
    return {
        "total": total,
        "use": use,
        "strip": [] if total is None else _strip(door, scope, total, use),
        "models": [
            {"name": name, "traces": traces, "share": percent(traces / max(use.looked_at, 1)),
             "href": traces_href(door.project, t=_days(scope), model=name, **common)}
            for name, traces in use.models
        ],
        "is_cut": use.looked_at >= queries.MOST_LOOKED_AT,
        **_chart(door, scope, days, common),
    }  # fmt: skip


def _strip(door: Door, scope: PageScope, total: UserFigures, use: UserUse) -> list[dict[str, str]]:
    common = {"env": scope.env, "t": _days(scope), "user": total.user_id}
    traces = traces_href(door.project, **common)
    said = use.thumbs_up + use.thumbs_down
    sessions = reverse("traces:session_list", args=[door.project.slug])
    unpriced = f"{capped(total.unpriced)} of {capped(total.calls)} calls unpriced"
    listed = f"{sessions}?{traces.partition('?')[2]}"
    return [
        {"label": "Cost", "href": traces,
         "value": "unpriced" if total.is_unpriced else money(total.cost),
         "note": unpriced if total.unpriced else f"{capped(total.calls)} calls"},
        {"label": "Traces", "href": traces, "value": count(total.traces),
         "note": f"{count(total.sampled)} sampled away" if total.sampled
         else f"{duration(total.duration_us // total.traces)} each"},
        {"label": "Failed", "value": count(total.errors),
         "href": traces_href(door.project, status="error", **common),
         "tone": "bad" if total.errors else "muted",
         "note": f"{percent(total.errors / total.traces)} of traces"},
        {"label": "Tokens", "href": traces, "value": count(total.tokens),
         "note": f"{count(total.tokens_in)} in, {count(total.tokens_out)} out"
         if total.tokens is not None else "no call said"},
        {"label": "Sessions", "href": listed, "value": count(use.sessions),
         "note": _of_newest(use)},
        {"label": "Users said", "href": traces_href(door.project, q="feedback:down", **common)
         if use.thumbs_down else "", "value": f"{use.thumbs_down} down" if said else "–",
         "tone": "bad" if use.thumbs_down else "muted",
         "note": f"{use.thumbs_up} up" if said else "no feedback"},
    ]  # fmt: skip


def _of_newest(use: UserUse) -> str:
    is_cut = use.looked_at >= queries.MOST_LOOKED_AT
    return f"of the newest {count(use.looked_at)} traces" if is_cut else "with a turn in the range"


def _chart(
    door: Door, scope: PageScope, days: list[UserFigures], common: dict[str, str]
) -> dict[str, Any]:
    """A bar a day, days without anything included."""
    last = (scope.range.until or datetime.now(UTC)).astimezone(UTC)
    at, known = scope.range.since.astimezone(UTC).date(), {one.day: one for one in days}
    listed: list[tuple[date, UserFigures | None]] = []
    while at <= last.date():
        listed.append((at, known.get(at)))
        at += timedelta(days=1)
    hrefs = [traces_href(door.project, t=_whole(one), **common) for one, _ in listed]
    names = [day(datetime.combine(one, datetime.min.time(), UTC)) for one, _ in listed]
    rows = [
        {"name": name, "href": href, "figures": figures}
        for name, href, (_, figures) in zip(names, hrefs, listed, strict=True)
    ]
    costs = [one.cost_nano if one else 0 for _, one in listed]
    traces = [one.traces if one else 0 for _, one in listed]
    errors = [one.errors if one else 0 for _, one in listed]
    most = max(traces, default=0)
    return {
        "rows": [row for row in rows if row["figures"]],
        "first_day": names[0],
        "last_day": names[-1],
        "charts": [
            {
                "word": "Cost",
                "most": money(max(costs, default=0)),
                "layers": [("bar", bars(costs, _titles(names, costs, money), height=CHART_PX))],
            },
            {
                "word": "Traces, those that failed in red",
                "most": count(most),
                "layers": [
                    ("bar", bars(traces, _titles(names, traces, count), height=CHART_PX)),
                    ("err", bars(errors, _titles(names, errors, count), height=CHART_PX,
                                 most=most)),
                ],
            },
        ],
    }  # fmt: skip


def _titles(names: list[str], values: list[int], written: Any) -> list[str]:
    return [f"{name}: {written(value)}" for name, value in zip(names, values, strict=True)]


def _whole(one: date) -> str:
    low = datetime.combine(one, datetime.min.time(), UTC)
    return f"{instant(low)}..{instant(low + timedelta(days=1))}"


def _newest(door: Door, scope: PageScope, user_id: str) -> dict[str, Any]:
    low, high = queries.whole_days(scope.range.since, scope.range.until)
    criteria = Criteria(since=low, until=high, environment=scope.env, user_id=user_id)
    traces = list_traces(door.project.pk, criteria, limit=NEWEST).rows
    narrowed = SessionCriteria(since=low, until=high, environment=scope.env, user_id=user_id)
    sessions = list_sessions(door.project.pk, narrowed, limit=NEWEST).rows
    listed = traces_href(door.project, env=scope.env, t=_days(scope), user=user_id)
    return {
        "traces": traces,
        **scores_context(door.project.pk, traces),
        "sessions": [
            {
                "session": one,
                "href": reverse("traces:session", args=[door.project.slug, one.session_id]),
            }
            for one in sessions
        ],
        "list_query": f"?{listed.partition('?')[2]}",
    }


def _pages(
    request: HtmxRequest, address: str, first: int, shown: int, users: int
) -> dict[str, Any]:
    last = first + shown - 1
    return {
        "first": first,
        "last": last,
        "users": users,
        "earlier": address
        + with_query(request.GET, **{"from": str(max(1, first - queries.PAGE_SIZE))})
        if first > 1
        else "",
        "later": address + with_query(request.GET, **{"from": str(last + 1)})
        if last < users
        else "",
    }


def _number(text: str) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) < 8
    return max(int(text), 1) if is_number else 1


def _days(scope: PageScope) -> str:
    """The whole days of the figures, for links that are to hold the same traces."""
    low, high = queries.whole_days(scope.range.since, scope.range.until)
    return f"{instant(low)}..{instant(high)}"

"""Budgets: all of them with a form for another, and one with its burn-down."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Door, enter
from accounts.models import Role
from accounts.views.entry import person, see_other
from costs.forms.budgets import BudgetForm, RaiseForm
from costs.models import Budget, Period, RaiseRequest, Scope
from costs.pages.budget import chart_of, marks_of, row_of, spent_href
from costs.pages.burn import Change
from costs.pages.changed import change_points
from costs.queries.budgets import budgets_of, standings
from costs.queries.changing import anomalies_between, moves_between, prices_between
from costs.queries.choices import values_of
from costs.queries.spend import spent_by_day
from costs.services import budgets as services
from costs.services.errors import BadBudget
from costs.services.words import amount_text
from kit.htmx import HtmxRequest, render_page

EVENTS_OF = (Scope.PROJECT, Scope.FEATURE)
FILLED = ("name", "scope", "value", "limit", "period")  # by the address of a link


@require_http_methods(["GET", "POST"])
@login_required
def budget_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The budgets that hold here; POST makes another, for admins."""
    least = Role.ADMIN if request.method == "POST" else Role.VIEWER
    door = enter(request, project_slug, least=least)
    filled = {name: request.GET[name][:200] for name in FILLED if name in request.GET}
    form = BudgetForm(project=door.project, user=person(request), initial=filled)
    status = 200
    if request.method == "POST":
        form = BudgetForm(request.POST, project=door.project, user=person(request))
        made = _make(form, door, request)
        if made is not None:
            messages.success(request, "The budget holds from now on.")
            return see_other("costs:budget", project_slug, made.pk)
        status = 422
    now = timezone.now()
    context: dict[str, Any] = {
        "title": "Budgets",
        "nav_current": "costs",
        "rows": sorted(
            (row_of(one, now) for one in standings(list(budgets_of(door.project)), now)),
            key=lambda row: (-(row.share or 0), row.budget.name, row.budget.pk),
        ),
        "form": form,
        "values": values_of(door.project),
        "may_write": door.may(Role.ADMIN),
    }
    return render_page(request, "costs/budget_list.html", context, partial="rows", status=status)


@require_GET
@login_required
def budget(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """What is spent of it day by day, what is expected, what was told, and who may raise it."""
    door, found = open_budget(request, project_slug, pk)
    now = timezone.now()
    (standing,) = standings([found], now)
    since = found.since(now).date()
    is_drawn = found.scope != Scope.USER
    by_day = spent_by_day(found, since, now.date()) if is_drawn else []
    if is_drawn and found.period != Period.ROLLING:
        standing = replace(standing, actual=sum(amount for _, amount in by_day))
    asked = found.raises.filter(state=RaiseRequest.State.OPEN).select_related("asked_by").first()
    me = person(request)
    context = {
        "title": found.name,
        "nav_current": "costs",
        "crumbs": [{"text": "Budgets", "href": reverse("costs:budgets", args=[project_slug])}],
        "row": row_of(standing, now),
        "chart": chart_of(standing, by_day, now, _changes(door, found, now)) if is_drawn else None,
        "spent_href": spent_href(project_slug, found, now),
        "marks": marks_of(found),
        "until": found.until(now),
        "raise_form": RaiseForm(),
        "asked": asked,
        "asked_limit": amount_text(asked.limit, is_money=found.is_money) if asked else "",
        "may_decide": asked is not None
        and asked.asked_by_id != me.pk
        and (door.may(Role.ADMIN) or found.owner_id == me.pk),
        "may_ask": door.may(Role.ENGINEER),
        "may_write": door.may(Role.ADMIN),
    }
    return render_page(request, "costs/budget.html", context, partial="body")


def _changes(door: Door, found: Budget, now: datetime) -> list[Change]:
    """What may have changed its spend in this period; of a scope that events are known of."""
    if found.period not in (Period.MONTH, Period.WEEK) or found.scope not in EVENTS_OF:
        return []
    since, slug = found.since(now), door.project.slug
    named = anomalies_between(door.project, since, now)
    moves = moves_between(door.project, since, now)
    if found.scope == Scope.FEATURE:
        named = [one for one in named if one.feature == found.value]
        moves = [one for one in moves if one.prompt.name == found.value]
    prices = [] if found.scope == Scope.FEATURE else prices_between(door.project, since, now)
    return change_points(slug, named, moves, prices)


def open_budget(
    request: HtmxRequest, project_slug: str, pk: int, *, least: Role = Role.VIEWER
) -> tuple[Door, Budget]:
    """A budget that holds in the project. Raises: Http404, PermissionDenied."""
    door = enter(request, project_slug, least=least)
    return door, get_object_or_404(budgets_of(door.project), pk=pk)


def _make(form: BudgetForm, door: Door, request: HtmxRequest) -> Budget | None:
    if not form.is_valid():
        return None
    try:
        return services.create_budget(door.project, **form.wanted(), actor=person(request))
    except BadBudget as bad:
        form.add_error(bad.where if bad.where in form.fields else None, str(bad))
        return None

"""The overview of costs: what was spent, what is expected, what changed, and on what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.access import Door, enter
from accounts.models import Project, Role
from costs.forecast.budgets import Forecast, forecast
from costs.forecast.days import TooLittle
from costs.models import Budget, Period, Scope, Unit
from costs.pages import overview as pages
from costs.pages.asked import Asked, asked_of
from costs.pages.burn import Burn, Expected, burn_of
from costs.pages.changed import change_points, changed_of, movers
from costs.pages.lines import LEGEND, lines_of, name_of, opened
from costs.pages.stack import stack_of
from costs.queries.budgets import Standing, budgets_of, standings
from costs.queries.caching import cached_of, unpriced_of
from costs.queries.changing import (
    anomalies_between,
    moves_between,
    open_anomalies,
    prices_between,
)
from costs.queries.days import days_of
from costs.queries.dimensions import DIMENSIONS
from costs.queries.months import month_of
from costs.queries.spend import spent_by_day
from costs.queries.spending import Spend, count_in, figures, spend_by, sum_of
from kit.htmx import HtmxRequest, render_page, wants_piece
from traces.queries.usage import SpanFigures

HISTORY = timedelta(days=63)
MOST_ROWS = 7  # the page of spend has all
Amounts = list[tuple[date, int]]


@require_GET
@login_required
def overview(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Days of the project; `?by=` names the table, `?t=` the days; htmx gets the table."""
    door = enter(request, project_slug)
    now = datetime.now(UTC)
    asked = replace(
        asked_of(project_slug, request.GET, now.date()), narrowed={}, sort="spend", q=""
    )
    context = _table(door, asked)
    if not wants_piece(request):
        context |= _answers(door, asked, now, context["lines"], context["rows"])
    context |= {
        "title": "Costs",
        "nav_current": "costs",
        "asked": asked,
        "ranges": asked.ranges(now.date()),
        "may_write": door.may(Role.ADMIN),
        "may_close": door.may(Role.ENGINEER),
    }
    return render_page(request, "costs/overview.html", context, partial="table")


def _table(door: Door, asked: Asked) -> dict[str, Any]:
    rows = spend_by(door.project.pk, asked.days, asked.dimension)
    return {
        "rows": rows,
        "lines": lines_of(asked, rows, most=MOST_ROWS),
        "legend": LEGEND,
        "choices": [
            (asked.to("overview", by=one.name), one.word, one is asked.dimension)
            for one in DIMENSIONS.values()
        ],
        "more": asked.spend(),
    }


def _answers(
    door: Door, asked: Asked, now: datetime, lines: list[Any], rows: list[Spend]
) -> dict[str, Any]:
    """Everything but the table."""
    project, days = door.project, asked.days
    month, today = month_of("", now.date()), now.date()
    since_when = min(month.start, today - HISTORY)
    is_now = days.until > today  # then one reading does for the history, too
    first = min(days.before_start, since_when) if is_now else days.before_start
    read = figures(project.pk, first, days.until, ("day", "model", "provider"))
    by_model: dict[tuple[str, ...], Spend] = {}
    for one in read:
        count_in(by_model, days, one, 1)
    models = [one for one in read if days.start <= one.key[0]]
    total = sum_of(list(by_model.values()))
    budget = _budget(project, now)
    history = (
        _history(read, since_when, today)
        if is_now
        else spent_by_day(Budget(project=project, scope=Scope.PROJECT), since_when, today)
    )
    running = [one for one in history if one[0] >= month.start]
    spent = sum(amount for _, amount in running)
    if budget is not None:  # as of now, so that it is the figure that stands beside it
        budget = replace(budget, actual=spent)
    last = month.end - timedelta(days=1)
    expected = _expected(history[:-1], month.start, last, budget)
    if expected is not None:
        expected = _no_less(expected, spent / pages.NANO)
    since = datetime.combine(month.start, time.min, UTC)
    moves = moves_between(project, min(since, now - timedelta(days=31)), now)
    named = anomalies_between(project, since, now)
    burn = _burn(running, last, now, budget, expected, change_points(
        door.project.slug, named, [one for one in moves if one.at >= since],
        prices_between(project, since, now),
    ))  # fmt: skip
    gone = (now - since) / (datetime.combine(month.end, time.min, UTC) - since)
    by_models = replace(asked, dimension=DIMENSIONS["model"])
    return {
        "figures": [
            pages.spent_figure(asked, total),
            pages.forecast_figure(last, expected, budget),
            pages.budget_figure(project.slug, gone, budget),
            pages.each_figure(asked, total),
            pages.cache_figure(asked, total, cached_of(project.pk, models)),
            pages.unpriced_figure(asked, unpriced_of(models)),
        ],
        "burn": burn if spent or budget else None,
        "budget": budget,
        "month": days_of("month", now.date()).label,
        "changed": changed_of(project.slug, open_anomalies(project), moves),
        "movers": movers(lines, {name_of(asked, row): row.before for row in rows}),
        "stack": stack_of(
            days,
            [
                (name_of(by_models, row), row, opened(by_models, row) if row.is_said else "")
                for row in by_model.values()
            ],
        ),
    }


def _budget(project: Project, now: datetime) -> Standing | None:
    """The tightest budget in dollars of the whole project for a month."""
    found = budgets_of(project).filter(
        scope=Scope.PROJECT, unit=Unit.MONEY, period=Period.MONTH, is_enabled=True
    )
    tightest = found.order_by("limit", "pk").first()
    return None if tightest is None else standings([tightest], now)[0]


def _history(read: list[SpanFigures], since: date, until: date) -> Amounts:
    """Of each day, evaluators with it, as budgets count it."""
    sums = {since + timedelta(days=one): 0 for one in range((until - since).days + 1)}
    for one in read:
        if one.key[0] in sums:
            sums[one.key[0]] += one.cost_nano + one.evaluator_nano
    return sorted(sums.items())


def _expected(history: Amounts, start: date, end: date, budget: Standing | None) -> Forecast | None:
    """Of the whole project, on whole days; None where too few are known."""
    first = next((place for place, (_, amount) in enumerate(history) if amount), len(history))
    try:
        return forecast(
            [(day, amount / pages.NANO) for day, amount in history[first:]],
            start=start,
            end=end,
            budget=budget.budget.limit / pages.NANO if budget else None,
        )
    except TooLittle:
        return None


def _no_less(expected: Forecast, spent: float) -> Forecast:
    """The forecast stands on whole days; what today has brought is spent all the same."""
    return replace(
        expected,
        total=max(expected.total, spent),
        low=max(expected.low, spent),
        high=max(expected.high, spent),
    )


def _burn(
    running: Amounts, last: date, now: datetime, budget: Standing | None,
    expected: Forecast | None, changes: list[Any],
) -> Burn:  # fmt: skip
    ahead = None
    if expected is not None:
        total, low, high = (
            round(one * pages.NANO) for one in (expected.total, expected.low, expected.high)
        )
        ahead = Expected(total, low, high)
    limit = budget.budget.limit if budget else None
    return burn_of(running, last, now, limit=limit, expected=ahead, changes=changes)

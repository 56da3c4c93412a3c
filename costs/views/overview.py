"""The overview of costs: a month, what is expected of it, and what it was spent on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.access import enter
from accounts.models import Project, Role
from costs.forecast.budgets import Forecast, forecast
from costs.forecast.days import TooLittle
from costs.models import Budget, Period, Scope, Unit
from costs.pages.budget import HEIGHT, WIDTH, chart_of
from costs.pages.overview import NANO, as_csv, figures_of, lines_of, stack_of
from costs.queries.budgets import Standing, budgets_of, standings
from costs.queries.months import DIMENSIONS, Month, month_of, spend_by
from costs.queries.spend import spent_by_day
from kit.htmx import HtmxRequest, render_page

HISTORY = timedelta(days=63)
WORDS = {"feature": "Feature", "model": "Model", "prompt": "Prompt version"}


@require_GET
@login_required
def overview(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """A month of the project; `?by=` names the table, `?m=` the month; htmx gets the table."""
    door = enter(request, project_slug)
    now = datetime.now(UTC)
    month = month_of(request.GET.get("m", ""), now.date())
    by = request.GET.get("by", "")
    by = by if by in DIMENSIONS else "feature"
    rows = spend_by(door.project.pk, month, by)
    models = rows if by == "model" else spend_by(door.project.pk, month, "model")
    budget = _budget(door.project, now) if month.is_running else None
    expected = _expected(door.project, month, budget, now) if month.is_running else None
    if expected is not None:
        expected = _no_less(expected, sum(row.cost + row.evaluators for row in rows) / NANO)
    chart = None
    if budget is not None:
        days = spent_by_day(budget.budget, month.start, now.date())
        # As of now, so that it is the figure that stands beside it.
        budget = replace(budget, actual=sum(amount for _, amount in days))
        chart = chart_of(budget, days, now)
    context = {
        "title": "Costs",
        "nav_current": "costs",
        "month": month,
        "by": by,
        "word": WORDS[by],
        "choices": [(name, word, name == by) for name, word in WORDS.items()],
        "figures": figures_of(project_slug, month, rows, expected, budget),
        "lines": lines_of(project_slug, month, rows, by),
        "is_cut": len(rows) > 100,
        "stack": stack_of(month, models),
        "chart": chart,
        "budget": budget,
        "width": WIDTH,
        "height": HEIGHT,
        "months": _months(now),
        "may_write": door.may(Role.ADMIN),
    }
    return render_page(request, "costs/overview.html", context, partial="table")


@require_GET
@login_required
def export(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The table as CSV, with exact amounts and every row."""
    door = enter(request, project_slug)
    month = month_of(request.GET.get("m", ""), datetime.now(UTC).date())
    by = request.GET.get("by", "")
    by = by if by in DIMENSIONS else "feature"
    text = as_csv(spend_by(door.project.pk, month, by), by)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    name = f"costs-{month.start:%Y-%m}-by-{by}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _budget(project: Project, now: datetime) -> Standing | None:
    """The tightest budget in dollars of the whole project for a month."""
    found = budgets_of(project).filter(
        scope=Scope.PROJECT, unit=Unit.MONEY, period=Period.MONTH, is_enabled=True
    )
    tightest = found.order_by("limit", "pk").first()
    return None if tightest is None else standings([tightest], now)[0]


def _expected(
    project: Project, month: Month, budget: Standing | None, now: datetime
) -> Forecast | None:
    """Of the whole project, on whole days; None where too few are known."""
    whole = budget.budget if budget else Budget(project=project, scope=Scope.PROJECT)
    yesterday = now.date() - timedelta(days=1)
    history = spent_by_day(whole, yesterday - HISTORY, yesterday)
    first = next((place for place, (_, amount) in enumerate(history) if amount), len(history))
    try:
        return forecast(
            [(day, amount / NANO) for day, amount in history[first:]],
            start=month.start,
            end=month.end - timedelta(days=1),
            budget=budget.budget.limit / NANO if budget else None,
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


def _months(now: datetime) -> list[tuple[str, str]]:
    """The last twelve, the running one first."""
    found, day = [], now.date().replace(day=1)
    for _ in range(12):
        found.append((f"{day:%Y-%m}", f"{day:%B %Y}"))
        day = (day - timedelta(days=1)).replace(day=1)
    return found

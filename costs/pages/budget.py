"""A budget as its row and its page show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from costs.models import Budget, BudgetMark, Period, Scope
from costs.pages.asked import traces_of_days
from costs.pages.burn import Burn, Change, Expected, burn_of
from costs.queries.budgets import Standing
from costs.services.words import amount_text, of_what, period_text
from kit.figures import UNKNOWN
from traces.query.values import quoted

Kind = BudgetMark.Kind
_TOLD = {
    Kind.HALF: "half was spent", Kind.MOST: "80% was spent", Kind.ALL: "all of it was spent",
    Kind.MAY_BREAK: "it may break", Kind.WILL_BREAK: "it will probably break",
    Kind.USER: "a user was above it", Kind.DRILL: "a drill was run",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One budget in words and shares."""

    budget: Budget
    of_what: str
    period: str
    limit: str
    spent: str
    reserved: str
    left: str
    used: float  # share of the limit, at most 1
    share: float | None  # of the limit; None where each user has one of their own
    gone: float | None  # share of the period; None of a rolling one
    tone: str  # '', warn or bad
    told: str
    expected: str
    breaks: date | None


def row_of(standing: Standing, now: datetime) -> Row:
    """How a budget stands."""
    budget, is_money = standing.budget, standing.budget.is_money
    share = standing.used / budget.limit
    is_each = budget.scope == Scope.USER
    gone = None
    if budget.period != Period.ROLLING:
        since, until = budget.since(now), budget.until(now)
        gone = (now - since) / (until - since)
    tone, told = _state(standing, share)
    ahead = expected_of(standing)
    return Row(
        budget=budget,
        of_what=of_what(budget),
        period=period_text(budget),
        limit=amount_text(budget.limit, is_money=is_money),
        spent=UNKNOWN if is_each else amount_text(standing.spent, is_money=is_money),
        reserved=UNKNOWN if is_each else amount_text(standing.reserved, is_money=is_money),
        left=amount_text(standing.left, is_money=is_money),
        used=0.0 if is_each else min(share, 1.0),
        share=None if is_each else share,
        gone=gone,
        tone=tone,
        told=told,
        expected=amount_text(ahead.total, is_money=is_money) if ahead else "",
        breaks=budget.breaks_on,
    )


def expected_of(standing: Standing) -> Expected | None:
    """What the period comes to: no less than is spent, for the forecast is of whole days."""
    budget, spent = standing.budget, standing.spent
    if budget.forecast is None:
        return None
    low, high = budget.forecast_low or budget.forecast, budget.forecast_high or budget.forecast
    return Expected(max(budget.forecast, spent), max(low, spent), max(high, spent))


def spent_href(slug: str, budget: Budget, now: datetime) -> str:
    """The traces of what it counted up to now; '' where no list of them is the same."""
    if budget.scope in (Scope.ORGANIZATION, Scope.USER):
        return ""
    narrowed = {} if budget.scope == Scope.PROJECT else {str(budget.scope): budget.value}
    if budget.scope in (Scope.SEGMENT, Scope.KEY):
        narrowed = {"q": f"{budget.scope}:{quoted(budget.value)}"}
    first, today = budget.since(now).date(), now.date()
    return traces_of_days(slug, first, today + timedelta(days=1), narrowed)


def _state(standing: Standing, share: float) -> tuple[str, str]:
    budget = standing.budget
    if not budget.is_enabled:
        return "", "Off"
    if budget.scope == Scope.USER:
        return "", "Warns of each user"
    if standing.spent >= budget.limit:
        return "bad", "Used up, calls are refused" if budget.is_hard else "Used up"
    if budget.chance is not None and budget.chance > 0.8:
        return "bad", f"Breaks on {budget.breaks_on:%-d %b}" if budget.breaks_on else "Will break"
    if share >= 0.8 or (budget.chance is not None and budget.chance > 0.5):
        return "warn", "Close"
    return "", "Within"


def chart_of(
    standing: Standing,
    by_day: Sequence[tuple[date, int]],
    now: datetime,
    changes: Sequence[Change] = (),
) -> Burn | None:
    """What is spent day by day against the limit; None of rolling periods and single days."""
    budget = standing.budget
    if budget.period not in (Period.MONTH, Period.WEEK) or not by_day:
        return None
    end = (budget.until(now) - timedelta(days=1)).date()
    return burn_of(
        by_day, end, now, limit=budget.limit, expected=expected_of(standing), changes=changes,
        is_money=budget.is_money,
    )  # fmt: skip


def marks_of(budget: Budget) -> list[dict[str, Any]]:
    """What was told of it, newest first."""
    return [
        {
            "at": mark.at,
            "told": _TOLD[Kind(mark.kind)],
            "amount": amount_text(mark.amount, is_money=budget.is_money),
            "user": mark.subject,
        }
        for mark in budget.marks.order_by("-at", "-pk")[:50]
    ]

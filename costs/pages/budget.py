"""A budget as its row and its page show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from costs.models import Budget, BudgetMark, Period, Scope
from costs.queries.budgets import Standing
from costs.services.words import amount_text, of_what, period_text

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 8, 96, 16, 24
Kind = BudgetMark.Kind
_TOLD = {
    Kind.HALF: "half was spent", Kind.MOST: "80 % were spent", Kind.ALL: "all of it was spent",
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
    share: float
    gone: float | None  # share of the period; None of a rolling one
    tone: str  # '', warn or bad
    told: str
    expected: str
    breaks: date | None


def row_of(standing: Standing, now: datetime) -> Row:
    """How a budget stands."""
    budget, is_money = standing.budget, standing.budget.is_money
    share = standing.used / budget.limit
    gone = None
    if budget.period != Period.ROLLING:
        since, until = budget.since(now), budget.until(now)
        gone = (now - since) / (until - since)
    tone, told = _state(standing, share)
    expected = ""
    if budget.forecast is not None:
        expected = amount_text(budget.forecast, is_money=is_money)
    return Row(
        budget=budget,
        of_what=of_what(budget),
        period=period_text(budget),
        limit=amount_text(budget.limit, is_money=is_money),
        spent=amount_text(standing.spent, is_money=is_money),
        reserved=amount_text(standing.reserved, is_money=is_money),
        left=amount_text(standing.left, is_money=is_money),
        used=min(share, 1.0),
        share=share,
        gone=gone,
        tone=tone,
        told=told,
        expected=expected,
        breaks=budget.breaks_on,
    )


def _state(standing: Standing, share: float) -> tuple[str, str]:
    budget = standing.budget
    if not budget.is_enabled:
        return "", "Off"
    if budget.scope == Scope.USER:
        return "", "Tells of each user"
    if standing.spent >= budget.limit:
        return "bad", "Used up, calls are refused" if budget.is_hard else "Used up"
    if budget.chance is not None and budget.chance > 0.8:
        return "bad", f"Breaks on {budget.breaks_on:%-d %b}" if budget.breaks_on else "Will break"
    if share >= 0.8 or (budget.chance is not None and budget.chance > 0.5):
        return "warn", "Close"
    return "", "Within"


@dataclass(frozen=True)
class Chart:
    """The burn-down: places in an SVG of WIDTH by HEIGHT, '' where there is nothing to draw."""

    spent: str
    pace: str
    forecast: str
    band: str
    limit_y: float
    limit: str
    today_x: float
    today: str
    ends: str
    days: Sequence[tuple[float, str]]
    label: str


def chart_of(standing: Standing, by_day: Sequence[tuple[date, int]], now: datetime) -> Chart | None:
    """What is spent day by day against the limit; None of rolling periods and single days."""
    budget = standing.budget
    if budget.period not in (Period.MONTH, Period.WEEK):
        return None
    start, end = budget.since(now).date(), (budget.until(now) - timedelta(days=1)).date()
    days, today = (end - start).days + 1, (now.date() - start).days + 1
    top = max(budget.limit, standing.spent, budget.forecast_high or 0) * 1.08

    def x(day: float) -> float:
        return round(LEFT + day / days * (WIDTH - LEFT - RIGHT), 1)

    def y(amount: float) -> float:
        return round(HEIGHT - BOTTOM - amount / top * (HEIGHT - TOP - BOTTOM), 1)

    running, points = 0, [f"{x(0)},{y(0)}"]
    for place, (_, amount) in enumerate(by_day[:today], 1):
        running += amount
        points.append(f"{x(place)},{y(running)}")
    forecast = band = ""
    if budget.forecast is not None and today < days:
        low, high = budget.forecast_low or 0, budget.forecast_high or 0
        here = f"{x(today)},{y(running)}"
        forecast = f"{here} {x(days)},{y(budget.forecast)}"
        band = f"{here} {x(days)},{y(high)} {x(days)},{y(low)}"
    is_money = budget.is_money
    ends = "" if budget.forecast is None else amount_text(budget.forecast, is_money=is_money)
    step = 7 if days > 10 else 1
    limit = amount_text(budget.limit, is_money=is_money)
    said = (
        f"{amount_text(running, is_money=is_money)} of {limit} spent after {today} of {days} days"
    )
    return Chart(
        spent=" ".join(points),
        pace=f"{x(0)},{y(0)} {x(days)},{y(budget.limit)}",
        forecast=forecast,
        band=band,
        limit_y=y(budget.limit),
        limit=limit,
        today_x=x(today),
        today=amount_text(running, is_money=is_money),
        ends=ends,
        days=[
            (x(place + 0.5), f"{start + timedelta(days=place):%-d %b}")
            for place in range(0, days, step)
        ],
        label=said + (f", {ends} expected." if ends else "."),
    )


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

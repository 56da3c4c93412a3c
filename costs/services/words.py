"""Budgets in words."""

from __future__ import annotations

from datetime import datetime

from costs.models import Budget, Period, Scope
from costs.queries.budgets import Standing
from kit.figures import count, money
from traces.query.compiling import PLATFORM_FEATURE

_PERIODS = {Period.DAY: "today", Period.WEEK: "this week", Period.MONTH: "this month"}


def amount_text(amount: int, *, is_money: bool = True) -> str:
    """`$12.40`, or `12,400 tokens`."""
    return money(amount) if is_money else f"{count(amount)} tokens"


def feature_text(name: str) -> str:
    """What people call a feature: the calls that evaluate have a name of their own."""
    return "Judges and evals" if name == PLATFORM_FEATURE else name


def of_what(budget: Budget) -> str:
    """`the feature refund-agent`, `the project`, `each user`."""
    scope = Scope(budget.scope)
    if scope == Scope.USER:
        return "each user"
    name = scope.label.removeprefix("A ").removeprefix("The ").lower()
    return f"the {name} {budget.value}".strip() if budget.value else f"the {name}"


def period_text(budget: Budget) -> str:
    """`this month`, `in 24 hours`."""
    if budget.period == Period.ROLLING:
        return f"in {budget.rolling_hours} hours"
    return _PERIODS[Period(budget.period)]


def refusal(standing: Standing, amount: int, now: datetime) -> str:
    """Why a call is not let through."""
    budget, is_money = standing.budget, standing.budget.is_money
    return (
        f"The budget “{budget.name}” of {of_what(budget)} allows "
        f"{amount_text(budget.limit, is_money=is_money)} {period_text(budget)}: "
        f"{amount_text(standing.spent, is_money=is_money)} are spent, "
        f"{amount_text(standing.reserved, is_money=is_money)} are reserved, and "
        f"{amount_text(amount, is_money=is_money)} more would go over it."
    )

"""Budgets looked at every minute: what is spent, what is expected, and what has been reached."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from costs.forecast.budgets import Forecast, forecast
from costs.forecast.days import TooLittle
from costs.models import Budget, BudgetMark, Period, Scope, Unit
from costs.queries.budgets import Standing, standings
from costs.queries.spend import spent, spent_by_day, users_above
from costs.signals import budget_marked

Kind = BudgetMark.Kind
SHARES = ((Kind.HALF, 50), (Kind.MOST, 80), (Kind.ALL, 100))  # percent of the limit
MAY, WILL = 0.5, 0.8  # chance of breaking
HISTORY = timedelta(days=63)
FORECAST_EVERY = timedelta(hours=1)
NANO = 10**9


def watch_budgets(now: datetime | None = None) -> int:
    """Look at each budget once; how many marks were made. May run twice."""
    now = now or timezone.now()
    live = Budget.objects.filter(deleted_at=None, is_enabled=True)
    live = live.exclude(project__deleted_at__isnull=False)
    return sum(watch_budget(pk, now) for pk in list(live.values_list("pk", flat=True)))


def watch_budget(pk: int, now: datetime) -> int:
    """Look at one budget; how many marks it got. What is reckoned holds no lock."""
    budget = Budget.objects.filter(pk=pk, deleted_at=None).first()
    if budget is None:
        return 0
    if budget.scope == Scope.USER:
        return _watch_users(budget, now)
    actual = spent(budget, budget.since(now), now + timedelta(hours=1))
    is_due = budget.actual_at is None or budget.actual_at + FORECAST_EVERY <= now
    expected = (
        _expected(budget, now) if is_due or budget.actual_since != budget.since(now) else None
    )
    with transaction.atomic():
        budget = Budget.objects.select_for_update(no_key=True).get(pk=pk)
        budget.actual, budget.actual_since = actual, budget.since(now)
        if is_due or expected is not None:
            budget.actual_at = now
            _keep(budget, expected)
        budget.save()
        (standing,) = standings([budget], now)
        return _mark(standing, now)


def _watch_users(budget: Budget, now: datetime) -> int:
    if budget.project_id is None:
        return 0
    since = now - timedelta(hours=24)
    above = users_above(budget.project_id, budget.limit, since, now)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        Budget.objects.select_for_update(no_key=True).get(pk=budget.pk)
        return sum(_once(budget, day, Kind.USER, amount, now, user[:200]) for user, amount in above)


def _expected(budget: Budget, now: datetime) -> Forecast | None:
    """Of months and weeks; None where too little is known."""
    if budget.period not in (Period.MONTH, Period.WEEK):
        return None
    today = now.date()
    # Today is not over: the forecast stands on whole days.
    history = spent_by_day(budget, today - HISTORY, today - timedelta(days=1))
    first = next((place for place, (_, amount) in enumerate(history) if amount), len(history))
    scale = NANO if budget.unit == Unit.MONEY else 1
    try:
        return forecast(
            [(day, amount / scale) for day, amount in history[first:]],
            start=budget.since(now).date(),
            end=(budget.until(now) - timedelta(days=1)).date(),
            budget=budget.limit / scale,
        )
    except TooLittle:
        return None


def _keep(budget: Budget, expected: Forecast | None) -> None:
    scale = NANO if budget.unit == Unit.MONEY else 1
    budget.forecast = round(expected.total * scale) if expected else None
    budget.forecast_low = round(expected.low * scale) if expected else None
    budget.forecast_high = round(expected.high * scale) if expected else None
    budget.chance = expected.chance if expected else None
    budget.breaks_on = expected.breaks_on if expected else None
    budget.breaks_from = expected.breaks_from if expected else None
    budget.breaks_to = expected.breaks_to if expected else None


def _mark(standing: Standing, now: datetime) -> int:
    budget, made = standing.budget, 0
    start = budget.since(now)
    if budget.period == Period.ROLLING:  # told anew on each day at most
        start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for kind, percent in SHARES:
        if standing.spent * 100 >= percent * budget.limit:
            made += _once(budget, start, kind, standing.spent, now)
    is_gone = standing.spent >= budget.limit
    for kind, chance in ((Kind.MAY_BREAK, MAY), (Kind.WILL_BREAK, WILL)):
        if not is_gone and budget.chance is not None and budget.chance > chance:
            made += _once(budget, start, kind, budget.forecast or 0, now)
    return made


def _once(
    budget: Budget, start: datetime, kind: str, amount: int, now: datetime, subject: str = ""
) -> int:
    _, is_new = BudgetMark.objects.get_or_create(
        budget=budget, period_start=start, kind=kind, subject=subject,
        defaults={"amount": amount, "at": now},
    )  # fmt: skip
    if is_new:
        transaction.on_commit(lambda: budget_marked.send(sender=BudgetMark, budget_id=budget.pk))
    return int(is_new)

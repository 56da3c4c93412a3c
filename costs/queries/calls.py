"""The budgets that calls count against, and how they stand: asked around each call of a model, so
it is one statement of fixed text."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection

from costs.models import Budget, Period, Scope, bucket_hour, period_start
from costs.queries.budgets import Call, Standing

Place = tuple[int, int, Call]  # project, its organization, and what the call says

# The budgets among which are all that some calls count against, in the order of locking.
_AMONG = """
where b.organization_id = any(%s::int8[])
  and (b.project_id is null or b.project_id = any(%s::int8[]))
  and (b.scope in ('organization', 'project') or (b.value <> '' and b.value = any(%s::text[])))
  and b.deleted_at is null and b.is_enabled
order by b.id
"""
_COLUMNS = [field.attname for field in Budget._meta.concrete_fields]
_USED = """
left join lateral (
  select sum(settled) as settled, sum(reserved) as reserved from costs_budgetuse u
  where u.budget_id = b.id and case b.period
    when 'rolling' then
      u.bucket > %s::timestamptz - coalesce(b.rolling_hours, 24) * interval '1 hour'
    when 'day' then u.bucket = %s::timestamptz
    when 'week' then u.bucket = %s::timestamptz
    else u.bucket = %s::timestamptz end
) u on true
"""
_QUOTED = ", ".join(f'b."{name}"' for name in _COLUMNS)
_STAND = (
    f"select coalesce(u.settled, 0)::int8, coalesce(u.reserved, 0)::int8, {_QUOTED} "  # noqa: S608
    f"from costs_budget b {_USED} {_AMONG}"
)
_LOCK = f"select from costs_budget b {_AMONG} for no key update of b"


def standings_for(places: Collection[Place], now: datetime) -> list[Standing]:
    """How all budgets stand that calls at these places count against, and perhaps some more."""
    since = [period_start(one, now) for one in (Period.DAY, Period.WEEK, Period.MONTH)]
    with connection.cursor() as cursor:
        cursor.execute(_STAND, [bucket_hour(now), *since, *_among(places)])
        rows = cursor.fetchall()
    found = []
    for settled, reserved, *values in rows:
        budget = Budget.from_db("default", _COLUMNS, values)
        found.append(Standing(budget, settled, reserved, budget.known_actual(now)))
    return found


def lock_for(places: Collection[Place]) -> None:
    """Lock the rows of those budgets until the transaction ends. How they stand is read after it:
    a statement that waits for a lock has looked at the sums before."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, _among(places))


def counts_against(budget: Budget, place: Place) -> bool:
    """True where a call there counts against the budget."""
    project_id, organization_id, call = place
    if budget.organization_id != organization_id:
        return False
    if budget.project_id is None:
        return budget.scope == Scope.ORGANIZATION
    if budget.project_id != project_id:
        return False
    if budget.scope == Scope.PROJECT:
        return True
    said = {
        Scope.FEATURE: call.feature, Scope.MODEL: call.model,
        Scope.SEGMENT: call.segment, Scope.KEY: call.key,
    }.get(Scope(budget.scope), "")  # fmt: skip
    return bool(said) and budget.value == said


def _among(places: Collection[Place]) -> list[list[Any]]:
    values = {
        value
        for _, _, call in places
        for value in (call.feature, call.model, call.segment, call.key)
    }
    return [
        list({organization_id for _, organization_id, _ in places}),
        list({project_id for project_id, _, _ in places}),
        list(values),
    ]

"""What was spent, as budgets count it: from the roll-ups, evaluators with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from accounts.models import ApiKey, Project
from costs.models import Budget, Scope, Unit
from traces.queries.spend import Payer, SpendFigures, spend_figures
from traces.queries.usage import Scope as Figures
from traces.queries.usage import SpanFigures, span_figures

_USERS = """
select user_id, sum(nano)::int8 as spent from (
  select user_id, cost_nano + evaluator_nano as nano from trace
  where project_id = %(project)s and start_time >= %(since)s and start_time < %(until)s
    and user_id <> '' and cost_nano is not null
  union all
  select user_id, cost_nano from user_sampled
  where project_id = %(project)s and at >= date_trunc('minute', %(since)s::timestamptz)
    and at < %(until)s) u
group by user_id having sum(nano) > %(limit)s
order by spent desc, user_id limit %(most)s
"""
MOST_USERS = 100
_DIMENSIONS = {Scope.FEATURE: "feature", Scope.MODEL: "model"}
_PAYERS = {Scope.SEGMENT: Payer.SEGMENT, Scope.KEY: Payer.KEY}


def spent(budget: Budget, since: datetime, until: datetime) -> int:
    """Nano-dollars or tokens of the budget's scope in that time."""
    return sum(_amount(budget, one) for one in _figures(budget, since, until, ()))


def spent_by_day(budget: Budget, since: date, until: date) -> list[tuple[date, int]]:
    """The same by UTC day, from `since` to `until`, both in it; days without spend are 0."""
    sums = {since + timedelta(days=one): 0 for one in range((until - since).days + 1)}
    midnight = datetime.min.time()
    low = datetime.combine(since, midnight, UTC)
    high = datetime.combine(until, midnight, UTC) + timedelta(days=1)
    for one in _figures(budget, low, high, ("day",)):
        sums[one.key[0]] += _amount(budget, one)
    return sorted(sums.items())


def users_above(
    project_id: int, limit: int, since: datetime, until: datetime
) -> list[tuple[str, int]]:
    """Users who spent more than `limit` nano-dollars, the highest first; at most 100.

    Of whole traces that began in that time, to the instant; of those that were sampled away since,
    at most 26 hours back, to the minute.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _USERS,
            {
                "project": project_id, "since": since, "until": until, "limit": limit,
                "most": MOST_USERS,
            },
        )  # fmt: skip
        return [(str(user), int(amount)) for user, amount in cursor.fetchall()]


def _figures(
    budget: Budget, since: datetime, until: datetime, by: Sequence[str]
) -> Iterable[SpanFigures | SpendFigures]:
    scope = Scope(budget.scope)
    payer, equal = _PAYERS.get(scope), dict[str, Any]()
    if payer is not None:
        equal["value"] = budget.value if payer is not Payer.KEY else _key_id(budget)
    elif dimension := _DIMENSIONS.get(scope):
        equal[dimension] = budget.value
    for pk in _projects(budget):
        if payer is not None:
            yield from spend_figures(Figures(pk, since, until, equal=equal), payer, by)
            continue
        yield from span_figures(Figures(pk, since, until, equal=equal), by, with_latencies=False)


def _key_id(budget: Budget) -> str:
    """The id of the key that the budget names, as roll-ups say it; '' of none."""
    keys = ApiKey.objects.filter(public_key=budget.value, project=budget.project)
    return str(keys.values_list("pk", flat=True).first() or "")


def _projects(budget: Budget) -> list[int]:
    if budget.project_id is not None:
        return [budget.project_id]
    live = Project.objects.filter(organization_id=budget.organization_id, deleted_at=None)
    return list(live.values_list("pk", flat=True))


def _amount(budget: Budget, figures: SpanFigures | SpendFigures) -> int:
    if budget.unit == Unit.TOKENS:
        return figures.tokens_in + figures.tokens_out
    return figures.cost_nano + figures.evaluator_nano

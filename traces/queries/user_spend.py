"""The dearest users of some days, from the figures by user and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from traces.queries.criteria import HIDDEN_ENVIRONMENT
from traces.queries.users import fetched, narrowed_environment

MOST = 100
_SPEND = """
with u as (
  select user_id, sum(cost_nano) as cost, sum(calls) as calls, sum(unpriced) as unpriced,
    sum(tokens_in) as tokens_in, sum(tokens_out) as tokens_out
  from user_day where project_id = %(project)s and day >= %(since)s and day < %(until)s
    and user_id <> '' {environment}
  group by user_id having sum(traces) > 0 order by cost desc, user_id limit %(most)s)
select u.*, d.days, d.costs, b.cost, b.calls from u
cross join lateral (
  select array_agg(day) as days, array_agg(cost) as costs from (
    select day, sum(cost_nano) as cost from user_day d
    where d.project_id = %(project)s and d.user_id = u.user_id
      and d.day >= %(since)s and d.day < %(until)s {environment} group by day) d) d
cross join lateral (
  select coalesce(sum(cost_nano), 0) as cost, coalesce(sum(calls), 0) as calls from user_day b
  where b.project_id = %(project)s and b.user_id = u.user_id
    and b.day >= %(before_since)s and b.day < %(before_until)s {environment}) b
"""


@dataclass(frozen=True)
class UserSpend:
    """What a user cost over some days, day by day, and over the days before."""

    user_id: str
    cost_nano: int
    calls: int
    unpriced: int
    tokens_in: int
    tokens_out: int
    by_day: dict[date, int]
    before_nano: int
    before_calls: int


def spend_of_users(
    project_id: int,
    days: tuple[date, date],
    before: tuple[date, date],
    *,
    environment: str = "",
    limit: int = MOST,
) -> list[UserSpend]:
    """The dearest users of whole days (the second not in it), beside those of `before`."""
    values = {
        "project": project_id, "since": days[0], "until": days[1], "before_since": before[0],
        "before_until": before[1], "environment": environment or HIDDEN_ENVIRONMENT, "most": limit,
    }  # fmt: skip
    found = []
    for user_id, *sums, listed, costs, was, calls in fetched(
        _SPEND.format(environment=narrowed_environment(environment)), values
    ):
        cost, made, unpriced, tokens_in, tokens_out = (int(one) for one in sums)
        by_day = {day: int(amount) for day, amount in zip(listed, costs, strict=True)}
        found.append(
            UserSpend(
                user_id, cost, made, unpriced, tokens_in, tokens_out, by_day, int(was), int(calls)
            )
        )
    return found

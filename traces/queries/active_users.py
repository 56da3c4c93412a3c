"""How many users there were on each day, and what their traces cost, by the day's figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from traces.queries.criteria import HIDDEN_ENVIRONMENT
from traces.queries.users import fetched, narrowed_environment

_DAYS = """
select day, sum(users)::int8, sum(cost)::int8 from (
  select day, case when user_id = '' then sum(users) else 1 end as users, sum(cost_nano) as cost
  from user_day where project_id = %(project)s and day >= %(since)s and day < %(until)s
    {environment}
  group by day, user_id having sum(traces) > 0) u
group by day order by day
"""


@dataclass(frozen=True)
class ActiveUsers:
    """Users with a trace that began on that day (UTC), and nano-dollars of these traces."""

    day: date
    users: int
    cost_nano: int


def users_by_day(
    project_id: int, since: date, until: date, *, environment: str = ""
) -> list[ActiveUsers]:
    """The days from `since` to before `until` that had users."""
    values = {
        "project": project_id, "since": since, "until": until,
        "environment": environment or HIDDEN_ENVIRONMENT,
    }  # fmt: skip
    rows = fetched(_DAYS.format(environment=narrowed_environment(environment)), values)
    return [ActiveUsers(day, int(users), int(cost)) for day, users, cost in rows]

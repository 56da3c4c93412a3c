"""Users: what each cost and met with, by the day's figures; what one did, and with which models.

Days are UTC and whole: a range begins with the day that holds its start.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from traces.queries.criteria import ANY_ENVIRONMENT, HIDDEN_ENVIRONMENT
from traces.queries.lists import STATEMENT_TIMEOUT_MS
from traces.rollups.users import SUMS

PAGE_SIZE = 50
# The sum that the list is ordered by; `seen` is ordered by the last day, then the newest trace.
ORDERS = {"cost": "cost_nano", "traces": "traces", "errors": "errors", "seen": "traces"}
MOST_LOOKED_AT = 1000  # newest traces of a user, for the models and the sessions

_TOTALS = ", ".join(f"sum({name})::numeric as {name}" for name in SUMS)
# Everybody is summed up by one column, and only those of the page by all of them.
_LIST = f"""
with u as (
  select user_id, sum({{column}}) as rank, max(day) as last_day, count(*) over () as users
  from user_day where project_id = %(project)s and day >= %(since)s and day <= %(until)s
    and user_id <> '' {{environment}} {{text}}
  group by user_id having sum(traces) > 0),
page as ({{page}} limit %(most)s offset %(skip)s)
select p.user_id, {", ".join(f"f.{name}" for name in SUMS)}, p.last_day, f.was_sampled, p.users,
  n.start_time
from page p
cross join lateral (
  select {_TOTALS}, coalesce(sum(traces) filter (where sampled), 0) as was_sampled
  from user_day d where d.project_id = %(project)s and d.user_id = p.user_id
    and d.day >= %(since)s and d.day <= %(until)s {{environment}}) f
left join lateral (
  select start_time from trace t where t.project_id = %(project)s and t.user_id = p.user_id
    and t.start_time < %(high)s {{environment}}
  order by start_time desc limit 1) n on true
order by {{order}}
"""  # noqa: S608
_BY_SUM = "select * from u order by rank desc, user_id"
# Only users of the last days come into question, so that the looks are few.
_BY_TIME = """select u.*, n.last_at from u left join lateral (
    select start_time as last_at from trace t where t.project_id = %(project)s
      and t.user_id = u.user_id and t.start_time < %(high)s {environment}
    order by start_time desc limit 1) n on true
  where u.last_day >= coalesce((select last_day from u order by last_day desc
    offset %(skip)s + %(most)s - 1 limit 1), '-infinity')
  order by last_day desc, last_at desc nulls last, user_id"""
_DAYS = f"""
select day, {_TOTALS}, coalesce(sum(traces) filter (where sampled), 0)
from user_day where project_id = %(project)s and user_id = %(user)s
  and day >= %(since)s and day <= %(until)s {{environment}}
group by day order by day
"""  # noqa: S608
_SAID = """
select count(*) filter (where f.num = 1), count(*) filter (where f.num in (0, -1)) from (
  select s.num from (
    select trace_id from trace t where t.project_id = %(project)s and t.user_id = %(user)s
      and t.start_time >= %(since)s and t.start_time < %(until)s
    order by start_time desc limit %(most)s) t
  join score s on s.project_id = %(project)s and s.trace_id = t.trace_id and s.source = 'user') f
"""
_MODELS = """
with newest as (
  select facets, session_id, cost_nano, error_count from trace t
  where t.project_id = %(project)s and t.user_id = %(user)s and t.start_time >= %(since)s
    and t.start_time < %(until)s {environment}
  order by start_time desc limit %(most)s)
select substr(facet, 3), count(*), (select count(*) from newest),
  (select count(distinct session_id) from newest)
from newest, unnest(facets) facet where facet like 'm:%%' group by 1
union all
select null, 0, (select count(*) from newest), (select count(distinct session_id) from newest)
order by 2 desc, 1
"""


@dataclass(frozen=True)
class UserFigures:
    """Sums over settled traces of a user; with `day`, of that day."""

    user_id: str
    traces: int
    errors: int
    calls: int
    metered: int
    unpriced: int
    tokens_in: int
    tokens_out: int
    cost_nano: int
    duration_us: int
    sampled: int = 0  # of the traces: not kept
    day: date | None = None
    last_day: date | None = None
    last_at: datetime | None = None  # of what is kept

    @property
    def cost(self) -> int | None:
        """Nano-dollars; None where nothing could be priced."""
        return self.cost_nano if self.calls > self.unpriced else None

    @property
    def is_unpriced(self) -> bool:
        """Calls were made and none could be priced."""
        return self.calls > 0 and self.cost is None

    @property
    def is_partly_priced(self) -> bool:
        """The cost leaves calls out."""
        return self.cost is not None and self.unpriced > 0

    @property
    def tokens(self) -> int | None:
        """Input and output together; None where no call said."""
        return self.tokens_in + self.tokens_out if self.metered else None


@dataclass(frozen=True)
class UserPage:
    """Rows of the list and how many users there are."""

    rows: list[UserFigures]
    users: int


@dataclass(frozen=True)
class UserUse:
    """What the newest traces of a user show: models with traces of each, sessions, feedback."""

    models: list[tuple[str, int]]
    looked_at: int
    sessions: int
    thumbs_up: int
    thumbs_down: int


def list_users(
    project_id: int,
    since: datetime,
    until: datetime | None,
    *,
    environment: str = "",
    q: str = "",
    order: str = "cost",
    skip: int = 0,
    limit: int = PAGE_SIZE,
) -> UserPage:
    """Users of the days from `since` to `until`, in an order of ORDERS."""
    values = _values(project_id, since, until, environment)
    values |= {"text": q.lower(), "most": limit, "skip": skip}
    values |= {"high": whole_days(since, until)[1]}
    narrowed = narrowed_environment(environment)
    is_by_time = order == "seen"
    rows = fetched(
        _LIST.format(
            column=ORDERS[order],
            environment=narrowed,
            text="and strpos(lower(user_id), %(text)s) > 0" if q else "",
            page=_BY_TIME.format(environment=narrowed) if is_by_time else _BY_SUM,
            order="p.last_day desc, n.start_time desc nulls last, p.user_id"
            if is_by_time
            else "p.rank desc, p.user_id",
        ),
        values,
    )
    found = []
    users = 0
    for user_id, *sums, last_day, sampled, users, last_at in rows:  # noqa: B007
        found.append(replace(_figures(user_id, sums, sampled), last_day=last_day, last_at=last_at))
    return UserPage(found, users)


def days_of_user(
    project_id: int,
    user_id: str,
    since: datetime,
    until: datetime | None,
    *,
    environment: str = "",
) -> list[UserFigures]:
    """The days of a user on which there was something, the first one first."""
    values = _values(project_id, since, until, environment) | {"user": user_id}
    rows = fetched(_DAYS.format(environment=narrowed_environment(environment)), values)
    return [replace(_figures(user_id, sums, sampled), day=day) for day, *sums, sampled in rows]


def use_of_user(
    project_id: int,
    user_id: str,
    since: datetime,
    until: datetime | None,
    *,
    environment: str = "",
) -> UserUse:
    """Models, sessions and feedback among the newest MOST_LOOKED_AT traces of a user."""
    values = _values(project_id, since, until, environment)
    low, high = whole_days(since, until)
    values |= {"user": user_id, "most": MOST_LOOKED_AT, "since": low, "until": high}
    rows = fetched(_MODELS.format(environment=narrowed_environment(environment)), values)
    ((up, down),) = fetched(_SAID, values)
    models = [(row[0], row[1]) for row in rows if row[0] is not None]
    return UserUse(models, rows[0][2], rows[0][3], up, down)


def is_known(project_id: int, user_id: str) -> bool:
    """Whether a trace of that user is kept or counted."""
    if not user_id or "\0" in user_id:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from user_day where project_id = %s and user_id = %s) or "
            "exists (select from trace where project_id = %s and user_id = %s)",
            [project_id, user_id, project_id, user_id],
        )
        return bool(cursor.fetchone()[0])


def total_of(days: list[UserFigures]) -> UserFigures | None:
    """The sum of days; None of none."""
    if not days:
        return None
    sums = [sum(getattr(day, name) for day in days) for name in SUMS]
    return _figures(days[0].user_id, sums, sum(day.sampled for day in days))


def _figures(user_id: str, sums: Iterable[Any], sampled: Any) -> UserFigures:
    every: list[Any] = [user_id, *(int(value) for value in (*sums, sampled))]
    return UserFigures(*every)


def whole_days(since: datetime, until: datetime | None) -> tuple[datetime, datetime]:
    """The days that hold a range, from midnight (UTC) to midnight; without an end up to tomorrow's.

    A little ahead, because clocks of senders are.
    """
    low = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    last = datetime.now(UTC) + timedelta(days=1) if until is None else until.astimezone(UTC)
    high = (last - timedelta(microseconds=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return low, high + timedelta(days=1)


def _values(
    project_id: int, since: datetime, until: datetime | None, environment: str
) -> dict[str, Any]:
    low, high = whole_days(since, until)
    return {
        "project": project_id,
        "since": low.date(),
        "until": (high - timedelta(days=1)).date(),
        "environment": environment or HIDDEN_ENVIRONMENT,
    }


def narrowed_environment(environment: str) -> str:
    if environment == ANY_ENVIRONMENT:
        return ""
    sign = "=" if environment else "is distinct from"
    return f"and environment {sign} %(environment)s"


def fetched(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with transaction.atomic(), connection.cursor() as cursor:
        # A hundred thousand users are summed up in memory rather than in files.
        cursor.execute(
            "select set_config('statement_timeout', %s, true), "
            "set_config('work_mem', '64MB', true)",
            [str(STATEMENT_TIMEOUT_MS)],
        )
        cursor.execute(statement, values)
        return list(cursor.fetchall())

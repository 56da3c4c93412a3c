"""`user_day` within bounds: of older days the dearest users stand apart, the others are one row.

The last EXACT_DAYS hold everybody, exactly. Of a day before, each environment keeps its MOST_USERS
dearest; all others are in the row whose user is '', which says how many they were (`users`, as of
the folding). Sums stay right: what later changes of such a user goes to that row as well.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from psycopg import Connection

from traces.rollups.compaction import LOCK

EXACT_DAYS = 35
MOST_USERS = 1000

SUMS = (
    "traces", "errors", "calls", "metered", "unpriced", "tokens_in", "tokens_out", "cost_nano",
    "duration_us",
)  # fmt: skip
_KEY = "project_id, day, environment"
_TOTALS = ", ".join(f"sum({name}) as {name}" for name in SUMS)
_DIFFERENT = " or ".join(f"sum({name}) <> 0" for name in SUMS)
# What comes later of somebody who is folded already goes there in `users.fold_users`.
_DUE = f"""
select {_KEY} from user_day where day < %(before)s and user_id <> '' group by {_KEY}
having count(distinct user_id) > %(most)s order by {_KEY} limit 20
"""  # noqa: S608
_FOLD = f"""
with ranked as (
    select user_id, sum(traces) as traces,
      row_number() over (order by sum(cost_nano) desc, user_id) as place
    from user_day where project_id = %(project)s and day = %(day)s
      and environment = %(environment)s and user_id <> '' group by user_id),
  going as (
    select user_id, traces from ranked where place > %(most)s),
  taken as (
    delete from user_day u using going g where u.project_id = %(project)s and u.day = %(day)s
      and u.environment = %(environment)s and u.user_id = g.user_id returning u.*),
  others as (
    delete from user_day u where u.project_id = %(project)s and u.day = %(day)s
      and u.environment = %(environment)s and u.user_id = ''
      and exists (select from taken) returning u.*),
  kept as (
    insert into user_day ({_KEY}, user_id, sampled, {", ".join(SUMS)}, users, fresh)
    select {_KEY}, '', sampled, {_TOTALS}, sum(users), false from (
      select {_KEY}, sampled, {", ".join(SUMS)}, users from others union all
      select {_KEY}, sampled, {", ".join(SUMS)}, 0 from taken union all
      select %(project)s::int8, %(day)s::date, %(environment)s::text, false,
        {", ".join("0" for _ in SUMS)}, (select count(*)::int4 from going where traces > 0)) b
    group by {_KEY}, sampled having {_DIFFERENT} or sum(users) <> 0)
select count(*) from taken
"""  # noqa: S608

# What was sampled away is asked for over 24 hours.
_FORGET = "delete from user_sampled where at < clock_timestamp() - interval '26 hours'"


def bound_users(connection: Connection[Any], today: date, *, most: int = MOST_USERS) -> int:
    """Fold users of days older than EXACT_DAYS; how many rows were taken. May run twice.

    Does nothing where another process folds or repairs. `connection` is in autocommit.
    """
    row = connection.execute("select pg_try_advisory_lock(%s)", [LOCK]).fetchone()
    if row is None or not row[0]:
        return 0
    try:
        connection.execute(_FORGET)
        return _bound(connection, today - timedelta(days=EXACT_DAYS), most)
    finally:
        connection.execute("select pg_advisory_unlock(%s)", [LOCK])


def _bound(connection: Connection[Any], before: date, most: int) -> int:
    done = 0
    while dues := connection.execute(_DUE, {"before": before, "most": most}).fetchall():
        for project, day, environment in dues:
            given = {"project": project, "day": day, "environment": environment, "most": most}
            row = connection.execute(_FOLD, given).fetchone()
            done += int(row[0]) if row else 0
    return done

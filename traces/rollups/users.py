"""Traces by user and day: what a trace adds to `user_day`, instead of what it added before.

`user_counted` holds what of each trace stands in the sums, so a later look, a changed price or a
removal takes back exactly that. Everything is SQL over rows of `trace` that the caller has locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from psycopg import Connection, Cursor

from traces.ingest.totals import TraceDelta

SUMS = (
    "traces", "errors", "calls", "metered", "unpriced", "tokens_in", "tokens_out", "cost_nano",
    "duration_us",
)  # fmt: skip
_KEY = ("project_id", "day", "environment", "user_id", "sampled")
_KEYS, _SUMS = ", ".join(_KEY), ", ".join(SUMS)
_COUNTED = f"project_id, trace_id, day, environment, user_id, {', '.join(SUMS[1:])}"
_DIFFERENT = " or ".join(f"sum({name}) <> 0" for name in SUMS)
_SIGNED = ", ".join(f"sign * {name} as {name}" for name in SUMS)
_TOTALS = ", ".join(f"sum({name}) as {name}" for name in SUMS)
_REPLACED = ", ".join(
    f"{name} = excluded.{name}" for name in ("day", "environment", "user_id", *SUMS[1:])
)
_IDS = "unnest(%s::int8[], %s::text[]) as k (project_id, trace_id)"

# What a trace adds now. One without a user, or without spans, adds nothing.
_NOW = """
select t.project_id, t.trace_id, (t.start_time at time zone 'UTC')::date as day,
  coalesce(t.environment, '') as environment, t.user_id,
  (t.error_count > 0 and t.root_ok is not true)::int as errors,
  t.call_count as calls, t.metered_count as metered, t.unpriced_count as unpriced, t.tokens_in,
  t.tokens_out, t.cost_nano, t.duration_us
from trace t"""
_ADDS = "t.user_id <> '' and t.span_count > 0"
_COUNT = f"""
with before as (select u.* from {_IDS} join user_counted u using (project_id, trace_id)),
  now as ({_NOW} join {_IDS} using (project_id, trace_id) where {_ADDS}),
  gone as (
    delete from user_counted u using before b
    where u.project_id = b.project_id and u.trace_id = b.trace_id
      and not exists (select from now n where n.project_id = b.project_id
        and n.trace_id = b.trace_id)),
  kept as (
    insert into user_counted ({_COUNTED})
    select n.* from now n left join before b using (project_id, trace_id)
    where b.trace_id is null or row(n.*) is distinct from row(b.*)
    on conflict (project_id, trace_id) do update set
      {_REPLACED})
insert into user_day ({_KEYS}, {_SUMS})
select {_KEYS}, {_TOTALS} from (
  select project_id, day, environment, user_id, false as sampled, {_SIGNED} from (
    select *, 1 as traces, 1 as sign from now union all
    select *, 1 as traces, -1 as sign from before) b) d
group by {_KEYS} having {_DIFFERENT}
"""  # noqa: S608
_SAMPLE = f"""
insert into user_day ({_KEYS}, {_SUMS})
select {_KEYS}, {_TOTALS} from (
  select u.*, true as sampled, (g.trace_id is null)::int as traces from {_IDS}
  join user_counted u using (project_id, trace_id)
  left join sampled_trace g using (project_id, trace_id)) b group by {_KEYS}
"""  # noqa: S608

# Of a day that is folded (`user_bound`) somebody who does not stand apart is among the others.
_IS_FOLDED = """{0}.user_id <> '' and exists (
      select from user_day o where o.project_id = {0}.project_id and o.day = {0}.day
        and o.environment = {0}.environment and o.user_id = '')
    and not exists (
      select from user_day o where o.project_id = {0}.project_id and o.day = {0}.day
        and o.environment = {0}.environment and o.user_id = {0}.user_id and not o.fresh)"""

# The same for the rule of a user's last 24 hours, with evaluators.
_SAMPLE_NOW = f"""
insert into user_sampled (project_id, at, user_id, cost_nano)
select t.project_id, date_trunc('minute', t.start_time), t.user_id,
  sum(t.cost_nano + t.evaluator_nano) from trace t join {_IDS} using (project_id, trace_id)
where {_ADDS} and t.start_time > clock_timestamp() - interval '26 hours' group by 1, 2, 3
"""  # noqa: S608
_PARTS = (
    "call_count", "metered_count", "unpriced_count", "tokens_in", "tokens_out", "cost_nano",
)  # fmt: skip
_UNSAMPLE = f"""
insert into user_day ({_KEYS}, {_SUMS})
select u.project_id, u.day, u.environment, u.user_id, true, 0, 0,
  {", ".join(f"-k.{name}" for name in _PARTS)}, 0
from unnest(%s::int8[], %s::text[], {", ".join("%s::int8[]" for _ in _PARTS)})
  as k (project_id, trace_id, {", ".join(_PARTS)})
join user_counted u using (project_id, trace_id)
"""  # noqa: S608
_UNSAMPLE_NOW = """
insert into user_sampled (project_id, at, user_id, cost_nano)
select t.project_id, date_trunc('minute', t.start_time), t.user_id, -k.cost
from unnest(%s::int8[], %s::text[], %s::int8[]) as k (project_id, trace_id, cost)
join trace t using (project_id, trace_id)
where t.user_id <> '' and t.start_time > clock_timestamp() - interval '26 hours'
"""

_FOLD = f"""
with fresh as (
    select {_KEYS}, case when {_IS_FOLDED.format("u")} then '' else user_id end as goes_to
    from user_day u where fresh group by {_KEYS} limit 5000),
  taken as (
    delete from user_day u using fresh f
    where {" and ".join(f"u.{name} = f.{name}" for name in _KEY)} returning u.*, f.goes_to),
  kept as (
    insert into user_day ({_KEYS}, {_SUMS}, users, fresh)
    select project_id, day, environment, goes_to, sampled, {_TOTALS}, sum(users), false from taken
    group by project_id, day, environment, goes_to, sampled
    having {_DIFFERENT} or sum(users) <> 0)
select count(*) from taken
"""  # noqa: S608

_REPAIR = f"""
with added as (
  insert into user_day ({_KEYS}, {_SUMS})
  select {_KEYS}, {_TOTALS} from (
    select project_id, day, environment,
      case when {_IS_FOLDED.format("b")} then '' else user_id end as user_id, sampled, {_SUMS}
    from (
      select project_id, day, environment, user_id, false as sampled, count(*) as traces,
        {", ".join(f"sum({name}) as {name}" for name in SUMS[1:])} from user_counted
      where day = %(day)s group by 1, 2, 3, 4
      union all
      select {_KEYS}, {", ".join(f"-sum({name})" for name in SUMS)} from user_day
      where day = %(day)s and not sampled group by {_KEYS}) b) m
  group by {_KEYS} having {_DIFFERENT} returning project_id)
select count(*) from added
"""  # noqa: S608
# Settled traces that say something else than what was counted of them.
_MISSED = f"""
insert into digest_queue (project_id, trace_id, first_start, last_start)
select t.project_id, t.trace_id, t.start_time, t.end_time
from trace t left join user_counted u using (project_id, trace_id)
where t.start_time >= %(day)s::date::timestamp at time zone 'UTC'
  and t.start_time < (%(day)s::date + 1)::timestamp at time zone 'UTC' and {_ADDS}
  and (u.trace_id is null or (u.day, u.environment, u.user_id, u.errors, u.calls, u.metered,
      u.unpriced, u.tokens_in, u.tokens_out, u.cost_nano, u.duration_us) is distinct from (
    (t.start_time at time zone 'UTC')::date, coalesce(t.environment, ''), t.user_id,
    (t.error_count > 0 and t.root_ok is not true)::int, t.call_count, t.metered_count,
    t.unpriced_count, t.tokens_in, t.tokens_out, t.cost_nano, t.duration_us))
  and not exists (select from digest_queue q
    where q.project_id = t.project_id and q.trace_id = t.trace_id)
"""  # noqa: S608


def count_users(cursor: Cursor[Any], ids: Sequence[Sequence[Any]]) -> None:
    """Let `user_day` hold what these traces are now; `ids` are project ids and trace ids.

    The caller holds the locks of the rows of `trace`; a trace that is gone is taken back.
    """
    both = [list(part) for part in ids]
    cursor.execute(_COUNT, [*both, *both])


def sample_users(cursor: Cursor[Any], ids: Sequence[Sequence[Any]]) -> None:
    """Add what these traces count for to what was sampled away, before they are taken back.

    The rest of a trace that went before is no further trace.
    """
    cursor.execute(_SAMPLE, [list(part) for part in ids])
    cursor.execute(_SAMPLE_NOW, [list(part) for part in ids])


def unsample_users(cursor: Cursor[Any], totals: Sequence[TraceDelta]) -> None:
    """Take out of what was sampled away the part of traces that came again and stays."""
    if totals:
        names = ("project_id", "trace_id", *_PARTS)
        given = [[getattr(one, name) for one in totals] for name in names]
        cursor.execute(_UNSAMPLE, given)
        cursor.execute(
            _UNSAMPLE_NOW, [*given[:2], [t.cost_nano + t.evaluator_nano for t in totals]]
        )


def fold_users(connection: Connection[Any]) -> int:
    """Fold fresh rows with those of the same key; returns how many rows were taken."""
    folded = 0
    while True:
        row = connection.execute(_FOLD).fetchone()
        if row is None or not row[0]:
            return folded
        folded += int(row[0])


def compare_users(connection: Connection[Any], day: date) -> tuple[int, int]:
    """Compare one day: sums that were wrong and are repaired, traces that are queued again."""
    missed = connection.execute(_MISSED, {"day": day}).rowcount
    row = connection.execute(_REPAIR, {"day": day}).fetchone()
    return (int(row[0]) if row else 0), missed


def forget_users(connection: Connection[Any], edge: datetime) -> None:
    """Forget the days before that of `edge`: who used what is kept no longer than the traces."""
    for table in ("user_counted", "user_day"):
        while True:
            gone = connection.execute(
                f"delete from {table} where ctid in "  # noqa: S608
                f"(select ctid from {table} where day < %s limit 10000)",
                [edge.date()],
            ).rowcount
            if gone < 10_000:
                break

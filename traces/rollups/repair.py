"""The figures are compared with the spans they come from, and what differs is put right.

Spans and figures are read in one snapshot, and every writer commits both together, so a difference
is a fault and not a race. It is repaired by appending the difference, which works beside writers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection, IsolationLevel

from traces import partitions
from traces.ingest.record import COSTLESS_KINDS, TOKEN_CLASSES, TRACE_FACTS, Level
from traces.rollups.compaction import LOCK
from traces.rollups.histogram import BUCKET_SQL
from traces.rollups.spend_upkeep import REPAIR_SPEND
from traces.rollups.usage import DIMENSIONS, SUMS

HOUR = timedelta(hours=1)
RECENT = timedelta(hours=26)
WIDEST = timedelta(days=1)
SLOW_SECONDS = 4.0
_KEY = ("project_id", "hour", *DIMENSIONS, "kind")
_KEYS = ", ".join(_KEY)
_COSTLESS = ", ".join(str(int(kind)) for kind in sorted(COSTLESS_KINDS))
_COST = f"case when s.counts or s.kind not in ({_COSTLESS}) then s.cost_nano end"

_SPANS = f"""
select s.project_id, date_trunc('hour', s.start_time, 'UTC') as hour,
  coalesce(s.environment, '') as environment, coalesce(s.feature, '') as feature,
  coalesce(nullif(s.model, ''), s.model_requested, '') as model,
  coalesce(s.provider, '') as provider, coalesce(s.prompt_name, '') as prompt_name,
  coalesce(s.prompt_version, '') as prompt_version, s.kind,
  {BUCKET_SQL.format("s.duration_us")} as bucket, count(s.duration_us) as n,
  count(*) as spans, count(*) filter (where s.level = {int(Level.ERROR)}) as errors,
  count(*) filter (where s.counts) as calls,
  count(*) filter (where s.counts and s.cost_nano is null) as unpriced,
  {", ".join(f"coalesce(sum(s.{n}) filter (where s.counts), 0) as {n}" for n in TOKEN_CLASSES)},
  coalesce(sum({_COST}) filter (where s.evaluates is not true), 0) as cost_nano,
  coalesce(sum({_COST}) filter (where s.evaluates), 0) as evaluator_nano,
  coalesce(sum(s.duration_us), 0) as duration_us
from span s
where s.start_time >= %(low)s and s.start_time < %(high)s and s.span_id <> '{TRACE_FACTS}'
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
"""  # noqa: S608
_REPAIR = f"""
with expected as materialized ({_SPANS}),
  present as materialized (
    select * from usage_hour where hour >= %(low)s and hour < %(high)s and not sampled),
  sums as (
    select {_KEYS}, {", ".join(f"sum({name}) as {name}" for name in SUMS)} from (
      select {_KEYS}, {", ".join(SUMS)} from expected union all
      select {_KEYS}, {", ".join(f"-{name}" for name in SUMS)} from present) b group by {_KEYS}),
  buckets as (
    select {_KEYS}, array_agg(b order by b) as lat_b, array_agg(n order by b) as lat_n from (
      select {_KEYS}, b, sum(n) as n from (
        select {_KEYS}, bucket as b, n from expected where bucket is not null union all
        select {_KEYS}, u.b, -u.n from present, unnest(lat_b, lat_n) as u (b, n)) e
      group by {_KEYS}, b having sum(n) <> 0) f
    group by {_KEYS}),
  added as (
    insert into usage_hour ({_KEYS}, {", ".join(SUMS)}, lat_b, lat_n)
    select {_KEYS}, {", ".join(f"s.{name}" for name in SUMS)},
      coalesce(l.lat_b, '{{}}')::int2[], coalesce(l.lat_n, '{{}}')::int4[]
    from sums s left join buckets l using ({_KEYS})
    where l.lat_b is not null or {" or ".join(f"s.{name} <> 0" for name in SUMS)}
    returning project_id, hour)
select count(*), count(distinct (project_id, hour)) from added
"""  # noqa: S608

_TRACE_KEY = "project_id, hour, environment, feature, name, release, models"
_TRACE_SUMS = ("traces", "errors", "recovered", "duration_us")
_REPAIR_TRACES = f"""
with expected as materialized (
    select project_id, date_trunc('hour', start_time, 'UTC') as hour, environment, feature, name,
      release, models, {BUCKET_SQL.format("duration_us")} as bucket, count(*) as n,
      count(*) as traces,
      count(*) filter (where status = 2) as errors,
      count(*) filter (where status = 1) as recovered, sum(duration_us) as duration_us
    from trace_counted where start_time >= %(low)s and start_time < %(high)s
    group by 1, 2, 3, 4, 5, 6, 7, 8),
  present as materialized (
    select * from trace_hour where hour >= %(low)s and hour < %(high)s and not sampled),
  sums as (
    select {_TRACE_KEY}, {", ".join(f"sum({name}) as {name}" for name in _TRACE_SUMS)} from (
      select {_TRACE_KEY}, {", ".join(_TRACE_SUMS)} from expected union all
      select {_TRACE_KEY}, {", ".join(f"-{name}" for name in _TRACE_SUMS)} from present) b
    group by {_TRACE_KEY}),
  buckets as (
    select {_TRACE_KEY}, array_agg(b order by b) as lat_b, array_agg(n order by b) as lat_n from (
      select {_TRACE_KEY}, b, sum(n) as n from (
        select {_TRACE_KEY}, bucket as b, n from expected union all
        select {_TRACE_KEY}, u.b, -u.n from present, unnest(lat_b, lat_n) as u (b, n)) e
      group by {_TRACE_KEY}, b having sum(n) <> 0) f
    group by {_TRACE_KEY}),
  added as (
    insert into trace_hour ({_TRACE_KEY}, {", ".join(_TRACE_SUMS)}, lat_b, lat_n)
    select {_TRACE_KEY}, {", ".join(f"s.{name}" for name in _TRACE_SUMS)},
      coalesce(l.lat_b, '{{}}')::int2[], coalesce(l.lat_n, '{{}}')::int4[]
    from sums s left join buckets l using ({_TRACE_KEY})
    where l.lat_b is not null or {" or ".join(f"s.{name} <> 0" for name in _TRACE_SUMS)}
    returning project_id, hour)
select count(*), count(distinct (project_id, hour)) from added
"""  # noqa: S608
# Traces that nobody has counted, though nobody is about to.
_MISSED = """
insert into digest_queue (project_id, trace_id, first_start, last_start)
select t.project_id, t.trace_id, t.start_time, t.end_time from trace t
left join trace_counted c using (project_id, trace_id)
where t.start_time >= %(low)s and t.start_time < %(high)s and t.span_count > 0
  and (c.trace_id is null or c.start_time <> t.start_time)
  and not exists (select 1 from digest_queue q
    where q.project_id = t.project_id and q.trace_id = t.trace_id)
"""


@dataclass(slots=True)
class Compared:
    """What a comparison found."""

    hours: int = 0  # compared, over all projects
    wrong: int = 0  # hours of projects that differed and were put right
    missed: int = 0  # traces that had not been counted, and are now queued
    seconds: float = 0.0
    since: datetime | None = None
    until: datetime | None = None


def compare(connection: Connection[Any], low: datetime, high: datetime) -> Compared:
    """Compare the hours from `low` up to `high`, both whole hours, and repair what differs.

    `connection` is in autocommit. Waits while another process folds or repairs.
    """
    found = Compared(since=low, until=high)
    began = time.monotonic()
    connection.execute("set jit = off")
    connection.execute("select pg_advisory_lock(%s)", [LOCK])
    try:
        at, width = high, HOUR
        while at > low:
            since, started = max(low, at - width), time.monotonic()
            bounds = {"low": since, "high": at}
            found.hours += (at - since) // HOUR
            found.wrong += _repair(connection, _REPAIR, bounds)
            found.wrong += _repair(connection, REPAIR_SPEND, bounds)
            found.missed += connection.execute(_MISSED, bounds).rowcount
            found.wrong += _repair(connection, _REPAIR_TRACES, bounds)
            at, width = since, _next(width, time.monotonic() - started)
    finally:
        connection.execute("select pg_advisory_unlock(%s)", [LOCK])
    found.seconds = time.monotonic() - began
    return found


def _next(width: timedelta, seconds: float) -> timedelta:
    """How much to compare at once, from how long the last step took: a statement holds it all."""
    if seconds > SLOW_SECONDS:
        return max(HOUR, width // 2 // HOUR * HOUR)
    return min(width * 2, WIDEST) if seconds < SLOW_SECONDS / 4 else width


def _repair(connection: Connection[Any], statement: str, bounds: dict[str, datetime]) -> int:
    before = connection.isolation_level
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with connection.transaction():
            row = connection.execute(statement, bounds).fetchone()
    finally:
        connection.isolation_level = before
    return int(row[1]) if row else 0


def due(
    connection: Connection[Any], now: datetime, kept: timedelta | None = None
) -> Iterator[tuple[datetime, datetime]]:
    """What to compare next, as ranges of whole hours, the most urgent first.

    The last 26 hours every time, then day by day whatever is older, going round; nothing older
    than `kept`, for figures outlive the spans.
    """
    top = _hour(now) + HOUR
    recent = top - RECENT
    yield recent, top
    with connection.cursor() as cursor:
        held = list(partitions.existing(cursor).values())
    if not held or held[0].lower >= recent:
        return
    oldest = held[0].lower if kept is None else max(held[0].lower, _hour(now - kept) + HOUR)
    row = connection.execute(
        "select since from rollup_check where until <= %s "
        "order by checked_at desc, id desc limit 1",
        [recent],
    ).fetchone()
    at = row[0].astimezone(UTC) if row and row[0] and row[0] > oldest else recent
    while at > oldest:
        low = max(oldest, at - timedelta(days=1))
        yield low, at
        at = low


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def keep(connection: Connection[Any], found: Compared) -> None:
    """Note what a comparison found, and forget what was noted a month ago."""
    connection.execute(
        "insert into rollup_check (checked_at, seconds, hours, wrong, since, until) "
        "values (clock_timestamp(), %s, %s, %s, %s, %s)",
        [found.seconds, found.hours, found.wrong, found.since, found.until],
    )
    connection.execute(
        "delete from rollup_check where checked_at < clock_timestamp() - interval '30 days'"
    )

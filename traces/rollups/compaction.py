"""Fresh rows of the figures are folded: one row a key and hour, and their sums go into the day.

One statement each: what it deletes is what it adds up, so readers see the same sums before and
after, and rows that intake appends meanwhile stay for the next time. May run twice.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from traces.rollups.spend_upkeep import FOLD_SPEND
from traces.rollups.totals import FOLD_TOTALS
from traces.rollups.usage import DIMENSIONS, SUMS

LOCK = 0x726F6C6C  # advisory lock: one process folds or repairs at a time
_HOURS = 200  # hours of projects in one statement

_DAY_KEY = ("project_id", "day", "environment", "feature", "model", "provider", "kind", "sampled")
_HOUR_KEY = ("project_id", "hour", *DIMENSIONS, "kind", "sampled")
_TRACE_REST = ("environment", "feature", "name", "release", "models", "sampled")
_TRACE_DAY_KEY = ("project_id", "day", *_TRACE_REST)
_TRACE_KEY = ("project_id", "hour", *_TRACE_REST)
_TRACE_SUMS = ("traces", "errors", "recovered", "duration_us")


def _folded(source: str, key: tuple[str, ...], sums: tuple[str, ...], count: str) -> str:
    """SQL of the sums of `source` by `key`, with their histograms; what comes to nothing is out."""
    keys = ", ".join(key)
    total = ", ".join(f"sum({name}) as {name}" for name in sums)
    return f"""
  select {keys}, {", ".join(f"s.{name}" for name in sums)},
    coalesce(l.lat_b, '{{}}') as lat_b, coalesce(l.lat_n, '{{}}')::{count}[] as lat_n
  from (select {keys}, {total} from {source} group by {keys}) s
  left join (
    select {keys}, array_agg(b order by b) as lat_b, array_agg(n order by b) as lat_n
    from (select {keys}, u.b, sum(u.n) as n from {source}, unnest(lat_b, lat_n) as u (b, n)
      group by {keys}, u.b having sum(u.n) <> 0) n
    group by {keys}) l using ({keys})
  where l.lat_b is not null or {" or ".join(f"s.{name} <> 0" for name in sums)}"""  # noqa: S608


def _taken(table: str) -> str:
    return f"""
  taken as (
    delete from {table} t using (
      select project_id, hour from {table} where fresh group by 1, 2 order by 1, 2 limit {_HOURS}
    ) d where t.project_id = d.project_id and t.hour = d.hour returning t.*)"""  # noqa: S608


def _fold(
    name: str,
    sums: tuple[str, ...],
    hour_key: tuple[str, ...],
    day_key: tuple[str, ...],
    also: str = "",
) -> str:
    """SQL that folds the hours of `<name>_hour` with fresh rows, and adds these to `<name>_day`.

    `also` is what else is done with the fresh rows, `news` there.
    """
    columns = ", ".join((*sums, "lat_b", "lat_n"))
    hour_keys, day_keys = ", ".join(hour_key), ", ".join(day_key)
    return f"""
with {_taken(f"{name}_hour")},
  news as (select *, (hour at time zone 'UTC')::date as day from taken where fresh),
  days as (
    delete from {name}_day u using (select distinct project_id, day from news) d
    where u.project_id = d.project_id and u.day = d.day returning u.*),
  both_days as (
    select {day_keys}, {columns} from days union all
    select {day_keys}, {", ".join(sums)}, lat_b, lat_n::int8[] from news),
  kept_days as (
    insert into {name}_day ({day_keys}, {columns})
    {_folded("both_days", day_key, sums, "int8")} returning 1),{also}
  kept as (
    insert into {name}_hour ({hour_keys}, {columns}, fresh)
    select f.*, false from ({_folded("taken", hour_key, sums, "int4")}) f returning 1)
select (select count(*) from taken), (select count(*) from kept), (select count(*) from kept_days)
"""  # noqa: S608


_FOLD_USAGE = _fold("usage", SUMS, _HOUR_KEY, _DAY_KEY, FOLD_TOTALS)
_FOLD_TRACES = _fold("trace", _TRACE_SUMS, _TRACE_KEY, _TRACE_DAY_KEY)
_FOLDS = (_FOLD_USAGE, FOLD_SPEND, _FOLD_TRACES)


def fold(connection: Connection[Any]) -> int:
    """Fold every fresh row; returns how many rows were taken. `connection` is in autocommit.

    Does nothing where another process is at it.
    """
    row = connection.execute("select pg_try_advisory_lock(%s)", [LOCK]).fetchone()
    if row is None or not row[0]:
        return 0
    try:
        connection.execute("set jit = off")
        return sum(_all(connection, statement) for statement in _FOLDS)
    finally:
        connection.execute("select pg_advisory_unlock(%s)", [LOCK])


def _all(connection: Connection[Any], statement: str) -> int:
    folded = 0
    while True:
        row = connection.execute(statement).fetchone()
        if row is None or not row[0]:
            return folded
        folded += int(row[0])

"""Whole traces by the hour: what a settled trace adds to `trace_hour`, instead of what it added.

`trace_counted` holds what of each trace stands in the sums, so that a later look, or a deletion,
takes back exactly that. Only called while the rows of the traces are locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from psycopg import Cursor

from traces.ingest.totals import RANKED, SEPARATOR, TraceDelta, TraceKey
from traces.rollups.histogram import bucket_of
from traces.rollups.spend import HOUR_US, PG_EPOCH_US

_PLACES = tuple(RANKED.index(name) for name in ("environment", "feature", "name", "release"))


class Status(IntEnum):
    """How a trace ended. Recovered: something inside failed, its root did not."""

    OK = 0
    RECOVERED = 1
    FAILED = 2


class Counted(NamedTuple):
    """What of a trace is counted. Times in microseconds since 1970; '' is none."""

    start_us: int
    duration_us: int
    status: int
    environment: str
    feature: str
    name: str
    release: str
    models: tuple[str, ...]  # each once, in order


_STORED = """
select c.project_id, c.trace_id, (extract(epoch from c.start_time) * 1000000)::int8, c.duration_us,
  c.status, c.environment, c.feature, c.name, c.release, c.models
from unnest(%s::int8[], %s::text[]) as k (project_id, trace_id)
join trace_counted c using (project_id, trace_id)
"""
_KEEP = """
insert into trace_counted (project_id, trace_id, start_time, duration_us, status, environment,
  feature, name, release, models)
select project_id, trace_id, timestamptz 'epoch' + start_us * interval '1 microsecond', duration_us,
  status, environment, feature, name, release, string_to_array(models, E'\\x1f')
from unnest(%s::int8[], %s::text[], %s::int8[], %s::int8[], %s::int2[], %s::text[], %s::text[],
  %s::text[], %s::text[], %s::text[]) as n (project_id, trace_id, start_us, duration_us, status,
  environment, feature, name, release, models)
on conflict (project_id, trace_id) do update set start_time = excluded.start_time,
  duration_us = excluded.duration_us, status = excluded.status,
  environment = excluded.environment, feature = excluded.feature, name = excluded.name,
  release = excluded.release, models = excluded.models
"""
_FORGET = """
delete from trace_counted c using unnest(%s::int8[], %s::text[]) as k (project_id, trace_id)
where c.project_id = k.project_id and c.trace_id = k.trace_id
"""
_COPY = (
    "copy trace_hour (project_id, hour, environment, feature, name, release, models, sampled, "
    "traces, errors, recovered, duration_us, lat_b, lat_n) from stdin (format binary)"
)
_TYPES = (
    "int8", "int8", "text", "text", "text", "text", "text[]", "bool", "int8", "int8", "int8",
    "numeric", "int2[]", "int4[]",
)  # fmt: skip


def stored(cursor: Cursor[Any], ids: Sequence[Sequence[Any]]) -> dict[TraceKey, Counted]:
    """What is counted of these traces now; `ids` are project ids and trace ids."""
    cursor.execute(_STORED, [list(part) for part in ids])
    return {
        (row[0], row[1]): Counted._make((*row[2:9], tuple(row[9]))) for row in cursor.fetchall()
    }


def counted_of(total: TraceDelta) -> Counted | None:
    """What is to be counted of a trace with these totals; None of one without spans."""
    if not total.span_count:
        return None
    status = Status.OK
    if total.error_count:
        status = Status.RECOVERED if total.root_ok else Status.FAILED
    environment, feature, name, release = (total.values[place] or "" for place in _PLACES)
    models = tuple(facet[2:] for facet in total.kept_facets if facet.startswith("m:"))
    duration = total.end_us - total.start_us
    return Counted(total.start_us, duration, status, environment, feature, name, release, models)


def count_traces(
    cursor: Cursor[Any],
    before: Mapping[TraceKey, Counted],
    now: Mapping[TraceKey, Counted],
) -> None:
    """Let `trace_hour` hold `now` of these traces instead of `before`."""
    gone = sorted(key for key in before if key not in now)
    changed = sorted(key for key, counted in now.items() if before.get(key) != counted)
    rows = TraceRows()
    for key in gone:
        rows.add(key[0], before[key], -1)
    for key in changed:
        if key in before:
            rows.add(key[0], before[key], -1)
        rows.add(key[0], now[key])
    rows.copy_to(cursor)
    if gone:
        cursor.execute(_FORGET, [[key[0] for key in gone], [key[1] for key in gone]])
    if changed:
        *columns, models = zip(*(now[key] for key in changed), strict=True)
        keys = [[key[0] for key in changed], [key[1] for key in changed]]
        listed = [SEPARATOR.join(each) for each in models]
        cursor.execute(_KEEP, [*keys, *(list(column) for column in columns), listed])


class TraceRows:
    """Rows of `trace_hour` in the making."""

    def __init__(self, *, sampled: bool = False) -> None:
        self._sampled = sampled
        self.rows: dict[tuple[Any, ...], tuple[list[int], dict[int, int]]] = {}

    def add(self, project_id: int, counted: Counted, sign: int = 1) -> None:
        """Count one trace in; with -1, take it back."""
        hour = counted.start_us - counted.start_us % HOUR_US
        key = (project_id, hour, *counted[3:])
        sums, latencies = self.rows.setdefault(key, ([0, 0, 0, 0], {}))
        sums[0] += sign
        sums[1] += sign * (counted.status == Status.FAILED)
        sums[2] += sign * (counted.status == Status.RECOVERED)
        sums[3] += sign * counted.duration_us
        bucket = bucket_of(counted.duration_us)
        latencies[bucket] = latencies.get(bucket, 0) + sign

    def copy_to(self, cursor: Cursor[Any]) -> None:
        """Append the rows, those left out that come to nothing."""
        lines = list(self._lines())
        if not lines:
            return
        with cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for line in lines:
                copy.write_row(line)

    def _lines(self) -> Iterable[tuple[Any, ...]]:
        for (project, hour, *rest, models), (sums, latencies) in self.rows.items():
            buckets = sorted(bucket for bucket, count in latencies.items() if count)
            if buckets or any(sums):
                counts = [latencies[bucket] for bucket in buckets]
                key = (project, hour - PG_EPOCH_US, *rest, list(models), self._sampled)
                yield (*key, *sums, buckets, counts)

"""SQL that finds and locks stored spans and traces: whatever reads them in batches shares it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from traces.ingest.rows import COLUMNS, SpanKey

FROM_MICROS = "timestamptz 'epoch' + {} * interval '1 microsecond'"
TO_MICROS = "(extract(epoch from {}) * 1000000)::int8"


def bounded(row: str, margin: str = "0") -> str:
    """SQL that bounds `row` by the parameters that `bounds` makes: its trace, and time, so that the
    partitions of other times stay closed. However it is read, each row is looked at once."""
    return f"""
{row}.project_id = any(%s::int8[]) and {row}.trace_id = any(%s::text[])
  and {row}.start_time between {FROM_MICROS.format("%s")} - interval '{margin}'
    and {FROM_MICROS.format("%s")} + interval '{margin}'
"""


def near(row: str) -> str:
    """`bounded`, for what is looked for without its start: a day is left on both sides.

    Of the last minutes the planner knows so little that it would take the index of time, and read
    what everybody stored in them.
    """
    return bounded(row, "24 hours")


def bounds(projects: Sequence[int], traces: Sequence[str], starts: Sequence[int]) -> list[Any]:
    """The parameters of `bounded` and `near`; starts in microseconds, none of them empty."""
    return [sorted(set(projects)), sorted(set(traces)), min(starts), max(starts)]


def _selected(name: str) -> str:
    return TO_MICROS.format(f"s.{name}") if name == "start_time" else f"s.{name}"


# What is stored of these spans already, whatever their start; the rows locked in the order of keys.
# Their ids are no further bound beside those of traces: before PostgreSQL 17 an index is entered
# once for each trace with each id. Asked `in_one_pass`; then come the parameters of `keyed`.
_KEYED = "(select * from unnest(%s::int8[], %s::text[], %s::text[]))"
SELECT_STORED = f"""
select {", ".join(_selected(name) for name in COLUMNS)} from span s
where {near("s")} and (s.project_id, s.trace_id, s.span_id) in {_KEYED}
order by s.project_id, s.trace_id, s.span_id for update of s
"""
SELECT_BODIES = f"""
select c.project_id, c.trace_id, c.span_id, {TO_MICROS.format("c.start_time")}, c.body
from span_content c
where {near("c")} and (c.project_id, c.trace_id, c.span_id) in {_KEYED}
"""


def keyed(keys: Collection[SpanKey], low: int, high: int) -> list[Any]:
    """The bounds of the rows of these spans between two starts, then their keys."""
    projects, traces = [key[0] for key in keys], [key[1] for key in keys]
    return [*bounds(projects, traces, [low, high]), projects, traces, [key[2] for key in keys]]


# Where the spans of these traces may lie in time.
SELECT_WINDOW = f"""
select {TO_MICROS.format("min(t.start_time)")}, {TO_MICROS.format("max(t.end_time)")}
from unnest(%s::int8[], %s::text[]) as k (project_id, trace_id)
join trace t using (project_id, trace_id)
"""

LOCK_TRACES = """
select 1 from trace t
join unnest(%s::int8[], %s::text[]) as k (project_id, trace_id) using (project_id, trace_id)
order by t.project_id, t.trace_id for update of t
"""

# Its parameters, and those of whatever else is read of traces, are made by `of_traces`.
SELECT_SPANS_OF_TRACES = f"""
select {", ".join(_selected(name) for name in COLUMNS)}
from unnest(%s::int8[], %s::text[]) as k (project_id, trace_id)
join span s using (project_id, trace_id) where {near("s")}
"""


def of_traces(ids: Sequence[Sequence[Any]], low: int, high: int) -> list[Any]:
    """Project ids, trace ids, and the bounds of rows of these between two starts."""
    return [list(ids[0]), list(ids[1]), *bounds(ids[0], ids[1], [low, high])]


# Keys of these traces that are stored more than once: none, but for those of this transaction.
FIND_TWICE = f"""
select s.project_id, s.trace_id, s.span_id from span s where {near("s")}
group by 1, 2, 3 having count(*) > 1
"""

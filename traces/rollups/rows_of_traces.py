"""The rows of whole traces, in every table that goes with them; for sampling and for deletion.

Only called while the rows of the traces are locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Cursor

from traces.ingest import lookups

_BY_TRACE = """
delete from {} d using unnest(%s::int8[], %s::text[]) as k (project_id, trace_id)
where d.project_id = k.project_id and d.trace_id = k.trace_id
"""
_WITHIN = """
  and d.start_time between timestamptz 'epoch' + %s * interval '1 microsecond'
  and timestamptz 'epoch' + %s * interval '1 microsecond'
"""
_PARTITIONED = ("span", "span_content")
_WHOLE = ("trace_words", "uncounted", "log_event", "media_use", "trace")
REMOVED_FROM = (*_PARTITIONED, *_WHOLE)

Ids = Sequence[Sequence[Any]]  # project ids and trace ids


@dataclass(frozen=True, slots=True)
class SpanRows:
    """The spans of some traces in the order of the writer's columns, and where they lie in time."""

    rows: list[list[Any]]
    low: int | None  # microseconds since 1970
    high: int | None


def spans_of(cursor: Cursor[Any], ids: Ids) -> SpanRows:
    """All spans of these traces."""
    both = [list(part) for part in ids]
    cursor.execute(lookups.SELECT_WINDOW, both)
    low, high = cursor.fetchone() or (None, None)
    if low is None or high is None:
        return SpanRows([], None, None)
    cursor.execute(lookups.SELECT_SPANS_OF_TRACES, lookups.of_traces(both, low, high))
    return SpanRows([list(row) for row in cursor.fetchall()], low, high)


def delete_rows(cursor: Cursor[Any], ids: Ids, spans: SpanRows) -> None:
    """Delete the rows of these traces from `REMOVED_FROM`; figures are the caller's."""
    for table in _PARTITIONED:
        cursor.execute(_BY_TRACE.format(table) + _WITHIN, [*ids, spans.low, spans.high])
    delete_from(cursor, _WHOLE, ids)


def delete_from(cursor: Cursor[Any], tables: Sequence[str], ids: Ids) -> None:
    """Delete the rows of these traces from tables that know them by project and id."""
    for table in tables:
        cursor.execute(_BY_TRACE.format(table), [list(part) for part in ids])

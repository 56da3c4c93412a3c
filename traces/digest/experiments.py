"""Which settled traces say that they belong to an experiment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg import Cursor

from traces.ingest.record import SpanRecord
from traces.ingest.rows import SpanKey

_NOTE = """
insert into experiment_trace (project_id, trace_id, noted_at, due_at)
select k.project_id, k.trace_id, clock_timestamp(), clock_timestamp()
from unnest(%s::int8[], %s::text[]) as k (project_id, trace_id)
order by k.project_id, k.trace_id
on conflict (project_id, trace_id) do update
set noted_at = excluded.noted_at, due_at = excluded.due_at
"""


def note_experiments(cursor: Cursor[Any], records: Mapping[SpanKey, SpanRecord]) -> None:
    """Leave a note of each trace one of whose spans names its experiment."""
    found = sorted({key[:2] for key, record in records.items() if record.experiment})
    if found:
        cursor.execute(_NOTE, [[key[0] for key in found], [key[1] for key in found]])

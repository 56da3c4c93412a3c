"""Which traces are settled. Rows are only appended by intake; whoever took them removes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, Cursor

SETTLED_AFTER_SECONDS = 3.0
MOST_TRACES = 100  # in one transaction: their rows stay locked meanwhile
_LOOKED_AT = 4000  # oldest rows of the queue that are grouped at once


@dataclass(frozen=True, slots=True)
class Due:
    """A settled trace. `seen_at` is when it was last queued; later rows belong to the next look."""

    project_id: int
    trace_id: str
    seen_at: datetime


_TAKE = """
with oldest as (
  select distinct project_id, trace_id from (
    select project_id, trace_id from digest_queue order by queued_at limit %s) q
)
select q.project_id, q.trace_id, max(q.queued_at) from digest_queue q
join oldest using (project_id, trace_id)
group by q.project_id, q.trace_id
having max(q.queued_at) <= clock_timestamp() - %s * interval '1 second'
order by max(q.queued_at) limit %s
"""

_REMOVE = """
delete from digest_queue q
using unnest(%s::int8[], %s::text[], %s::timestamptz[]) as d (project_id, trace_id, seen_at)
where q.project_id = d.project_id and q.trace_id = d.trace_id and q.queued_at <= d.seen_at
"""


def settled(connection: Connection[Any], *, most: int = MOST_TRACES) -> list[Due]:
    """Traces without a write for three seconds, the longest settled first, sorted by key.

    A trace that is written to for ever is never settled; its totals are those of intake.
    """
    rows = connection.execute(_TAKE, [_LOOKED_AT, SETTLED_AFTER_SECONDS, most]).fetchall()
    return sorted((Due(*row) for row in rows), key=lambda due: (due.project_id, due.trace_id))


def remove(cursor: Cursor[Any], dues: list[Due]) -> None:
    """Take what was seen out of the queue, in the caller's transaction."""
    cursor.execute(
        _REMOVE,
        [
            [due.project_id for due in dues],
            [due.trace_id for due in dues],
            [due.seen_at for due in dues],
        ],
    )


def backlog(connection: Connection[Any]) -> tuple[int, float]:
    """Rows that wait (capped at 100,000), and the age of the oldest in seconds."""
    row = connection.execute(
        "select (select count(*) from (select 1 from digest_queue limit 100000) q), "
        "coalesce(extract(epoch from clock_timestamp() - (select min(queued_at) from digest_queue))"
        ", 0)"
    ).fetchone()
    return (int(row[0]), float(row[1])) if row else (0, 0.0)

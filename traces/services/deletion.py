"""Deleting traces for good: every row of them, and what they added to the figures."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction
from psycopg import Cursor

from traces.ingest import lookups
from traces.ingest.record import TRACE_FACTS
from traces.ingest.rows import AT
from traces.media.bodies import delete_elsewhere
from traces.media.s3 import StoreIsAway
from traces.rollups.counted import count_traces, stored
from traces.rollups.rows_of_traces import delete_from, delete_rows, spans_of
from traces.rollups.scores import note_traces
from traces.rollups.usage import count_usage
from traces.rollups.users import count_users

log = logging.getLogger(__name__)

MOST_TRACES = 100  # in one transaction: their rows stay locked meanwhile
_SPAN = AT["span_id"]
# What people and programs said of a trace goes with it.
_SAID = (
    "score", "outcome", "trace_tag", "trace_note", "trace_share", "sampling_candidate",
    "experiment_trace",
)  # fmt: skip
_FILES = """
select distinct u.project_id, u.media_id from media_use u
join unnest(%s::int8[], %s::text[]) as k (project_id, trace_id) using (project_id, trace_id)
"""
_UNUSED = """
delete from media m using unnest(%s::int8[], %s::text[]) as k (project_id, id)
where m.project_id = k.project_id and m.id = k.id and not exists (
  select from media_use u where u.project_id = m.project_id and u.media_id = m.id)
returning m.project_id, m.id, m.is_elsewhere
"""


@dataclass(frozen=True)
class Deleted:
    """What went."""

    traces: int
    spans: int


@transaction.atomic
def delete_traces(project_id: int, trace_ids: Sequence[str]) -> Deleted:
    """Delete these traces, at most `MOST_TRACES`, and take back what they added to every figure.

    Their rows are locked first: a writer in flight waits, and what it then writes is a trace anew.
    An id that is unknown, or gone already, is passed over. The audit entry is the caller's.

    Raises: django.db.OperationalError for a deadlock with a writer, with nothing done.
    """
    with connection.cursor() as wrapped:
        cursor: Cursor[Any] = wrapped.cursor
        ids: list[list[Any]] = [[project_id] * len(trace_ids), sorted(trace_ids)]
        wrapped.execute(lookups.LOCK_TRACES, ids)
        found = spans_of(cursor, ids)
        count_usage(cursor, found.rows, -1)
        count_traces(cursor, stored(cursor, ids), {})
        cursor.execute(_FILES, ids)
        files = cursor.fetchall()
        cursor.execute(
            "select count(*) from trace where project_id = %s and trace_id = any(%s)",
            [project_id, ids[1]],
        )
        traces = (cursor.fetchone() or (0,))[0]
        note_traces(cursor, ids)
        delete_rows(cursor, ids, found)
        delete_from(cursor, _SAID, ids)
        count_users(cursor, ids)
        _drop_files(cursor, files)
    return Deleted(traces, sum(row[_SPAN] != TRACE_FACTS for row in found.rows))


def _drop_files(cursor: Cursor[Any], files: Sequence[tuple[int, str]]) -> None:
    """Files that nothing shows any more; those elsewhere go once the rest is committed."""
    if not files:
        return
    cursor.execute(_UNUSED, [[file[0] for file in files], [file[1] for file in files]])
    for project_id, media_id, is_elsewhere in cursor.fetchall():
        if is_elsewhere:
            transaction.on_commit(partial(_delete_elsewhere, project_id, media_id))


def _delete_elsewhere(project_id: int, media_id: str) -> None:
    try:
        delete_elsewhere(project_id, media_id)
    except StoreIsAway as away:
        log.error("media not deleted", extra={"media": media_id, "reason": str(away)})

"""Writes of the settled look at traces."""

from __future__ import annotations

from django.db import connection, transaction

from kit.connections import own_connection
from traces.digest.events import store_events
from traces.digest.settle import settle_what_is_due
from traces.ingest.wire.log_records import LogRecord

_LOCK = 0x64696773  # advisory lock: one process settles at a time


@transaction.atomic
def keep_events(project_id: int, records: list[LogRecord]) -> None:
    """Keep log events until they join their spans; a repeated event changes nothing."""
    with connection.cursor() as cursor:
        store_events(cursor, project_id, records)


def settle_traces(*, seconds: float = 20.0) -> int:
    """Settle what is due, for at most `seconds`; returns how many traces.

    Does nothing where another process is at it.
    """
    with own_connection() as link:
        row = link.execute("select pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
        if row is None or not row[0]:
            return 0
        return settle_what_is_due(link, seconds=seconds)

"""Log events wait for their span and join it, whichever comes first."""

from __future__ import annotations

from typing import Any

import orjson
import zstandard
from psycopg import Cursor

from traces.ingest.rows import SpanKey
from traces.ingest.wire.log_records import LogRecord
from traces.ingest.writer.derived import event_order
from traces.ingest.writer.merge import unpack

_STORE = """
insert into log_event (project_id, trace_id, span_id, digest, time_ns, body, received_at)
select %s, n.trace_id, n.span_id, n.digest, n.time_ns, n.body, clock_timestamp()
from unnest(%s::text[], %s::text[], %s::text[], %s::int8[], %s::bytea[])
  as n (trace_id, span_id, digest, time_ns, body)
on conflict do nothing
"""
_QUEUE = """
insert into digest_queue (project_id, trace_id, first_start, last_start)
select %s, n.trace_id, clock_timestamp(), clock_timestamp() from unnest(%s::text[]) as n (trace_id)
"""
_WAITING = """
select e.project_id, e.trace_id, e.span_id, e.digest, e.body
from unnest(%s::int8[], %s::text[]) as k (project_id, trace_id)
join log_event e using (project_id, trace_id)
where e.joined_at is null order by e.time_ns, e.digest
"""
_JOINED = """
update log_event e set joined_at = clock_timestamp()
from unnest(%s::int8[], %s::text[], %s::text[]) as k (project_id, trace_id, span_id)
where e.project_id = k.project_id and e.trace_id = k.trace_id and e.span_id = k.span_id
  and e.joined_at is null
"""


def store_events(cursor: Any, project_id: int, records: list[LogRecord]) -> None:
    """Keep events and queue their traces for the settled look; a repeated event changes nothing."""
    compressor = zstandard.ZstdCompressor()
    ordered = sorted(records, key=lambda record: (record.trace_id, record.span_id, record.digest))
    cursor.execute(
        _STORE,
        [
            project_id,
            [record.trace_id for record in ordered],
            [record.span_id for record in ordered],
            [record.digest for record in ordered],
            [record.time_ns for record in ordered],
            [compressor.compress(orjson.dumps(_event(record))) for record in ordered],
        ],
    )
    cursor.execute(_QUEUE, [project_id, sorted({record.trace_id for record in ordered})])


def _event(record: LogRecord) -> dict[str, Any]:
    return {
        "name": record.name,
        "time_ns": record.time_ns,
        "attributes": record.attributes,
        "log": record.digest,
    }


def join_events(
    cursor: Cursor[Any], ids: list[list[Any]], documents: dict[SpanKey, dict[str, Any]]
) -> set[SpanKey]:
    """Add waiting events of these traces to their spans' documents; the keys of those spans.

    Events of spans that have not come stay waiting.
    """
    cursor.execute(_WAITING, ids)
    joined: set[SpanKey] = set()
    for project_id, trace_id, span_id, digest, body in cursor.fetchall():
        key = (project_id, trace_id, span_id)
        document = documents.get(key)
        if document is None:
            continue
        add_event(document, digest, body)
        joined.add(key)
    if joined:
        keys = sorted(joined)
        cursor.execute(
            _JOINED, [[key[0] for key in keys], [key[1] for key in keys], [key[2] for key in keys]]
        )
    return joined


def add_event(document: dict[str, Any], digest: str, body: bytes) -> None:
    """Add one event to a span's document, in the order of time, once."""
    events = document.setdefault("events", [])
    if any(event.get("log") == digest for event in events):
        return
    events.append(orjson.loads(unpack(body)))
    events.sort(key=event_order)

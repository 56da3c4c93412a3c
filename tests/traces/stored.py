"""What tests of the writer need: a store, rows made from few words, and what stands afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from kit.connections import connection_parameters
from tests.factories import Key
from traces.ingest.pipeline import prepare_records
from traces.ingest.record import Kind, SpanRecord
from traces.ingest.rows import Written
from traces.ingest.wire.decode import Decoded
from traces.ingest.writer.store import Store

SECOND = 1_000_000_000
PATIENCE_SECONDS = 30.0
NOON = 1_795_176_000 * SECOND  # 2026-11-20 12:00 UTC


def connect() -> psycopg.Connection[Any]:
    return psycopg.connect(**connection_parameters(), autocommit=True)


@contextmanager
def open_store() -> Iterator[Store]:
    store = Store(connect)
    try:
        yield store
    finally:
        store.close()


def span(
    span_id: str = "s1",
    trace_id: str = "t1",
    *,
    at: float = 0,
    lasts: float | None = 1,
    **fields: Any,
) -> SpanRecord:
    """A generation that starts `at` seconds after noon."""
    start = NOON + int(at * SECOND)
    fields.setdefault("kind", Kind.GENERATION)
    fields.setdefault("name", f"call {span_id}")
    return SpanRecord(
        trace_id=trace_id,
        span_id=span_id,
        start_ns=start,
        end_ns=None if lasts is None else start + int(lasts * SECOND),
        **fields,
    )


def rows(*records: SpanRecord, project_id: int = 1) -> list[Written]:
    return prepare_records(Decoded(list(records)), project_id).spans


def fetch(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connect() as link:
        return link.execute(query, parameters).fetchall()


def notices(key: Key, columns: str) -> list[tuple[Any, ...]]:
    """What intake noted for the project of `key`, oldest first."""
    query = f"select {columns} from intake_notice where project_id = %s order by id"
    return fetch(query, key.stored.project_id)


def soon(is_so: Callable[[], bool]) -> bool:
    """Whether it became so, in a time that is long for a busy machine too."""
    return within(PATIENCE_SECONDS, is_so)


def within(seconds: float, is_so: Callable[[], bool]) -> bool:
    """Whether it became so within that time; for a promise of the product, else `soon`."""
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


TOTALS = """
select trace_id, start_time, end_time, duration_us, cost_nano, tokens_in, tokens_out, span_count,
  error_count, call_count, metered_count, unpriced_count, open_count, root_span_id, name, feature,
  environment, release, user_id, session_id, facets, input_preview, output_preview
from trace order by project_id, trace_id
"""


def totals() -> list[tuple[Any, ...]]:
    """Every trace's totals."""
    return fetch(TOTALS)

"""Traces for the tests of pages and reads: few words in, stored by the real writer."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from accounts.models import Project
from traces.ingest.pipeline import prepare_records
from traces.ingest.record import Kind, SpanRecord
from traces.ingest.wire.decode import Decoded
from traces.ingest.writer.store import Store

SECOND = 1_000_000_000


def now_ns() -> int:
    """Now in whole seconds, the same all through a test: what it stores keeps its distances."""
    return _now_of(os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0])


@lru_cache(1)
def _now_of(_test: str) -> int:
    return int(datetime.now(UTC).timestamp()) * SECOND


def store(project: Project, *records: SpanRecord) -> None:
    """Write on the connection of the test, so that its transaction sees and undoes it."""
    connection.ensure_connection()
    Store(lambda: connection.connection).write(
        prepare_records(Decoded(list(records)), project.pk).spans
    )


def span(
    trace_id: str = "t1",
    span_id: str = "root",
    *,
    ago: float = 60,
    at: float = 0,
    lasts: float | None = 1,
    **fields: Any,
) -> SpanRecord:
    """A span of a trace that began `ago` seconds before now, `at` seconds into it."""
    start = now_ns() + int((at - ago) * SECOND)
    fields.setdefault("kind", Kind.SPAN)
    fields.setdefault("name", "answer")
    return SpanRecord(
        trace_id=trace_id,
        span_id=span_id,
        start_ns=start,
        end_ns=None if lasts is None else start + int(lasts * SECOND),
        **fields,
    )


def call(trace_id: str = "t1", span_id: str = "root", **fields: Any) -> SpanRecord:
    """A model call with usage and, where `cost` says so, a cost."""
    cost = fields.pop("cost", None)
    fields = {"model": "gpt-4o", "in_uncached": 100, "out_text": 20, **fields}
    if cost is not None:
        fields["cost_given"] = {"total": cost}
    return span(trace_id, span_id, kind=Kind.GENERATION, **fields)


def many(project: Project, count: int, *, apart: float = 60, **fields: Any) -> list[str]:
    """`count` traces, the newest first, `apart` seconds between them."""
    ids = [f"trace-{number:04}" for number in range(count)]
    store(
        project,
        *(call(name, "root", ago=60 + place * apart, **fields) for place, name in enumerate(ids)),
    )
    return ids

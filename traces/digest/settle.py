"""One transaction's worth of settled traces."""

from __future__ import annotations

import logging
import time
from typing import Any

import orjson
import psycopg
import zstandard
from psycopg import Connection, Cursor

from pricing.pricer import PRICER
from traces.digest import queue
from traces.digest.calls import Call, call_of
from traces.digest.counting import Verdict, count_once
from traces.digest.evaluating import Place, evaluating
from traces.digest.events import join_events
from traces.digest.experiments import note_experiments
from traces.digest.naming import name_by_rules
from traces.digest.paying import hand_down
from traces.digest.queue import Due
from traces.ingest import lookups
from traces.ingest.canonical.again import record_again
from traces.ingest.costing import price_records
from traces.ingest.record import COUNTING_KINDS, TRACE_FACTS, SpanRecord
from traces.ingest.rows import AT, ZSTD_LEVEL, SpanKey, Written, say_of_trace
from traces.ingest.totals import TraceDelta, TraceKey, deltas
from traces.ingest.writer import statements as sql
from traces.ingest.writer.changing import update_spans
from traces.ingest.writer.derived import derived
from traces.ingest.writer.merge import unpack
from traces.rollups.counted import count_traces, counted_of, stored
from traces.rollups.scores import note_traces
from traces.rollups.usage import UsageRows
from traces.rollups.users import count_users
from traces.sampling.candidates import note_candidates
from traces.search.index import hashes_of, keep_words

log = logging.getLogger(__name__)

_CONTENTS = f"""
select c.project_id, c.trace_id, c.span_id, c.body
from unnest(%s::int8[], %s::text[]) as k (project_id, trace_id)
join span_content c using (project_id, trace_id) where {lookups.near("c")}
"""  # noqa: S608
_FORGET_VERDICTS = """
delete from uncounted u using unnest(%s::int8[], %s::text[]) as k (project_id, trace_id)
where u.project_id = k.project_id and u.trace_id = k.trace_id
"""
_KEEP_VERDICTS = """
insert into uncounted (project_id, trace_id, span_id, reason, counted_span_id)
select * from unnest(%s::int8[], %s::text[], %s::text[], %s::text[], %s::text[])
"""


def settle(connection: Connection[Any], dues: list[Due]) -> None:
    """Look at `dues` as wholes and write what follows from it; all of it or nothing.

    Locks the rows of the traces first and reads the spans afterwards, so that a writer in flight
    waits and adds its delta to what is written here. May run twice.
    """
    if not dues:
        return
    compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
    ids: list[list[Any]] = [[due.project_id for due in dues], [due.trace_id for due in dues]]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(lookups.LOCK_TRACES, ids)
        queue.remove(cursor, dues)
        cursor.execute(lookups.SELECT_WINDOW, ids)
        low, high = cursor.fetchone() or (None, None)
        if low is None or high is None:  # events of spans that have not come yet
            return
        cursor.execute(lookups.SELECT_SPANS_OF_TRACES, lookups.of_traces(ids, low, high))
        spans = {
            span.key: span for span in (Written(list(row), b"", b"") for row in cursor.fetchall())
        }
        before = {key: list(span.row) for key, span in spans.items()}
        documents = _documents(cursor, ids, low, high)
        changed = _joined(cursor, ids, spans, documents, compressor)
        records = {
            key: record_again(span.row, documents.get(key, {})) for key, span in spans.items()
        }
        verdicts = _judged(records)
        changed |= _apply(spans, verdicts)
        changed |= _apart(spans)
        changed |= hand_down(spans, records, verdicts)
        for key, record in records.items():
            say_of_trace(spans[key], record)
        changed |= name_by_rules(spans, records, documents, compressor)
        changed |= _priced(spans, records)
        update_spans(cursor, [spans[key] for key in sorted(changed)])
        usage = UsageRows()
        for key in changed:
            usage.replace(before[key], spans[key].row)
        usage.copy_to(cursor)
        _keep(cursor, ids, verdicts)
        totals = deltas(spans.values())
        cursor.execute(
            sql.REPLACE_TRACES, sql.trace_arrays([totals[key] for key in sorted(totals)])
        )
        _roll_up(cursor, ids, totals, records, documents)
        note_candidates(cursor, *ids)
        note_experiments(cursor, records)


def _documents(
    cursor: Cursor[Any], ids: list[list[Any]], low: int, high: int
) -> dict[SpanKey, dict[str, Any]]:
    cursor.execute(_CONTENTS, lookups.of_traces(ids, low, high))
    return {
        (project_id, trace_id, span_id): orjson.loads(unpack(body))
        for project_id, trace_id, span_id, body in cursor.fetchall()
    }


def _joined(
    cursor: Cursor[Any],
    ids: list[list[Any]],
    spans: dict[SpanKey, Written],
    documents: dict[SpanKey, dict[str, Any]],
    compressor: zstandard.ZstdCompressor,
) -> set[SpanKey]:
    """Let waiting events join their spans; the keys of the spans that changed."""
    changed = set()
    for key in join_events(cursor, ids, documents):
        spans[key] = derived(spans[key].row, documents[key], compressor)
        changed.add(key)
    return changed


def _judged(records: dict[SpanKey, SpanRecord]) -> dict[SpanKey, Verdict]:
    """The verdict on every span, trace by trace."""
    by_trace: dict[TraceKey, list[Call]] = {}
    for key, record in records.items():
        by_trace.setdefault((key[0], key[1]), []).append(call_of(record))
    return {
        (*trace, span_id): verdict
        for trace, calls in by_trace.items()
        for span_id, verdict in count_once(calls).items()
    }


def _apply(spans: dict[SpanKey, Written], verdicts: dict[SpanKey, Verdict]) -> set[SpanKey]:
    """Set `counts` of calls as judged; the keys of those that changed."""
    place = AT["counts"]
    changed = set()
    for key, span in spans.items():
        counts = verdicts[key].counts and span.row[AT["kind"]] in COUNTING_KINDS
        if span.row[place] != counts:
            span.row[place] = counts
            changed.add(key)
    return changed


def _apart(spans: dict[SpanKey, Written]) -> set[SpanKey]:
    """Mark what evaluators made; the keys of the spans that changed."""
    by_trace: dict[TraceKey, list[Place]] = {}
    for key, span in spans.items():
        if key[2] != TRACE_FACTS:
            place = Place(key[2], span.row[AT["parent_span_id"]], span.row[AT["kind"]])
            by_trace.setdefault((key[0], key[1]), []).append(place)
    changed = set()
    for trace, places in by_trace.items():
        found = evaluating(places)
        for one in places:
            key = (*trace, one.span_id)
            row, evaluates = spans[key].row, True if one.span_id in found else None
            if row[AT["evaluates"]] is not evaluates:
                row[AT["evaluates"]] = evaluates
                changed.add(key)
    return changed


def _priced(spans: dict[SpanKey, Written], records: dict[SpanKey, SpanRecord]) -> set[SpanKey]:
    """Price counting calls without a cost: their model and tokens may have come apart.

    What has a cost keeps it; a change of prices is the business of recosting.
    """
    changed = set()
    for key, span in spans.items():
        row = span.row
        if row[AT["cost_nano"]] is None and row[AT["counts"]]:
            record = records[key]
            price_records([record], PRICER.table(key[0]))
            if record.cost_nano is not None:
                row[AT["cost_nano"]], row[AT["cost_source"]] = record.cost_nano, record.cost_source
                changed.add(key)
    return changed


def _keep(cursor: Cursor[Any], ids: list[list[Any]], verdicts: dict[SpanKey, Verdict]) -> None:
    """Say of each call that does not count why, and which span counts instead."""
    cursor.execute(_FORGET_VERDICTS, ids)
    told = [(key, verdict) for key, verdict in sorted(verdicts.items()) if verdict.reason]
    if told:
        cursor.execute(
            _KEEP_VERDICTS,
            [
                [key[0] for key, _ in told],
                [key[1] for key, _ in told],
                [key[2] for key, _ in told],
                [verdict.reason for _, verdict in told],
                [verdict.instead for _, verdict in told],
            ],
        )


def _roll_up(
    cursor: Cursor[Any],
    ids: list[list[Any]],
    totals: dict[TraceKey, TraceDelta],
    records: dict[SpanKey, SpanRecord],
    documents: dict[SpanKey, dict[str, Any]],
) -> None:
    """Let the figures by hour hold these traces as they are now, and the index their words."""
    counted = {key: one for key, total in totals.items() if (one := counted_of(total)) is not None}
    before = stored(cursor, ids)
    count_traces(cursor, before, counted)
    count_users(cursor, ids)
    note_traces(cursor, ids)
    told = {key: (record, documents.get(key, {})) for key, record in records.items()}
    keep_words(
        cursor,
        hashes_of(told),
        {key: one.start_us for key, one in counted.items()},
        {key: one.start_us for key, one in before.items()},
    )


def settle_what_is_due(connection: Connection[Any], *, seconds: float = 20.0) -> int:
    """Settle until nothing is due or the time is over; returns how many traces.

    A trace that cannot be settled is passed over, and logged, so that it never stops the others.
    """
    until = time.monotonic() + seconds
    count = 0
    while time.monotonic() < until:
        dues = queue.settled(connection)
        if not dues:
            break
        try:
            settle(connection, dues)
        except psycopg.OperationalError:
            raise
        except Exception:
            log.exception("traces could not be settled together, each is tried alone")
            _each_alone(connection, dues)
        count += len(dues)
    return count


def _each_alone(connection: Connection[Any], dues: list[Due]) -> None:
    for due in dues:
        try:
            settle(connection, [due])
        except psycopg.OperationalError:
            raise
        except Exception:
            log.exception("a trace cannot be settled", extra={"trace_id": due.trace_id})
            with connection.transaction(), connection.cursor() as cursor:
                queue.remove(cursor, [due])

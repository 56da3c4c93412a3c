"""One group of spans in one transaction: stored once each, totals of their traces right."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import psycopg
import zstandard
from psycopg import Connection, Cursor

from traces import partitions
from traces.ingest import lookups
from traces.ingest.record import TRACE_FACTS
from traces.ingest.rows import AT, CODEC_PLAIN_ZSTD, ZSTD_LEVEL, SpanKey, Written
from traces.ingest.totals import TraceDelta, TraceKey, deltas
from traces.ingest.writer import statements as sql
from traces.ingest.writer.changing import delete_spans, in_one_pass, update_spans
from traces.ingest.writer.merge import merged_span, without_repeats
from traces.rollups.usage import UsageRows, count_usage

MOST_TRIES = 5  # of a whole transaction
# Of the merge inside it: each violation means that another writer has just committed spans of this
# group, so with many senders of the same spans several in a row are normal.
MOST_MERGES = 50
_START = AT["start_time"]

# A repeat shows as a unique violation; Citus reports it, like every fault of a shard, as XX000.
_PERHAPS_REPEATED = (psycopg.errors.UniqueViolation, psycopg.errors.InternalError_)
# Lost a race that is run again: deadlock, serialization, a partition dropped meanwhile.
_TRY_AGAIN = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.CheckViolation,
)


class _StoredTwice(Exception):
    """A span of the group is stored under another start: found after the fact, so merge."""


class Store:
    """Writes groups on one connection, opened when needed and again when it broke.

    Not shared between threads. `connect` gives a new connection in autocommit mode.
    """

    def __init__(self, connect: Any) -> None:
        self._connect = connect
        self._connection: Connection[Any] | None = None
        self._known = partitions.KnownPartitions()
        self._compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL)

    def write(self, spans: list[Written]) -> None:
        """Store `spans`; when this returns they are committed.

        Spans that are stored already are merged into their row: the later copy wins, field by
        field. Raises: psycopg.OperationalError where the database is away; psycopg.DataError
        where it refuses a value.
        """
        if not spans:
            return
        merging = False
        for attempt in range(MOST_TRIES):
            was_open = self._connection is not None
            connection = self._open()
            try:
                self._have_partitions(connection, spans)
                self._transaction(connection, spans, merging)
                return
            except _TRY_AGAIN as error:
                if attempt + 1 == MOST_TRIES:
                    raise psycopg.OperationalError(str(error)) from error
                if isinstance(error, psycopg.errors.CheckViolation):
                    self._known.forget()
                merging = True
                time.sleep(random.uniform(0.005, 0.03) * (attempt + 1))  # noqa: S311
            except (psycopg.OperationalError, psycopg.InterfaceError):
                self.close()
                # A connection that was kept may have died long ago, with a restart of the
                # database: a new one tells whether it is there now. Repeats do no harm.
                if not was_open:
                    raise

    def close(self) -> None:
        """Give the connection up; the next write opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
            self._known.forget()
        return self._connection

    def _have_partitions(self, connection: Connection[Any], spans: list[Written]) -> None:
        lacking = {span.row[_START] for span in spans if not self._known.holds(span.row[_START])}
        if not lacking:
            return
        self._known.refresh(connection)
        lacking = {micros for micros in lacking if not self._known.holds(micros)}
        if lacking:
            instants = [datetime.fromtimestamp(micros / 1e6, UTC) for micros in lacking]
            partitions.make(connection, instants)
            self._known.refresh(connection)

    def _transaction(
        self, connection: Connection[Any], spans: list[Written], merging: bool
    ) -> None:
        group = without_repeats(spans, self._compressor)
        with connection.transaction(), connection.cursor() as cursor:
            for _ in range(MOST_MERGES):
                try:
                    with connection.transaction():
                        if merging:
                            self._merge(cursor, group)
                        else:
                            self._insert(cursor, group.values())
                            self._count(cursor, group, deltas(group.values()))
                            count_usage(cursor, (span.row for span in group.values()))
                    return
                except (*_PERHAPS_REPEATED, _StoredTwice) as error:
                    last, merging = error, True
        raise psycopg.OperationalError(f"could not settle repeated spans: {last}")

    # --- fresh spans ------------------------------------------------------------------------
    def _insert(self, cursor: Cursor[Any], spans: Iterable[Written]) -> None:
        spans = list(spans)
        with cursor.copy(sql.COPY_SPAN) as copy:
            copy.set_types(sql.SPAN_COPY_TYPES)
            write_row = copy.write_row
            for span in spans:
                row = span.row
                write_row((row[0] - sql.PG_EPOCH_US, *row[1:]))
        with cursor.copy(sql.COPY_CONTENT) as copy:
            copy.set_types(sql.CONTENT_COPY_TYPES)
            write_row = copy.write_row
            for span in spans:
                project_id, trace_id, span_id = span.key
                write_row(
                    (
                        span.row[0] - sql.PG_EPOCH_US,
                        project_id,
                        len(span.content),
                        CODEC_PLAIN_ZSTD,
                        trace_id,
                        span_id,
                        span.body,
                    )
                )

    def _count(
        self,
        cursor: Cursor[Any],
        group: dict[SpanKey, Written],
        added: dict[TraceKey, TraceDelta],
    ) -> None:
        """Add the deltas; then make sure that no span of an older trace is stored twice.

        The upsert has taken the rows of the traces, so whoever wrote to them before has committed
        and is seen by the next statement.
        """
        if not added:
            return
        ordered = [added[key] for key in sorted(added)]
        cursor.execute(sql.UPSERT_TRACES, sql.trace_arrays(ordered))
        upserted = cursor.fetchall()
        _queue(cursor, ordered)
        older: dict[TraceKey, tuple[int, int]] = {}
        # What is said of a trace itself is no span: such a trace may be older without having any.
        told = {(key[0], key[1]) for key in group if key[2] == TRACE_FACTS}
        for project_id, trace_id, span_count, start, end in upserted:
            key = (project_id, trace_id)
            if span_count > added[key].span_count or key in told:
                older[key] = (start, end)
        if not older:
            return
        edges = [edge for both in older.values() for edge in both]
        traces = [trace_id for _, trace_id in older]
        cursor.execute(lookups.FIND_TWICE, lookups.bounds([key[0] for key in older], traces, edges))
        if not group.keys().isdisjoint(cursor.fetchall()):
            raise _StoredTwice("a span is stored under another start")

    # --- repeated spans ---------------------------------------------------------------------
    def _merge(self, cursor: Cursor[Any], group: dict[SpanKey, Written]) -> None:
        stored = self._stored(cursor, group)
        fresh: dict[SpanKey, Written] = {}
        changed: dict[SpanKey, Written] = {}
        for key, span in group.items():
            old = stored.get(key)
            if old is None:
                fresh[key] = span
            elif both := merged_span(old, span, self._compressor):
                changed[key] = both
            elif span.tags:
                changed[key] = Written(old.row, b"", old.body, span.tags)
        elsewhere = {
            key: span
            for key, span in changed.items()
            if span.row[_START] != stored[key].row[_START]
        }
        # The start is part of their key.
        delete_spans(cursor, [(key, stored[key].row[_START]) for key in elsewhere])
        self._insert(cursor, [*fresh.values(), *elsewhere.values()])
        update_spans(cursor, [span for key, span in changed.items() if key not in elsewhere])
        moved = {(key[0], key[1]) for key in changed}
        if moved:
            # Every trace in one order, before some are added to and others recounted.
            self._lock_traces(cursor, sorted({(key[0], key[1]) for key in fresh} | moved))
        self._count(
            cursor,
            fresh,
            deltas(span for key, span in fresh.items() if (key[0], key[1]) not in moved),
        )
        if moved:
            tags = {key: span.tags for key, span in {**fresh, **changed}.items() if span.tags}
            self._recount(cursor, group, sorted(moved), tags)
        usage = UsageRows()
        for span in fresh.values():
            usage.add(span.row)
        for key, span in changed.items():
            usage.replace(stored[key].row, span.row)
        usage.copy_to(cursor)

    def _stored(self, cursor: Cursor[Any], group: dict[SpanKey, Written]) -> dict[SpanKey, Written]:
        low, high = self._window(cursor, group, sorted({(key[0], key[1]) for key in group}))
        given = lookups.keyed(group, low, high)
        with in_one_pass(cursor):
            cursor.execute(lookups.SELECT_STORED, given)
            rows = [list(record) for record in cursor.fetchall()]
            cursor.execute(lookups.SELECT_BODIES, given)
            bodies = {record[:4]: record[4] for record in cursor.fetchall()}
        found: dict[SpanKey, Written] = {}
        for row in rows:
            span = Written(row, b"", b"")
            span.body = bodies.get((*span.key, row[_START]), b"")
            found.setdefault(span.key, span)
        return found

    def _window(
        self, cursor: Cursor[Any], group: dict[SpanKey, Written], traces: list[TraceKey]
    ) -> tuple[int, int]:
        """From the first to the last start that a span of `traces` can have."""
        starts = [span.row[_START] for span in group.values()]
        cursor.execute(lookups.SELECT_WINDOW, [[t[0] for t in traces], [t[1] for t in traces]])
        first, last = cursor.fetchone() or (None, None)
        known = [edge for edge in (first, last) if edge is not None]
        return min(starts + known), max(starts + known)

    def _lock_traces(self, cursor: Cursor[Any], traces: list[TraceKey]) -> None:
        cursor.execute(lookups.LOCK_TRACES, [[t[0] for t in traces], [t[1] for t in traces]])

    def _recount(
        self,
        cursor: Cursor[Any],
        group: dict[SpanKey, Written],
        traces: list[TraceKey],
        tags: dict[SpanKey, tuple[str, ...]],
    ) -> None:
        """Absolute totals of `traces` from their spans.

        Their rows are locked already and the spans are read in a later statement: a writer in
        flight waits for the row and adds its delta afterwards.
        """
        ids: list[list[Any]] = [[t[0] for t in traces], [t[1] for t in traces]]
        low, high = self._window(cursor, group, traces)
        cursor.execute(lookups.SELECT_SPANS_OF_TRACES, lookups.of_traces(ids, low, high))
        spans = []
        for record in cursor.fetchall():
            span = Written(list(record), b"", b"")
            span.tags = tags.get(span.key, ())
            spans.append(span)
        if len({span.key for span in spans}) < len(spans):
            raise _StoredTwice("a span is stored under another start")
        totals = deltas(spans)
        ordered = [totals[key] for key in sorted(totals)]
        cursor.execute(sql.REPLACE_TRACES, sql.trace_arrays(ordered))
        _queue(cursor, ordered)


def _queue(cursor: Cursor[Any], touched: list[TraceDelta]) -> None:
    """Have these traces looked at again once they have settled."""
    with cursor.copy(sql.COPY_QUEUE) as copy:
        copy.set_types(sql.QUEUE_COPY_TYPES)
        for delta in touched:
            copy.write_row(
                (
                    delta.project_id,
                    delta.trace_id,
                    delta.start_us - sql.PG_EPOCH_US,
                    delta.end_us - sql.PG_EPOCH_US,
                )
            )

"""Canonical columns of stored spans derived again from what arrived, after a dialect has learnt.

Partition by partition, the newest first, in batches of one transaction each. A batch locks the rows
of its traces as the settled look does, then its spans, and reads their contents afterwards, so that
it sees what a writer in flight has left. Running it twice changes nothing the second time.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import psycopg
import zstandard
from psycopg import Connection, Cursor, errors

from accounts.models import Project
from audit.services import record
from features.mapper import MAPPER
from features.mapping import RuleTable
from pricing.pricer import PRICER
from traces import partitions
from traces.ingest import lookups
from traces.ingest.canonical.again import is_derived, record_again
from traces.ingest.canonical.represent import content_document
from traces.ingest.costing import price_records
from traces.ingest.naming import feature_again, name_features
from traces.ingest.record import TOKEN_CLASSES, SpanRecord
from traces.ingest.rows import AT, COLUMNS, ZSTD_LEVEL, Row, Written, written
from traces.ingest.writer.changing import update_spans
from traces.ingest.writer.merge import unpack
from traces.rollups.usage import UsageRows

BATCH = 500
MOST_TRIES = 20
TOLD_EVERY_SECONDS = 10.0
# Shorter than the time after which PostgreSQL looks for deadlocks: where this and a writer wait for
# each other, this gives way.
LOCK_TIMEOUT = "300ms"
_GIVES_WAY = (errors.LockNotAvailable, errors.DeadlockDetected, errors.SerializationFailure)

# Not derived: the key, the sender, what the settled look decides, and the cost, which has its own
# rules.
_KEPT = tuple(
    AT[name]
    for name in (
        "start_time",
        "duration_us",
        "counts",
        "evaluates",
        "cost_nano",
        "cost_source",
        "api_key_id",
    )
)
_HANDED_DOWN = (AT["user_segment"], AT["route"])  # by the settled look, to what says none
_PRICED_BY = tuple(
    AT[name] for name in ("kind", "model", "model_requested", "provider", *TOKEN_CLASSES)
)
_COST = (AT["cost_nano"], AT["cost_source"])
_FROM_MICROS = "timestamptz 'epoch' + {} * interval '1 microsecond'"
_MICROS = "(extract(epoch from s.start_time) * 1000000)::int8"

_NEXT = f"""
select {_MICROS}, s.trace_id, s.span_id from span s
where s.project_id = %(project)s and s.start_time >= %(low)s and s.start_time < %(high)s
  and (%(at)s::int8 is null or s.start_time < {_FROM_MICROS.format("%(at)s::int8")}
    or (s.start_time = {_FROM_MICROS.format("%(at)s::int8")}
      and (s.trace_id, s.span_id) > (%(trace)s::text, %(span)s::text)))
order by s.start_time desc, s.trace_id, s.span_id limit {BATCH}
"""  # noqa: S608
_KEYS = "unnest(%s::int8[], %s::text[], %s::text[]) as k (start_us, trace_id, span_id)"
_LOCKED = f"""
select {", ".join(_MICROS if name == "start_time" else f"s.{name}" for name in COLUMNS)}
from {_KEYS} cross join lateral (
  select * from span s where s.project_id = %s and s.trace_id = k.trace_id
    and s.span_id = k.span_id and s.start_time = {_FROM_MICROS.format("k.start_us")}
  offset 0 for update) s
"""  # noqa: S608
_CONTENTS = f"""
select c.trace_id, c.span_id, c.body
from {_KEYS} cross join lateral (
  select * from span_content c where c.project_id = %s and c.trace_id = k.trace_id
    and c.span_id = k.span_id and c.start_time = {_FROM_MICROS.format("k.start_us")}
  offset 0) c
"""  # noqa: S608
_NAMES = "select trace_id, name from trace where project_id = %s and trace_id = any(%s)"
_QUEUE = """
insert into digest_queue (project_id, trace_id, first_start, last_start)
select %s, n.trace_id, clock_timestamp(), clock_timestamp() from unnest(%s::text[]) as n (trace_id)
"""

Position = tuple[int, str, str]


@dataclass(slots=True)
class Remapped:
    """How far it came: spans looked at, changed, left as they came from their sender, by column."""

    seen: int = 0
    changed: int = 0
    untouched: int = 0  # native JSON and Langfuse's ingestion: no dialect made their columns
    columns: dict[str, int] = field(default_factory=dict)  # column -> spans in which it changed
    reached: datetime | None = None  # everything from here on is done

    @property
    def unchanged(self) -> int:
        """Spans that today's dialects read as they stand."""
        return self.seen - self.changed - self.untouched


Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class How:
    """What is done with each span: everything derived again, or only what mapping rules give."""

    dry_run: bool = False
    by_rules: bool = False
    compressor: zstandard.ZstdCompressor = field(
        default_factory=lambda: zstandard.ZstdCompressor(level=ZSTD_LEVEL)
    )


def remap_spans(
    connection: Connection[Any],
    projects: Collection[Project],
    since: datetime,
    until: datetime | None = None,
    *,
    dry_run: bool = False,
    tell: Tell = lambda line: None,
) -> Remapped:
    """Derive the columns of spans that started in `since` up to without `until` once more.

    `connection` is in autocommit. Changed traces are queued for the settled look, which counts
    again. The audit chain gets an entry before the first change of a project, and one with what
    came of it. `tell` gets a line for every partition of a project, and one each ten seconds.

    Raises: psycopg.OperationalError where the database is away or a writer never gives way.
    """
    total, how = Remapped(), How(dry_run=dry_run)
    for project in projects:
        own = Remapped()
        if not dry_run:
            _audit("remap.started", project, since, until)
        try:
            for low, high in ranges(connection, since, until):
                before, told_at = own.seen, time.monotonic()
                for found, own.reached in batches(connection, project.pk, low, high, how):
                    _add(own, found)
                    if time.monotonic() > told_at + TOLD_EVERY_SECONDS:
                        tell(_progress(project, own, dry_run))
                        told_at = time.monotonic()
                own.reached = low
                if own.seen > before:
                    tell(_progress(project, own, dry_run))
        finally:
            if not dry_run:
                told = {"reached": own.reached, "seen": own.seen, "changed": own.changed}
                _audit("remap.ended", project, since, until, **told)
        _add(total, own)
    return total


def _progress(project: Project, own: Remapped, dry_run: bool) -> str:
    return (
        f"{project.slug}: from {own.reached:%Y-%m-%dT%H:%M:%S.%fZ} on, {own.seen:,} looked at, "
        f"{own.changed:,} {'would change' if dry_run else 'changed'}"
    )


def _audit(
    action: str, project: Project, since: datetime, until: datetime | None, **told: Any
) -> None:
    record(
        action, organization=project.organization, project=project, since=since, until=until, **told
    )


def ranges(
    connection: Connection[Any], since: datetime, until: datetime | None
) -> Iterator[tuple[datetime, datetime]]:
    """What each partition holds of the range, the newest first."""
    with connection.cursor() as cursor:
        held = list(partitions.existing(cursor).values())
    for part in reversed(held):
        low = max(part.lower, since)
        high = part.upper if until is None else min(part.upper, until)
        if low < high:
            yield low, high


def batches(
    connection: Connection[Any],
    project_id: int,
    low: datetime,
    high: datetime,
    how: How,
) -> Iterator[tuple[Remapped, datetime]]:
    """What became of each batch, and from when on everything is done."""
    position: Position | None = None
    while True:
        keys = _next(connection, project_id, low, high, position)
        if not keys:
            return
        position = keys[-1]
        # The bound comes down with the position: the index then starts there, not at the newest.
        high = _instant(position[0]) + timedelta(microseconds=1)
        yield _try_batch(connection, project_id, keys, how), high
        if len(keys) < BATCH:
            return


def _next(
    connection: Connection[Any],
    project_id: int,
    low: datetime,
    high: datetime,
    position: Position | None,
) -> list[Position]:
    parameters: dict[str, Any] = {"project": project_id, "low": low, "high": high}
    parameters |= dict(zip(("at", "trace", "span"), position or (None, None, None), strict=True))
    return connection.execute(_NEXT, parameters).fetchall()


def _try_batch(
    connection: Connection[Any], project_id: int, keys: list[Position], how: How
) -> Remapped:
    """`_batch`, again where a writer was in the way."""
    for attempt in range(MOST_TRIES):
        try:
            return _batch(connection, project_id, keys, how)
        except _GIVES_WAY as error:
            if attempt + 1 == MOST_TRIES:
                raise psycopg.OperationalError(str(error)) from error
            time.sleep(random.uniform(0.01, 0.1) * (attempt + 1))  # noqa: S311
    raise AssertionError("unreachable")


def _batch(
    connection: Connection[Any], project_id: int, keys: list[Position], how: How
) -> Remapped:
    sums = Remapped()
    # Locked in the order of keys, as writers do.
    keys = sorted(keys, key=lambda key: (key[1], key[2]))
    columns: list[Any] = [[key[place] for key in keys] for place in range(3)]
    traces = sorted({key[1] for key in keys})
    table, rules = PRICER.table(project_id), MAPPER.table(project_id)
    changed: list[Written] = []
    usage = UsageRows()
    with connection.transaction(), connection.cursor() as cursor:
        if how.dry_run:
            cursor.execute(_LOCKED.replace("for update", ""), [*columns, project_id])
        else:
            cursor.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
            cursor.execute(lookups.LOCK_TRACES, [[project_id] * len(traces), traces])
            cursor.execute(_LOCKED, [*columns, project_id])
        rows: list[Row] = [list(row) for row in cursor.fetchall()]
        cursor.execute(_CONTENTS, [*columns, project_id])
        bodies = {(trace, span): body for trace, span, body in cursor.fetchall()}
        named: dict[str, str | None] = {}
        if rules.needs_trace_name:
            named = dict(cursor.execute(_NAMES, [project_id, traces]).fetchall())
        for row in rows:
            body = bodies.get((row[AT["trace_id"]], row[AT["span_id"]]))
            document = orjson.loads(unpack(body)) if body else {}
            name = named.get(row[AT["trace_id"]])
            sums.seen += 1
            if how.by_rules:
                span = Written(list(row), b"", b"")
                record = record_again(row, document)
                if feature_again(span, record, document, rules, name, how.compressor):
                    sums.changed += 1
                    changed.append(span)
                    usage.replace(row, span.row)
                continue
            if not is_derived(document) or "versions" in document:
                sums.untouched += 1
                continue
            made, again, differing = derived_again(row, document, rules, name, how.compressor)
            if not differing:
                continue
            if any(again.row[place] != row[place] for place in _PRICED_BY):
                price_records([made], table)
                _set_cost(again.row, made)
            sums.changed += 1
            for name in differing:
                sums.columns[name] = sums.columns.get(name, 0) + 1
            changed.append(again)
            usage.replace(row, again.row)
        if changed and not how.dry_run:
            _write(cursor, project_id, changed)
            usage.copy_to(cursor)
    return sums


def derived_again(
    row: Row,
    document: dict[str, Any],
    rules: RuleTable,
    trace_name: str | None,
    compressor: zstandard.ZstdCompressor,
) -> tuple[SpanRecord, Written, list[str]]:
    """A stored span as today's dialects make it: record, row, and the names of what differs.

    The row's `content` is empty where the stored one stands. Start, duration, cost and whether it
    counts are those of `row`.
    """
    made = record_again(row, document)
    name_features([made], rules, {made.trace_id: trace_name})
    again = written(made, row[AT["project_id"]], compressor)
    for place in _KEPT:
        again.row[place] = row[place]
    for place in _HANDED_DOWN:
        again.row[place] = again.row[place] or row[place]
    differing = [name for name, place in AT.items() if again.row[place] != row[place]]
    # An event that tells of the whole call lends its messages; the attributes stay as they came.
    made.attributes = document.get("attributes") or {}
    made.cuts = [cut for place, cut in enumerate(made.cuts) if cut not in made.cuts[:place]]
    content = orjson.dumps(content_document(made), default=str, option=orjson.OPT_NON_STR_KEYS)
    if orjson.loads(content) == document:
        return made, Written(again.row, b"", b""), differing
    return made, Written(again.row, content, compressor.compress(content)), [*differing, "content"]


def _set_cost(row: Row, made: SpanRecord) -> None:
    for place, value in zip(_COST, (made.cost_nano, made.cost_source), strict=True):
        row[place] = value


def _write(cursor: Cursor[Any], project_id: int, spans: list[Written]) -> None:
    update_spans(cursor, spans)
    cursor.execute(_QUEUE, [project_id, sorted({span.key[1] for span in spans})])


def _add(total: Remapped, more: Remapped) -> None:
    total.seen += more.seen
    total.changed += more.changed
    total.untouched += more.untouched
    for name, count in more.columns.items():
        total.columns[name] = total.columns.get(name, 0) + count


def _instant(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)

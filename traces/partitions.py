"""Partitions of the span tables: found, made ahead, made on demand, dropped.

Days when spans are kept up to 90 days, weeks when they are kept longer: a trace looked up without
its time costs 1.7 ms over 90 partitions and 17 ms over 400 (measured, `docs/performance.md`).
"""

from __future__ import annotations

import contextlib
import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from psycopg import Connection, Cursor, errors, sql

TABLES = ("span", "span_content", "trace_words")
EPOCH = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday, so that weeks begin on Mondays
DAYS_AHEAD = 7
_LOCK = 0x726F6164  # advisory lock: one maker of partitions at a time
_TO_BE_DROPPED = "to be dropped"  # comment of a partition on its way out
_MOST_NAMES = 9
_BOUND = re.compile(r"FROM \('([^']+)'\) TO \('([^']+)'\)")


@dataclass(frozen=True, order=True)
class Range:
    """From `lower` up to but without `upper`."""

    lower: datetime
    upper: datetime


def width() -> timedelta:
    """How much time a new partition spans."""
    return timedelta(days=1 if 0 < settings.RETENTION_DAYS <= 90 else 7)


def existing(cursor: Cursor[Any], table: str = "span") -> dict[str, Range]:
    """Partitions of `table` that are attached, by name, in the order of time."""
    cursor.execute(
        "select c.relname, pg_get_expr(c.relpartbound, c.oid) from pg_inherits i "
        "join pg_class c on c.oid = i.inhrelid where i.inhparent = to_regclass(%s) "
        "and not i.inhdetachpending",
        [table],
    )
    found = {}
    for name, bound in cursor.fetchall():
        if match := _BOUND.search(bound or ""):
            lower, upper = (datetime.fromisoformat(edge).astimezone(UTC) for edge in match.groups())
            found[name] = Range(lower, upper)
    return dict(sorted(found.items(), key=lambda item: item[1]))


def missing_around(instant: datetime, ranges: list[Range], step: timedelta) -> Range | None:
    """The range to make so that `instant` has a partition; None where one holds it.

    It is the aligned step around `instant`, cut where neighbours (of another width, from another
    retention) already stand.
    """
    lower = EPOCH + (instant - EPOCH) // step * step
    upper = lower + step
    for held in ranges:
        if held.lower <= instant < held.upper:
            return None
        if held.upper <= instant:
            lower = max(lower, held.upper)
        else:
            upper = min(upper, held.lower)
    return Range(lower, upper)


def make(connection: Connection[Any], instants: list[datetime]) -> list[str]:
    """Make what partitions `instants` need, in both tables, without a long lock.

    `connection` must be in autocommit. Made aside and attached, because CREATE … PARTITION OF
    locks the parent against readers and does not carry storage options on Citus.
    """
    made: list[str] = []
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("set local timezone = 'UTC'")
        for table in TABLES:
            _finish_detaching(cursor, table)
            ranges = list(existing(cursor, table).values())
            for instant in sorted(instants):
                gap = missing_around(instant, ranges, width())
                if gap is None:
                    continue
                name = _free_name(cursor, f"{table}_{gap.lower:%Y%m%d}")
                _attach(cursor, table, name, gap)
                ranges.append(gap)
                made.append(name)
    return made


def _free_name(cursor: Cursor[Any], wanted: str) -> str:
    """`wanted`, or with a number where a table that was detached by hand still has that name."""
    for number in range(1, _MOST_NAMES + 1):
        name = wanted if number == 1 else f"{wanted}_{number}"
        cursor.execute("select to_regclass(quote_ident(%s)) is null", [name])
        row = cursor.fetchone()
        if row and row[0]:
            return name
    raise RuntimeError(f"{wanted} and {_MOST_NAMES - 1} other names of it are taken")


def _finish_detaching(cursor: Cursor[Any], table: str) -> None:
    """End what a DETACH CONCURRENTLY that was interrupted left half done; it blocks its range."""
    cursor.execute(
        "select i.inhrelid::regclass::text from pg_inherits i "
        "where i.inhparent = to_regclass(%s) and i.inhdetachpending",
        [table],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(
            sql.SQL("alter table {} detach partition {} finalize").format(
                sql.Identifier(table), sql.Identifier(name)
            )
        )


def _attach(cursor: Cursor[Any], table: str, name: str, gap: Range) -> None:
    part, parent = sql.Identifier(name), sql.Identifier(table)
    cursor.execute(
        sql.SQL("create table {part} (like {parent} including all)").format(
            part=part, parent=parent
        )
    )
    cursor.execute(
        sql.SQL(
            "alter table {parent} attach partition {part} for values from ({a}) to ({b})"
        ).format(
            parent=parent,
            part=part,
            a=sql.Literal(gap.lower.isoformat()),
            b=sql.Literal(gap.upper.isoformat()),
        )
    )


def make_ahead(connection: Connection[Any]) -> list[str]:
    """Make the partitions of the coming week."""
    now = datetime.now(UTC)
    return make(connection, [now + timedelta(days=day) for day in range(DAYS_AHEAD + 1)])


def drop_before(connection: Connection[Any], edge: datetime) -> list[str]:
    """Drop every partition that ends before `edge`; returns their names.

    DETACH CONCURRENTLY lets readers and writers go on; where it is refused (Citus) a plain DETACH
    gives up after a second and is tried again at the next run. What an interrupted run left is
    dropped too. `connection`: autocommit.
    """
    dropped = []
    with connection.cursor() as cursor:
        for table in reversed(TABLES):
            _finish_detaching(cursor, table)
            for name, held in existing(cursor, table).items():
                if held.upper > edge:
                    continue
                part = sql.Identifier(name)
                cursor.execute(
                    sql.SQL("comment on table {} is {}").format(part, sql.Literal(_TO_BE_DROPPED))
                )
                _detach(connection, cursor, table, name)
            for name in _detached(cursor, table):
                cursor.execute(sql.SQL("drop table {}").format(sql.Identifier(name)))
                dropped.append(name)
    return dropped


def _detach(connection: Connection[Any], cursor: Cursor[Any], table: str, name: str) -> None:
    part, parent = sql.Identifier(name), sql.Identifier(table)
    try:
        cursor.execute(
            sql.SQL("alter table {} detach partition {} concurrently").format(parent, part)
        )
    except errors.FeatureNotSupported:
        with contextlib.suppress(errors.LockNotAvailable), connection.transaction():
            cursor.execute("set local lock_timeout = '1s'")
            cursor.execute(sql.SQL("alter table {} detach partition {}").format(parent, part))


def _detached(cursor: Cursor[Any], table: str) -> list[str]:
    """Tables that were partitions of `table`, are detached, and were to be dropped."""
    cursor.execute(
        "select c.relname from pg_class c where c.relkind = 'r' and not c.relispartition "
        "and c.relname ~ %s and obj_description(c.oid, 'pg_class') = %s order by 1",
        [f"^{table}_[0-9]{{8}}(_[0-9]+)?$", _TO_BE_DROPPED],
    )
    return [name for (name,) in cursor.fetchall()]


class KnownPartitions:
    """What one process knows of the partitions, so that a batch asks PostgreSQL only for news."""

    def __init__(self) -> None:
        self._lowers: list[float] = []
        self._ranges: list[Range] = []

    def holds(self, micros: int) -> bool:
        """True when a partition for this instant (microseconds since 1970) is known."""
        place = bisect_right(self._lowers, micros / 1e6) - 1
        return place >= 0 and micros / 1e6 < self._ranges[place].upper.timestamp()

    def refresh(self, connection: Connection[Any]) -> None:
        """Read what stands."""
        with connection.cursor() as cursor:
            cursor.execute("set timezone = 'UTC'")
            self._ranges = list(existing(cursor).values())
        self._lowers = [held.lower.timestamp() for held in self._ranges]

    def forget(self) -> None:
        """Read anew at the next batch."""
        self._lowers, self._ranges = [], []

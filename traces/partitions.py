"""Partitions of the span tables: found, made ahead, made on demand, dropped.

Days when spans are kept up to 90 days, weeks when they are kept longer: a trace looked up without
its time costs 1.7 ms over 90 partitions and 17 ms over 400 (measured, `docs/performance.md`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from psycopg import Connection, Cursor, sql

TABLES = ("span", "span_content")
EPOCH = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday, so that weeks begin on Mondays
DAYS_AHEAD = 7
_LOCK = 0x726F6164  # advisory lock: one maker of partitions at a time
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
        "join pg_class c on c.oid = i.inhrelid where i.inhparent = to_regclass(%s)",
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
            ranges = list(existing(cursor, table).values())
            for instant in sorted(instants):
                gap = missing_around(instant, ranges, width())
                if gap is None:
                    continue
                name = f"{table}_{gap.lower:%Y%m%d}"
                if gap.lower.hour:
                    name += f"_{gap.lower:%H}"
                _attach(cursor, table, name, gap)
                ranges.append(gap)
                made.append(name)
    return made


def _attach(cursor: Cursor[Any], table: str, name: str, gap: Range) -> None:
    part, parent = sql.Identifier(name), sql.Identifier(table)
    cursor.execute(
        sql.SQL("create table {part} (like {parent} including all)").format(
            part=part, parent=parent
        )
    )
    cursor.execute(
        sql.SQL("alter table {parent} attach partition {part} for values from ({a}) to ({b})").format(
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
    gives up after a second and is tried again at the next run. `connection`: autocommit.
    """
    dropped = []
    with connection.cursor() as cursor:
        for table in reversed(TABLES):
            for name, held in existing(cursor, table).items():
                if held.upper > edge:
                    continue
                part, parent = sql.Identifier(name), sql.Identifier(table)
                cursor.execute(
                    sql.SQL("alter table {} detach partition {} concurrently").format(parent, part)
                )
                cursor.execute(sql.SQL("drop table {}").format(part))
                dropped.append(name)
    return dropped


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

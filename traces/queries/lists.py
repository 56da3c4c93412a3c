"""The list of traces: newest first, keyset-paged, never wider than it must look."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from kit.paging import BadCursor, decode_cursor, encode_cursor
from traces.models import Trace
from traces.queries.criteria import Criteria, matching
from traces.queries.summaries import COLUMNS, TraceSummary, summary

PAGE_SIZE = 50
FIRST_WINDOW = timedelta(hours=1)
BUDGET_SECONDS = 2.0
STATEMENT_TIMEOUT_MS = 5000  # one window; the one before it took under the budget
COUNT_CAP = 10_000

Key = tuple[datetime, str]


@dataclass(frozen=True)
class TracePage:
    """Rows of a list; `searched_back_to` is set where the time ran out before the range did."""

    rows: list[TraceSummary]
    next_cursor: str | None
    searched_back_to: datetime | None = None


def list_traces(
    project_id: int,
    criteria: Criteria,
    *,
    after: str = "",
    limit: int = PAGE_SIZE,
    budget: float = BUDGET_SECONDS,
) -> TracePage:
    """The newest `limit` traces that meet `criteria`, after the cursor of the page before.

    A filter that may match little is tried on the last hour, then two, four … so that LIMIT never
    walks the whole range at once; after `budget` seconds the page says how far it came, and its
    cursor goes on from there. Spans and contents are never touched.

    Raises: BadCursor.
    """
    key = cursor_key(after) if after else None
    hits = matching(project_id, criteria)
    if key is not None:
        hits = before(hits, key)
    if not criteria.may_match_little:
        return _page(_rows(hits, limit + 1), limit)
    newest = [timezone.now()]
    newest += [bound for bound in (key and key[0], criteria.until) if bound]
    found: list[TraceSummary] = []
    began = time.monotonic()
    for low, high in _windows(min(newest), _oldest(project_id, criteria)):
        if high is not None and time.monotonic() - began > budget:
            return TracePage(found, encode_cursor(high.isoformat(), ""), high)
        window = hits.filter(start_time__gte=low)
        if high is not None:
            window = window.filter(start_time__lt=high)
        found += _within(window, limit + 1 - len(found))
        if len(found) > limit:
            break
    return _page(found, limit)


def neighbour(
    project_id: int, criteria: Criteria, trace: TraceSummary, *, newer: bool
) -> str | None:
    """The id of the next newer or older trace in the list of `criteria`, or None at its end.

    Looks as far as a page of the list would.
    """
    key = (trace.start_time, trace.trace_id)
    hits = matching(project_id, criteria)
    if not newer:
        page = list_traces(project_id, criteria, after=encode_cursor(*_texts(key)), limit=1)
        return page.rows[0].trace_id if page.rows else None
    with transaction.atomic(), connection.cursor() as cursor:
        _limit_time(cursor)
        return (
            after_key(hits, key)
            .order_by("start_time", "trace_id")
            .values_list("trace_id", flat=True)
            .first()
        )


def count_newer(project_id: int, criteria: Criteria, key: Key, *, cap: int = 99) -> int:
    """How many traces stand above `key` in the list; `cap` + 1 stands for more."""
    hits = after_key(matching(project_id, criteria), key).order_by("start_time", "trace_id")
    return hits.values("trace_id")[: cap + 1].count()


def cursor_of(row: TraceSummary) -> str:
    """The cursor of the page that begins below `row`."""
    return encode_cursor(*_texts((row.start_time, row.trace_id)))


def cursor_key(cursor: str) -> Key:
    """The start and trace id in a cursor. Raises: BadCursor."""
    start, trace_id = decode_cursor(cursor, parts=2)
    if not isinstance(start, str) or not isinstance(trace_id, str) or "\0" in trace_id:
        raise BadCursor("The cursor is not one that this list gave out.")
    try:
        moment = datetime.fromisoformat(start)
    except ValueError:
        raise BadCursor("The cursor is not one that this list gave out.") from None
    if moment.tzinfo is None:
        raise BadCursor("The cursor is not one that this list gave out.")
    return moment, trace_id


def before(hits: QuerySet[Trace], key: Key) -> QuerySet[Trace]:
    """The traces below `key` in the list. The first condition is what the index can begin with."""
    return hits.filter(start_time__lte=key[0]).filter(
        Q(start_time__lt=key[0]) | Q(trace_id__lt=key[1])
    )


def after_key(hits: QuerySet[Trace], key: Key) -> QuerySet[Trace]:
    """The traces above `key` in the list."""
    return hits.filter(start_time__gte=key[0]).filter(
        Q(start_time__gt=key[0]) | Q(trace_id__gt=key[1])
    )


def _texts(key: Key) -> tuple[str, str]:
    return key[0].isoformat(), key[1]


def _windows(
    newest: datetime, oldest: datetime | None
) -> Iterator[tuple[datetime, datetime | None]]:
    """The last hour (and whatever lies in the future), the two hours before it, four, …"""
    if oldest is None:
        return
    low, high = newest - FIRST_WINDOW, None
    width = FIRST_WINDOW
    yield low, high
    while low > oldest:
        width *= 2
        low, high = max(low - width, oldest), low
        yield low, high


def _oldest(project_id: int, criteria: Criteria) -> datetime | None:
    """Where the range ends: at its bound, else at the first trace of the project."""
    first = Trace.objects.filter(project_id=project_id)
    if criteria.since is not None:
        first = first.filter(start_time__gte=criteria.since)
    return first.order_by("start_time").values_list("start_time", flat=True).first()


def _rows(hits: QuerySet[Trace], limit: int) -> list[TraceSummary]:
    newest_first = hits.order_by("-start_time", "-trace_id").values_list(*COLUMNS)
    return [summary(row) for row in newest_first[:limit]]


def _within(window: QuerySet[Trace], limit: int) -> list[TraceSummary]:
    """The newest of a window. Collected before they are sorted, so that the planner takes the
    index of the filter and not that of the order."""
    inner, parameters = window.values_list(*COLUMNS).query.sql_with_params()
    statement = (
        f"with hit as materialized ({inner}) "  # noqa: S608  (by the ORM; values are parameters)
        "select * from hit order by start_time desc, trace_id desc limit %s"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        _limit_time(cursor)
        cursor.execute(statement, [*parameters, limit])
        return [summary(row) for row in cursor.fetchall()]


def _limit_time(cursor: Any) -> None:
    cursor.execute("select set_config('statement_timeout', %s, true)", [str(STATEMENT_TIMEOUT_MS)])


def _page(found: list[TraceSummary], limit: int) -> TracePage:
    has_more = len(found) > limit
    rows = found[:limit]
    return TracePage(rows, cursor_of(rows[-1]) if has_more else None)

"""The list of traces: newest first, keyset-paged, never wider than it must look."""

from __future__ import annotations

from datetime import datetime

from kit.paging import encode_cursor
from traces.queries.criteria import Criteria
from traces.queries.orders import NEWEST, Order, time_key
from traces.queries.patience import HARD_SECONDS, SOFT_SECONDS, Clock
from traces.queries.search import Page, page
from traces.queries.search import newer as newer_ids
from traces.queries.summaries import TraceSummary

PAGE_SIZE = 50
BUDGET_SECONDS = SOFT_SECONDS
STATEMENT_TIMEOUT_MS = int(HARD_SECONDS * 1000)
COUNT_CAP = 10_000

Key = tuple[datetime, str]
TracePage = Page


def list_traces(
    project_id: int,
    criteria: Criteria,
    *,
    after: str = "",
    limit: int = PAGE_SIZE,
    budget: float = BUDGET_SECONDS,
    order: Order = NEWEST,
) -> TracePage:
    """The first `limit` traces that meet `criteria`, after the cursor of the page before.

    After `budget` seconds the page says how far it came, and its cursor goes on from there.
    Spans and contents are touched only where the query asks for them.

    Raises: BadCursor.
    """
    clock = Clock(soft=budget)
    return page(project_id, criteria, order=order, after=after, limit=limit, clock=clock)


def neighbour(
    project_id: int, criteria: Criteria, trace: TraceSummary, *, newer: bool
) -> str | None:
    """The id of the next newer or older trace in the list of `criteria`, or None at its end.

    Looks as far as a page of the list would.
    """
    key = (trace.start_time, trace.trace_id)
    if newer:
        return next(iter(newer_ids(project_id, criteria, key, limit=1)), None)
    older = list_traces(project_id, criteria, after=cursor_of(trace), limit=1)
    return older.rows[0].trace_id if older.rows else None


def count_newer(project_id: int, criteria: Criteria, key: Key, *, cap: int = 99) -> int:
    """How many traces stand above `key` in the list; `cap` + 1 stands for more."""
    return len(newer_ids(project_id, criteria, key, limit=cap + 1))


def cursor_of(row: TraceSummary) -> str:
    """The cursor of the page that begins below `row`."""
    return encode_cursor(row.start_time.isoformat(), row.trace_id)


def cursor_key(cursor: str) -> Key:
    """The start and trace id in a cursor. Raises: BadCursor."""
    return time_key(cursor)

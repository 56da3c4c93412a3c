"""What a trace is compared to on its page: others of its name, its session, its list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q

from traces.models import Trace
from traces.queries.criteria import ANY_ENVIRONMENT, Criteria
from traces.queries.lists import count_newer, cursor_of, list_traces, neighbour
from traces.queries.orders import Key, Order
from traces.queries.search import page
from traces.queries.summaries import COLUMNS, TraceSummary, summary
from traces.queries.usage import HOUR, Scope, hour_of, trace_figures

LOOKED_BACK = timedelta(days=7)
LEAST_TRACES = 20  # fewer say little about a p95
MOST_COUNTED = 199


@dataclass(frozen=True)
class Turn:
    """Which of its session's traces a trace is, from 1."""

    number: int
    total: int


@dataclass(frozen=True)
class Place:
    """Where a trace stands in a list; MOST_COUNTED + 1 stands for more."""

    newer: int
    older: int


def p95_of_name(project_id: int, trace: TraceSummary) -> int | None:
    """Within which time 95 % of the traces of that name ended in the 7 days up to it, in
    microseconds; None of fewer than LEAST_TRACES. One statement, on the roll-up."""
    if not trace.name:
        return None
    until = hour_of(trace.start_time) + HOUR
    scope = Scope(
        project_id,
        until - LOOKED_BACK,
        until,
        environment=trace.environment or ANY_ENVIRONMENT,
        equal={"name": trace.name},
    )
    found = trace_figures(scope)
    if not found or found[0].traces < LEAST_TRACES:
        return None
    return found[0].percentile_us(0.95)


def session_turn(project_id: int, trace: TraceSummary) -> Turn | None:
    """The place of a trace in its session by start; None without one. One statement."""
    if not trace.session_id:
        return None
    found = Trace.objects.filter(project_id=project_id, session_id=trace.session_id)
    earlier = Q(start_time__lt=trace.start_time) | Q(
        start_time=trace.start_time, trace_id__lte=trace.trace_id
    )
    counts = found.aggregate(total=Count("trace_id"), number=Count("trace_id", filter=earlier))
    return Turn(max(counts["number"], 1), max(counts["total"], 1))


def neighbour_in(
    project_id: int, criteria: Criteria, order: Order, trace: TraceSummary, *, is_above: bool
) -> str | None:
    """The id of the trace right above or below this one in a list, or None at its end.

    Found by the key of the order, so that what arrives meanwhile moves nothing.
    """
    if order.is_by_time:
        return neighbour(project_id, criteria, trace, newer=is_above)
    key = _key(project_id, order, trace)
    if key is None:
        return None
    towards = replace(order, is_descending=not order.is_descending) if is_above else order
    found = page(project_id, criteria, order=towards, after=towards.cursor(key), limit=1)
    return found.rows[0].trace_id if found.rows else None


def place_in_list(
    project_id: int, criteria: Criteria, order: Order, trace: TraceSummary
) -> Place | None:
    """How many traces of the list stand above and below this one; None where it has no place."""
    if order.is_by_time:
        key = (trace.start_time, trace.trace_id)
        above = count_newer(project_id, criteria, key, cap=MOST_COUNTED)
        below = list_traces(project_id, criteria, after=cursor_of(trace), limit=MOST_COUNTED + 1)
        return Place(above, len(below.rows))
    found = _key(project_id, order, trace)
    if found is None:
        return None
    flipped = replace(order, is_descending=not order.is_descending)
    counts = [
        len(
            page(
                project_id,
                criteria,
                order=way,
                after=way.cursor(found),
                limit=MOST_COUNTED + 1,
            ).rows
        )
        for way in (flipped, order)
    ]
    return Place(*counts)


def _key(project_id: int, order: Order, trace: TraceSummary) -> Key | None:
    rows = Trace.objects.filter(project_id=project_id, trace_id=trace.trace_id)
    found: Any = order.ordered(project_id, rows)
    row = found.values_list("sort_key", "trace_id").first()
    return None if row is None else (row[0], row[1])


def of_same_name(project_id: int, trace: TraceSummary, *, limit: int = 12) -> list[TraceSummary]:
    """Other traces of the name, the newest before this one first, then the newest."""
    if not trace.name:
        return []
    others = Trace.objects.filter(project_id=project_id, name=trace.name).exclude(
        trace_id=trace.trace_id
    )
    near = others.filter(start_time__lte=trace.start_time)
    rows = list(near.order_by("-start_time").values_list(*COLUMNS)[:limit])
    if len(rows) < limit:
        later = others.filter(start_time__gt=trace.start_time).order_by("start_time")
        rows += list(later.values_list(*COLUMNS)[: limit - len(rows)])
    return [summary(row) for row in rows]


def projects_with_trace(trace_id: str, project_ids: Collection[int]) -> set[int]:
    """Those of the projects that have a trace of that id. One statement, on the primary key."""
    if "\0" in trace_id or not project_ids:
        return set()
    found = Trace.objects.filter(project_id__in=project_ids, trace_id=trace_id)
    return set(found.values_list("project_id", flat=True))

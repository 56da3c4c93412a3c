"""Runs a query: windows that grow, a budget of time, and rows verified on their content."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from traces.models import Trace
from traces.queries.criteria import Criteria, matching, plan_of
from traces.queries.orders import NEWEST, Key, Order
from traces.queries.patience import Clock, TimeUp
from traces.queries.summaries import COLUMNS, TraceSummary, summary
from traces.queries.verifying import Candidate, answered, matches
from traces.query import Plan

FIRST_WINDOW = timedelta(hours=1)
FIRST_BATCH = 20
LARGEST_BATCH = 200
MOST_SPANS = 4000  # whose content is read before the clock is looked at again


@dataclass(frozen=True)
class Page:
    """Rows of a list. Where the time ran out before the range did, `searched_back_to` says how far
    the newest first was looked through, and `is_too_wide` that it was stopped at the hard limit."""

    rows: list[TraceSummary]
    next_cursor: str | None
    searched_back_to: datetime | None = None
    is_too_wide: bool = False
    is_complete: bool = True


class _Walk:
    """One answer on its way: the rows found, and where the walk stands."""

    def __init__(
        self, project_id: int, criteria: Criteria, order: Order, limit: int, clock: Clock
    ) -> None:
        self.project_id = project_id
        self.criteria = criteria
        self.order = order
        self.limit = limit
        self.clock = clock
        self.found: list[Candidate] = []
        self.key: Key | None = None  # below it nothing was looked at
        self.began: Key | None = None
        self.batch = FIRST_BATCH

    @property
    def is_full(self) -> bool:
        return len(self.found) > self.limit

    def through(self, low: datetime | None, high: datetime | None) -> bool:
        """Walk what starts between the two; False where the soft limit came first."""
        criteria = replace(self.criteria, since=low, until=high)
        plan = plan_of(self.project_id, criteria)
        rows, names = answered(matching(self.project_id, criteria), plan)
        rows = self.order.ordered(self.project_id, rows)
        # Then nothing is gained by collecting a window before its newest are taken.
        is_walked = plan.is_walked and {"query", "environment"}.issuperset(criteria.narrowing)
        while True:
            wanted = self.limit + 1 - len(self.found)
            size = self.batch if plan.needs_content else wanted
            batch = self._candidates(rows, names, size, is_walked=is_walked)
            groups = list(_groups(batch)) if plan.needs_content else [batch]
            for group in groups:
                self._verify(plan, group)
                if self.is_full:
                    return True
                if self.clock.is_late and group is not groups[-1]:
                    return False
            if len(batch) < size:
                return True
            self.batch = min(self.batch * 2, LARGEST_BATCH)
            if self.clock.is_late:
                return False

    def _verify(self, plan: Plan, group: list[Candidate]) -> None:
        """Take those of the candidates that match; they are not looked at again."""
        if not group:
            return
        try:
            hits = matches(plan, group, self.clock)
        except TimeUp:
            if self.key == self.began and not self.found:
                # One trace that cannot be read in time must not hold up the rest for ever.
                self.key = (group[0].key, group[0].row.trace_id)
            raise
        self.found += [one for one, is_hit in zip(group, hits, strict=True) if is_hit]
        self.key = (group[-1].key, group[-1].row.trace_id)

    def _candidates(
        self, rows: QuerySet[Trace], names: list[str], size: int, *, is_walked: bool
    ) -> list[Candidate]:
        if self.key is not None:
            rows = self.order.after(rows, self.key)
        rows = rows.values_list(*COLUMNS, "sort_key", *names)
        with self.clock.statement() as cursor:
            if self.order.is_by_time and self.criteria.may_match_little and not is_walked:
                cursor.execute(*_collected(rows, size))
                found = cursor.fetchall()
            else:
                found = list(rows[:size])
        width = len(COLUMNS)
        return [
            Candidate(summary(tuple(row[:width])), row[width], tuple(map(bool, row[width + 1 :])))
            for row in found
        ]

    def page(self, *, is_done: bool, back_to: datetime | None = None, wide: bool = False) -> Page:
        """The page of what was found."""
        rows = [candidate.row for candidate in self.found[: self.limit]]
        if self.is_full:
            last = self.found[self.limit - 1]
            return Page(rows, self.order.cursor((last.key, last.row.trace_id)))
        if is_done:
            return Page(rows, None)
        key = self.key
        if self.order.is_by_time:
            if back_to is not None and (key is None or key[0] > back_to):
                key = (back_to, "")  # the whole window above was looked through
            back_to = None if key is None else key[0]
        cursor = None if key is None else self.order.cursor(key)
        return Page(rows, cursor, back_to, wide, is_complete=False)


def page(
    project_id: int,
    criteria: Criteria,
    *,
    order: Order = NEWEST,
    after: str = "",
    limit: int,
    clock: Clock | None = None,
) -> Page:
    """The first `limit` traces in the order that meet `criteria`, below the cursor `after`.

    What may match little is tried on the last hour, then two, four … so that LIMIT never walks
    the whole range at once. After the soft limit the page says how far it came, after the hard one
    that the range is too wide; in both cases with what was found, and a cursor that goes on.

    Raises: BadCursor.
    """
    walk = _Walk(project_id, criteria, order, limit, clock or Clock())
    if after:
        walk.key = walk.began = order.key(after)
    reached: datetime | None = None
    try:
        if not order.is_by_time or not criteria.may_match_little:
            return walk.page(is_done=walk.through(criteria.since, criteria.until))
        newest = [timezone.now()]
        newest += [bound for bound in (walk.key and walk.key[0], criteria.until) if bound]
        for low, high in windows(min(newest), _oldest(project_id, criteria, walk.clock)):
            if high is not None and walk.clock.is_late:
                return walk.page(is_done=False, back_to=high)
            reached = high
            since = low if criteria.since is None else max(low, criteria.since)
            # The last hour holds the future as well, unless the range ends before.
            if not walk.through(since, high if high is not None else criteria.until):
                return walk.page(is_done=False)
            if walk.is_full:
                break
    except TimeUp:
        return walk.page(is_done=False, back_to=reached, wide=True)
    return walk.page(is_done=True)


def _groups(batch: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """As many at a time as have few enough spans: between two the clock is looked at, and where the
    time is up, what was found and how far it came are known."""
    group: list[Candidate] = []
    spans = 0
    for candidate in batch:
        if group and spans + candidate.row.span_count > MOST_SPANS:
            yield group
            group, spans = [], 0
        group.append(candidate)
        spans += candidate.row.span_count
    if group:
        yield group


def newer(
    project_id: int, criteria: Criteria, key: Key, *, limit: int, clock: Clock | None = None
) -> list[str]:
    """Ids of the traces above `key` in the list of the newest, from `key` upwards; as many as are
    found in time."""
    clock = clock or Clock()
    plan = plan_of(project_id, criteria)
    rows, names = answered(matching(project_id, criteria), plan)
    found: list[str] = []
    try:
        while len(found) < limit and not clock.is_late:
            size = LARGEST_BATCH if plan.needs_content else limit - len(found)
            above = above_key(rows, key).order_by("start_time", "trace_id")
            with clock.statement():
                batch = [
                    Candidate(summary(row[: len(COLUMNS)]), None, tuple(row[len(COLUMNS) :]))
                    for row in above.values_list(*COLUMNS, *names)[:size]
                ]
            hits = matches(plan, batch, clock)
            found += [one.row.trace_id for one, is_hit in zip(batch, hits, strict=True) if is_hit]
            if len(batch) < size:
                break
            key = (batch[-1].row.start_time, batch[-1].row.trace_id)
    except TimeUp:
        pass
    return found[:limit]


def above_key(rows: QuerySet[Trace], key: Key) -> QuerySet[Trace]:
    """The traces above `key` in the list of the newest."""
    return rows.filter(start_time__gte=key[0]).filter(
        Q(start_time__gt=key[0]) | Q(trace_id__gt=key[1])
    )


def windows(
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


def _oldest(project_id: int, criteria: Criteria, clock: Clock) -> datetime | None:
    """Where the range ends: at its bound, else at the first trace of the project."""
    first = Trace.objects.filter(project_id=project_id)
    if criteria.since is not None:
        first = first.filter(start_time__gte=criteria.since)
    with clock.statement():
        return first.order_by("start_time").values_list("start_time", flat=True).first()


def _collected(rows: QuerySet[Any], size: int) -> tuple[str, list[Any]]:
    """The newest of a window. Collected before they are sorted, so that the planner takes the
    index of the filter and not that of the order."""
    inner, parameters = rows.order_by().query.sql_with_params()
    statement = (
        f"with hit as materialized ({inner}) "  # noqa: S608  (by the ORM; values are parameters)
        "select * from hit order by start_time desc, trace_id desc limit %s"
    )
    return statement, [*parameters, size]

"""Bars over time of a list of traces: how many began, failed, took and cost, slice by slice.

Narrow ranges, and lists filtered by what the figures by hour do not hold, are read from the traces;
other wide ones from these figures, with the hours at their ends and those not settled yet from the
traces.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from traces.models import Trace
from traces.queries.criteria import Criteria, matching, plan_of
from traces.queries.patience import TimeUp, limited
from traces.queries.rollup_bars import narrowed, summed
from traces.rollups.histogram import BUCKET_SQL, percentile_us
from traces.values.slices import Bar, Slices, slices

SECONDS = 2.0
MEASURES = ("count", "errors", "p95", "cost")
SCORE = "score."
_HOUR = timedelta(hours=1)
_SETTLED = timedelta(hours=2)  # older traces are in the figures by hour
_CLIPPED = timedelta(days=30)  # a longer range begins with the first trace
_COLUMNS = (
    "trace_id", "start_time", "error_count", "root_ok", "duration_us", "open_count", "span_count",
    "cost_nano", "call_count", "unpriced_count",
)  # fmt: skip
_PLACE = "floor((extract(epoch from {}) - %s) / %s)::int"
# Slices as instants first: a division of decimals for each trace is a quarter of the whole.
_OF_TRACES = f"""
select {_PLACE.format("slice")}, bucket, traces, failed, cost from (
  select date_bin(make_interval(secs => %s), start_time, to_timestamp(%s)) as slice,
    {{bucket}} as bucket, count(*) as traces,
    count(*) filter (where error_count > 0 and root_ok is not true) as failed,
    sum(cost_nano) filter (where call_count > unpriced_count or cost_nano <> 0) as cost
  from ({{inner}}) hit group by 1, 2) binned
"""  # noqa: S608
_OF_SCORES = f"""
select {_PLACE.format("hit.start_time")}, sum(s.num), count(*)
from ({{inner}}) hit join score s on s.project_id = %s and s.trace_id = hit.trace_id
where s.name = %s and s.num is not null group by 1
"""  # noqa: S608


@dataclass(frozen=True)
class Bars:
    """One bar a slice. `is_upper_bound`: the words of the query were not looked for."""

    cut: Slices
    bars: Sequence[Bar]
    is_by_hour: bool = False
    is_upper_bound: bool = False
    is_too_wide: bool = False

    @property
    def traces(self) -> int:
        """Of the whole range."""
        return sum(bar.count for bar in self.bars)

    @property
    def errors(self) -> int:
        """Of the whole range."""
        return sum(bar.errors for bar in self.bars)


class _Sums:
    """What is added up by slice."""

    def __init__(self) -> None:
        self.count: dict[int, int] = defaultdict(int)
        self.errors: dict[int, int] = defaultdict(int)
        self.cost: dict[int, float] = defaultdict(float)
        self.known: set[int] = set()
        self.latencies: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, rows: Sequence[tuple[Any, ...]], *, counts: bool = True) -> None:
        for place, bucket, count, errors, cost in rows:
            if counts:
                self.count[place] += int(count)
                self.errors[place] += int(errors)
            if bucket is not None and bucket >= 0:
                self.latencies[place][bucket] += int(count)
            if cost is not None:
                self.cost[place] += float(cost)
                self.known.add(place)

    def bar(self, place: int, measure: str, scores: Mapping[int, float]) -> Bar:
        value: float | None = None
        if measure == "p95":
            value = percentile_us(self.latencies[place], 0.95)
        elif measure == "cost":
            value = self.cost[place] if place in self.known else None
        elif measure.startswith(SCORE):
            value = scores.get(place)
        return Bar(self.count[place], self.errors[place], value)


def bars(project_id: int, criteria: Criteria, measure: str, *, seconds: float = SECONDS) -> Bars:
    """The bars of the traces that meet `criteria`; `measure` is one of MEASURES or `score.<name>`.

    The value of a bar is the 95th percentile of durations in microseconds, the cost in nano-dollars
    or the mean of the score; None where none is known. Where the time does not suffice the bars are
    empty and `is_too_wide` says so.
    """
    until = criteria.until or timezone.now()
    since = criteria.since or until - _CLIPPED
    try:
        with limited(seconds) as cursor:
            if until - since > _CLIPPED:
                since = max(since, _first(project_id) or since)
            cut = slices(since, until)
            bounded = replace(criteria, since=since, until=until)
            sums, by_hour = _sums(cursor, project_id, bounded, cut, measure)
            scores = (
                _scores(cursor, project_id, bounded, cut, measure.removeprefix(SCORE))
                if measure.startswith(SCORE)
                else {}
            )
    except TimeUp:
        cut = slices(since, until)
        return Bars(cut, [Bar()] * cut.count, is_too_wide=True)
    found = [sums.bar(place, measure, scores) for place in range(cut.count)]
    is_upper_bound = plan_of(project_id, criteria).needs_content
    return Bars(cut, found, by_hour, is_upper_bound)


def _sums(
    cursor: CursorWrapper, project_id: int, criteria: Criteria, cut: Slices, measure: str
) -> tuple[_Sums, bool]:
    sums = _Sums()
    low = _hour(cut.since - timedelta(microseconds=1)) + _HOUR
    high = min(_hour(cut.until), _hour(timezone.now() - _SETTLED))
    by = narrowed(criteria, measure)
    if by is None or cut.step % 3600 or low >= high or measure.startswith(SCORE):
        sums.add(_of_traces(cursor, project_id, criteria, cut, measure))
        return sums, False
    for since, until in ((cut.since, low), (high, cut.until)):
        edge = replace(criteria, since=since, until=until)
        sums.add(_of_traces(cursor, project_id, edge, cut, measure))
    for rows, counts in summed(cursor, project_id, by, cut, (low, high), measure):
        sums.add(rows, counts=counts)
    return sums, True


def _of_traces(
    cursor: CursorWrapper, project_id: int, criteria: Criteria, cut: Slices, measure: str
) -> list[tuple[Any, ...]]:
    inner, parameters = _inner(project_id, criteria)
    known = f"case when open_count < span_count then {BUCKET_SQL.format('duration_us')} end"
    bucket = known if measure == "p95" else "-1"
    statement = _OF_TRACES.format(inner=inner, bucket=bucket)
    cursor.execute(statement, [cut.base, cut.step, cut.step, cut.base, *parameters])
    return list(cursor.fetchall())


def _scores(
    cursor: CursorWrapper, project_id: int, criteria: Criteria, cut: Slices, name: str
) -> dict[int, float]:
    """The mean of a score by slice of the traces that it was given to."""
    inner, parameters = _inner(project_id, criteria)
    cursor.execute(
        _OF_SCORES.format(inner=inner), [cut.base, cut.step, *parameters, project_id, name]
    )
    return {place: total / count for place, total, count in cursor.fetchall()}


def _inner(project_id: int, criteria: Criteria) -> tuple[str, tuple[Any, ...]]:
    rows = matching(project_id, criteria).order_by().values_list(*_COLUMNS)
    return rows.query.sql_with_params()


def _first(project_id: int) -> datetime | None:
    """When the first trace of the project began."""
    found = Trace.objects.filter(project_id=project_id).order_by("start_time")
    return found.values_list("start_time", flat=True).first()


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)

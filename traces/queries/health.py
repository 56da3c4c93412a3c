"""How a project does: the figures of a range beside those of another, from the roll-ups alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from traces.digest.queue import backlog
from traces.queries.usage import (
    Scope,
    SpanFigures,
    TracesFigures,
    environment_sql,
    hour_of,
    span_figures,
    trace_figures,
)
from traces.rollups.histogram import percentile_us

BY_HOUR = timedelta(days=3)  # a longer range is drawn by day
STALE_SECONDS = 60  # settled looks that wait longer make the figures of traces old
MOST_SCORES = 10_000  # the newest that are looked at for what users said
LATE = timedelta(days=30)  # after the end of a range, within which feedback on it is looked for

_SAID = """
with newest as materialized (
  select trace_id, num, data_type from score where project_id = %(project)s and source = 'user'
    and at >= %(since)s and at < %(latest)s order by at desc limit %(most)s),
rated as (
  select date_trunc('hour', t.start_time, 'UTC') as hour, bool_or(n.num <> 1) as is_down
  from newest n join trace t on t.project_id = %(project)s and t.trace_id = n.trace_id
  where n.num in (1, 0, -1) and n.data_type in ('boolean', 'number')
    and t.start_time >= %(since)s and t.start_time < %(until)s {environment}
  group by t.trace_id, t.start_time)
select hour, count(*), count(*) filter (where is_down), (select count(*) from newest)
from rated group by 1
"""


@dataclass(frozen=True)
class Said:
    """How many traces users rated, by the hour in which these began, and how many of them down.

    As `feedback:down` of the list counts them. `is_cut`: not all scores were looked at.
    """

    by_hour: dict[datetime, tuple[int, int]] = field(default_factory=dict)  # rated, down
    is_cut: bool = False

    @property
    def rated(self) -> int:
        """Traces on which a user said yes or no."""
        return sum(rated for rated, _ in self.by_hour.values())

    @property
    def down(self) -> int:
        """Of those, traces to which one said no."""
        return sum(down for _, down in self.by_hour.values())

    @property
    def share_down(self) -> float | None:
        """Of the rated ones; None where nobody said anything."""
        return self.down / self.rated if self.rated else None


@dataclass(frozen=True)
class Sums:
    """The figures of one range. None: nothing of it."""

    traces: TracesFigures | None
    spans: SpanFigures | None
    said: Said

    @property
    def count(self) -> int:
        """Traces."""
        return self.traces.traces if self.traces else 0

    @property
    def failed(self) -> int:
        """Traces that failed, as `status:error` finds them."""
        return self.traces.errors if self.traces else 0

    @property
    def recovered(self) -> int:
        """Traces that went on after an error inside."""
        return self.traces.recovered if self.traces else 0

    @property
    def error_share(self) -> float | None:
        """Of all traces; None of none."""
        return self.failed / self.count if self.count else None

    @property
    def cost_nano(self) -> int | None:
        """The cost; None where no call could be priced."""
        known = self.spans is not None and self.spans.calls > self.spans.unpriced
        return self.spans.cost_nano if known and self.spans else None

    @property
    def cost_each_nano(self) -> int | None:
        """The cost of a trace."""
        return None if self.cost_nano is None or not self.count else self.cost_nano // self.count


@dataclass(frozen=True)
class Place:
    """One hour or day of the range."""

    at: datetime
    until: datetime
    traces: int = 0
    failed: int = 0
    p95_us: int | None = None
    cost_nano: int = 0
    rated: int = 0
    down: int = 0


@dataclass(frozen=True)
class Health:
    """A range, the one it is compared with (None: with none), and its course."""

    now: Sums
    before: Sums | None
    places: list[Place]
    waiting_seconds: float  # age of the oldest trace that waits for its settled look

    @property
    def is_stale(self) -> bool:
        """Whether the figures of traces are older than they look."""
        return self.waiting_seconds > STALE_SECONDS


def health_of(
    scope: Scope, before: Scope | None, names_before: Sequence[TracesFigures] | None = None
) -> Health:
    """The figures of `scope`, both bounds whole hours. Four statements, seven with `before`.

    Where the traces of `before` are known by name already, they are not read again.
    """
    is_by_hour = scope.until - scope.since <= BY_HOUR
    by = ["hour" if is_by_hour else "day"]
    traces, spans = trace_figures(scope, by), span_figures(scope, by, with_latencies=False)
    said = said_in(scope)
    return Health(
        Sums(together(traces), _spans_together(spans), said),
        None if before is None else sums_of(before, names_before),
        _places(scope, is_by_hour, traces, spans, said),
        waiting_seconds(),
    )


def sums_of(scope: Scope, by_name: Sequence[TracesFigures] | None = None) -> Sums:
    """The sums of a range alone. Three statements, two where its traces are known by name."""
    traces = together(trace_figures(scope) if by_name is None else by_name)
    spans = span_figures(scope, with_latencies=False)
    return Sums(traces, _spans_together(spans), said_in(scope))


def said_in(scope: Scope) -> Said:
    """What users said of the traces that began in a range; among the newest scores."""
    environment, values = environment_sql(scope, "coalesce(t.environment, '')")
    values |= {"project": scope.project_id, "since": scope.since, "until": scope.until}
    values |= {"latest": scope.until + LATE, "most": MOST_SCORES}
    with connection.cursor() as cursor:
        cursor.execute(
            _SAID.format(environment=f"and {environment}" if environment else ""), values
        )
        rows = cursor.fetchall()
    by_hour = {hour: (rated, down) for hour, rated, down, _ in rows}
    return Said(by_hour, bool(rows) and rows[0][3] >= MOST_SCORES)


def waiting_seconds() -> float:
    """Age of the oldest trace of the installation that waits for its settled look."""
    connection.ensure_connection()
    return backlog(connection.connection)[1]


def together(found: Iterable[TracesFigures]) -> TracesFigures | None:
    """The sum of figures that have nothing in common; None of none."""
    listed = list(found)
    if not listed:
        return None
    latencies: dict[int, int] = {}
    for one in listed:
        for bucket, count in one.latencies.items():
            latencies[bucket] = latencies.get(bucket, 0) + count
    sums: dict[str, Any] = {
        name: sum(getattr(one, name) for one in listed)
        for name in ("traces", "errors", "recovered", "duration_us", "sampled")
    }
    return replace(listed[0], key=(), latencies=latencies, **sums)


def _spans_together(found: Sequence[SpanFigures]) -> SpanFigures | None:
    """The sum of what has no latencies."""
    if not found:
        return None
    names = (
        "spans", "errors", "calls", "unpriced", "cost_nano", "evaluator_nano", "duration_us",
        "sampled",
    )  # fmt: skip
    sums: dict[str, Any] = {name: sum(getattr(one, name) for one in found) for name in names}
    tokens = {name: sum(one.tokens[name] for one in found) for name in found[0].tokens}
    return replace(found[0], key=(), tokens=tokens, latencies={}, **sums)


def _places(
    scope: Scope,
    is_by_hour: bool,
    traces: list[TracesFigures],
    spans: list[SpanFigures],
    said: Said,
) -> list[Place]:
    step = timedelta(hours=1) if is_by_hour else timedelta(days=1)
    costs = {str(one.key[0]): one.cost_nano for one in spans}
    by_place: dict[str, list[TracesFigures]] = {}
    for one in traces:
        by_place.setdefault(str(one.key[0]), []).append(one)
    heard: dict[datetime, list[tuple[int, int]]] = {}
    for hour, pair in said.by_hour.items():
        heard.setdefault(_floor(hour, is_by_hour), []).append(pair)
    places = []
    at = _floor(scope.since, is_by_hour)
    while at < scope.until:
        key = str(at) if is_by_hour else str(at.date())
        whole = together(by_place.get(key, ()))
        pairs = heard.get(at, [])
        places.append(
            Place(
                max(at, scope.since),
                min(at + step, scope.until),
                whole.traces if whole else 0,
                whole.errors if whole else 0,
                percentile_us(whole.latencies, 0.95) if whole else None,
                costs.get(key, 0),
                sum(rated for rated, _ in pairs),
                sum(down for _, down in pairs),
            )
        )
        at += step
    return places


def _floor(at: datetime, is_by_hour: bool) -> datetime:
    hour = hour_of(at)
    return hour if is_by_hour else hour.replace(hour=0)

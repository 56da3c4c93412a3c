"""Requests of features by minute or day, and how many missed what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from django.db import connection

from traces.queries.arms import NOT_TRAFFIC
from traces.queries.usage import Scope, TracesFigures, trace_figures
from traces.rollups.counted import Status
from traces.rollups.histogram import bounds_us, bucket_of

_BY_MINUTE = """
select f.feature, date_trunc('minute', t.start_time, 'UTC'), count(*),
  count(*) filter (where t.status = %(failed)s),
  count(*) filter (where t.duration_us > f.bar)
from trace_counted t
join unnest(%(features)s::text[], %(bars)s::int8[]) f (feature, bar) on f.feature = t.feature
where t.project_id = %(project)s and t.start_time >= %(since)s and t.start_time < %(until)s
  and t.environment <> all(%(hidden)s)
group by 1, 2
"""
_SCORED = """
with given as (
  select trace_id, date_trunc(%(unit)s, at, 'UTC') as moment, avg(num) as num from score
  where project_id = %(project)s and name = %(score)s and num is not null
    and at >= %(since)s and at < %(until)s and trace_id <> ''
  group by 1, 2)
select g.moment, count(*),
  count(*) filter (where g.num <> %(bar)s and (g.num > %(bar)s) = %(is_most)s)
from given g join trace t on t.project_id = %(project)s and t.trace_id = g.trace_id
where t.feature = %(feature)s and coalesce(t.environment, '') <> all(%(hidden)s)
group by 1 order by 1
"""


@dataclass(frozen=True)
class Requests:
    """Settled requests that began in a minute, day or range: all, failed ones, slow ones."""

    feature: str
    moment: datetime
    total: int
    failed: int
    slow: int


@dataclass(frozen=True)
class Scored:
    """Traces that got a score in one minute or day, and how many of them miss the bar."""

    moment: datetime
    total: int
    missed: int


def requests_by_minute(
    project_id: int, bars_us: Mapping[str, int | None], *, since: datetime, until: datetime
) -> list[Requests]:
    """Of these features (name -> how long a request may take), exactly, from what is counted.

    What was sampled away is not among them: read it before a project's wait is over.
    """
    given: dict[str, Any] = {
        "project": project_id,
        "features": list(bars_us),
        "bars": list(bars_us.values()),
        "failed": int(Status.FAILED),
        "since": since,
        "until": until,
        "hidden": list(NOT_TRAFFIC),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BY_MINUTE, given)
        return [Requests(*row) for row in cursor.fetchall()]


def requests_in(
    project_id: int,
    bars_us: Mapping[str, int | None],
    *,
    since: datetime,
    until: datetime,
    by_day: bool = False,
) -> list[Requests]:
    """The same from the roll-ups, from a whole hour on, with what was sampled away.

    `moment` is the day in UTC, else `since`. How many were too slow is read from histograms,
    interpolated inside the bucket of the bar.
    """
    found: dict[tuple[str, datetime], Requests] = {}
    scope = Scope(project_id, since, until)
    for row in trace_figures(scope, ["feature", "environment", *(["day"] if by_day else [])]):
        feature, environment, *day = row.key
        if feature not in bars_us or environment in NOT_TRAFFIC:
            continue
        moment = datetime.combine(day[0], time.min, UTC) if day else since
        known = found.get((feature, moment), Requests(feature, moment, 0, 0, 0))
        found[feature, moment] = Requests(
            feature,
            moment,
            known.total + row.traces,
            known.failed + row.errors,
            known.slow + slower_than(row, bars_us[feature]),
        )
    return sorted(found.values(), key=lambda one: (one.feature, one.moment))


def scored_traces(
    project_id: int,
    feature: str,
    score: str,
    *,
    bar: float,
    is_most: bool,
    since: datetime,
    until: datetime,
    by: str = "day",
) -> list[Scored]:
    """Traces of the feature by the minute or day (`by`) in which they were scored.

    Each counts once there, by its mean.
    """
    given: dict[str, Any] = {
        "project": project_id,
        "feature": feature,
        "score": score,
        "bar": bar,
        "is_most": is_most,
        "since": since,
        "until": until,
        "unit": by,
        "hidden": list(NOT_TRAFFIC),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SCORED, given)
        return [Scored(*row) for row in cursor.fetchall()]


def slower_than(figures: TracesFigures, bar_us: int | None) -> int:
    """How many traces took longer than `bar_us` microseconds; 0 without a bar."""
    if bar_us is None:
        return 0
    at = bucket_of(bar_us)
    low, high = bounds_us(at)
    beyond = sum(count for bucket, count in figures.latencies.items() if bucket > at)
    part = figures.latencies.get(at, 0) * (high - bar_us) / (high - low)
    return beyond + round(part)

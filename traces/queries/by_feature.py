"""What traffic says of features: how much of each, and one beside its target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from traces.queries.criteria import HIDDEN_ENVIRONMENT
from traces.queries.usage import Scope, TracesFigures, span_figures, trace_figures

FIRST_TOKENS_OF = 1_000  # the newest traces, of which first tokens are read span by span


@dataclass(frozen=True)
class Traffic:
    """A feature's settled traces and what its spans cost; None: no price is known of any call."""

    traces: int
    errors: int
    p95_us: int | None
    cost_nano: int | None

    @property
    def error_ratio(self) -> float | None:
        """Traces that ended in an error; None of none."""
        return self.errors / self.traces if self.traces else None


@dataclass(frozen=True)
class Quality:
    """One score over the traces of a feature; a trace counts once, by its mean."""

    traces: int
    mean: float | None
    missed: int  # traces whose mean misses the bar

    @property
    def missed_ratio(self) -> float | None:
        """Share that misses the bar; None of none."""
        return self.missed / self.traces if self.traces else None


def traffic_by_feature(project_id: int, *, since: datetime, until: datetime) -> dict[str, Traffic]:
    """Name of a feature -> its traffic, of every feature that has any; '' is what has no name."""
    scope = Scope(project_id, since, until)
    traces = {one.key[0]: one for one in trace_figures(scope, ["feature"])}
    spans = {one.key[0]: one for one in span_figures(scope, ["feature"], with_latencies=False)}
    found = {}
    for name in sorted({*traces, *spans}):
        cost = None
        if (used := spans.get(name)) is not None and used.calls != used.unpriced:
            cost = used.cost_nano
        found[name] = _traffic(traces.get(name), cost)
    return found


def traffic_of(project_id: int, feature: str, *, since: datetime, until: datetime) -> Traffic:
    """The traffic of one feature."""
    scope = Scope(project_id, since, until, equal={"feature": feature})
    traces = trace_figures(scope)
    spans = span_figures(scope, with_latencies=False)
    cost = spans[0].cost_nano if spans and spans[0].calls != spans[0].unpriced else None
    return _traffic(traces[0] if traces else None, cost)


def prompts_of(
    project_id: int, feature: str, *, since: datetime, until: datetime, most: int = 10
) -> list[tuple[str, int]]:
    """Names of the prompts that the feature's calls used, and how many did; the most used first."""
    scope = Scope(project_id, since, until, equal={"feature": feature})
    found = [
        (str(one.key[0]), one.calls)
        for one in span_figures(scope, ["prompt_name"], with_latencies=False)
        if one.key[0]
    ]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:most]


def quality_of(
    project_id: int,
    feature: str,
    score: str,
    *,
    bar: float,
    is_most: bool,
    since: datetime,
    until: datetime,
) -> Quality:
    """The score `score` over traces of the feature that began since then."""
    sql = """
        with given as (
            select trace_id, avg(num) as num from score
            where project_id = %(project)s and name = %(score)s and num is not null
              and at >= %(since)s and trace_id <> ''
            group by 1)
        select count(*), avg(g.num),
          count(*) filter (where g.num <> %(bar)s and (g.num > %(bar)s) = %(is_most)s)
        from given g join trace t on t.project_id = %(project)s and t.trace_id = g.trace_id
        where t.feature = %(feature)s and t.start_time >= %(since)s and t.start_time < %(until)s
          and coalesce(t.environment, '') <> %(hidden)s
    """
    given: dict[str, Any] = {
        "project": project_id,
        "score": score,
        "feature": feature,
        "bar": bar,
        "is_most": is_most,
        "since": since,
        "until": until,
        "hidden": HIDDEN_ENVIRONMENT,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        traces, mean, missed = cursor.fetchone()
    return Quality(traces, None if mean is None else float(mean), missed)


def first_token_us(
    project_id: int, feature: str, *, since: datetime, until: datetime
) -> tuple[int | None, int]:
    """The 95th percentile of the time to the first token, in microseconds, and of how many spans.

    Of the newest FIRST_TOKENS_OF traces of the feature: no roll-up holds first tokens.
    """
    sql = """
        with newest as (
            select trace_id, start_time, end_time from trace
            where project_id = %(project)s and feature = %(feature)s and start_time >= %(since)s
              and start_time < %(until)s and coalesce(environment, '') <> %(hidden)s
            order by start_time desc limit %(most)s)
        select percentile_disc(0.95) within group (order by s.ttft_us), count(s.ttft_us)
        from newest n cross join lateral (
            select ttft_us from span where project_id = %(project)s and trace_id = n.trace_id
              and start_time between n.start_time - interval '1 hour' and n.end_time
              and ttft_us is not null) s
    """
    given: dict[str, Any] = {
        "project": project_id,
        "feature": feature,
        "since": since,
        "until": until,
        "most": FIRST_TOKENS_OF,
        "hidden": HIDDEN_ENVIRONMENT,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        length, spans = cursor.fetchone()
    return (None if length is None else int(length)), spans


def _traffic(found: TracesFigures | None, cost_nano: int | None) -> Traffic:
    if found is None:
        return Traffic(0, 0, None, cost_nano)
    return Traffic(found.traces, found.errors, found.percentile_us(0.95), cost_nano)

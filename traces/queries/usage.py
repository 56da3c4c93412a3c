"""Figures from the roll-ups: sums over spans and over whole traces, by time and by dimension.

Every page and every export takes its totals from here, so the same scope gives the same figure.
Bounds are whole hours: what a page shows is said to begin at the hour that `hour_of` gives.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from traces.ingest.record import TOKEN_CLASSES
from traces.queries.criteria import ANY_ENVIRONMENT, HIDDEN_ENVIRONMENT
from traces.rollups.histogram import percentile_us
from traces.rollups.totals import total_of
from traces.rollups.usage import DIMENSIONS, SUMS

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SPAN_KEYS = (*DIMENSIONS, "kind", "hour")
TRACE_KEYS = ("environment", "feature", "name", "release", "hour")
_TRACE_SUMS = ("traces", "errors", "recovered", "duration_us")
_IN = TOKEN_CLASSES[:4]
_NO_TOKENS = dict.fromkeys(TOKEN_CLASSES, 0)


@dataclass(frozen=True)
class Scope:
    """Whose figures, and of when. `environment` as in lists: '' is all but the hidden one."""

    project_id: int
    since: datetime
    until: datetime
    environment: str = ""
    equal: Mapping[str, str | int] = field(default_factory=dict)  # dimension -> value


@dataclass(frozen=True)
class _Source:
    """Two tables of figures, `<name>_hour` and `<name>_day`."""

    name: str
    counted: str  # the sum that says how many
    sums: Sequence[str]
    by_day: Sequence[str]  # the dimensions that the days have as well
    is_part: bool = False  # not all of the sums are asked for


_USAGE = _Source("usage", "spans", SUMS, ("environment", "feature", "model", "provider", "kind"))
_TRACES = _Source("trace", "traces", _TRACE_SUMS, ("environment", "feature", "name", "release"))


@dataclass(frozen=True)
class SpanFigures:
    """Sums over spans. Tokens and cost hold only what counts once; calls are calls of a model."""

    key: tuple[Any, ...]
    spans: int
    errors: int
    calls: int
    unpriced: int
    tokens: dict[str, int]  # by disjoint class
    cost_nano: int  # without evaluators
    evaluator_nano: int
    duration_us: int
    latencies: dict[int, int]
    sampled: int = 0  # spans of these that were sampled away since

    @property
    def tokens_in(self) -> int:
        """All classes of input."""
        return sum(self.tokens[name] for name in _IN)

    @property
    def tokens_out(self) -> int:
        """All classes of output."""
        return sum(self.tokens.values()) - self.tokens_in

    def percentile_us(self, share: float) -> int | None:
        """Latency that `share` of the spans stay within, in microseconds; None of none."""
        return percentile_us(self.latencies, share)


@dataclass(frozen=True)
class TracesFigures:
    """Sums over settled traces."""

    key: tuple[Any, ...]
    traces: int
    errors: int
    recovered: int
    duration_us: int
    latencies: dict[int, int]
    sampled: int = 0

    def percentile_us(self, share: float) -> int | None:
        """Duration that `share` of the traces stay within, in microseconds; None of none."""
        return percentile_us(self.latencies, share)


def hour_of(at: datetime) -> datetime:
    """The hour that holds an instant."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def span_figures(
    scope: Scope,
    by: Sequence[str] = (),
    *,
    with_latencies: bool = True,
    only: Sequence[str] | None = None,
) -> list[SpanFigures]:
    """Sums over the spans of `scope`, one for each value of `by`; [] where there are none.

    `by` and `scope.equal` name dimensions of SPAN_KEYS, or `day`. Whole days are read from the
    daily figures where these have the dimensions: without latencies, and of one dimension of
    `traces.rollups.totals`, from its rows alone. With `only` some of SUMS the others are 0.
    """
    known = {*SPAN_KEYS, "day"}
    _check({*by, *scope.equal}, known)
    keys = list(by)
    asked = _USAGE if only is None else replace(_USAGE, sums=only, is_part=True)
    rows = _summed(asked, scope, keys, with_latencies)
    first, last = len(keys), len(keys) + len(asked.sums)
    has_tokens = not _NO_TOKENS.keys().isdisjoint(asked.sums)
    found = []
    for row in rows:
        sums = dict(zip(asked.sums, map(int, row[first:last]), strict=True)).get
        found.append(
            SpanFigures(
                row[:first],
                sums("spans", 0),
                sums("errors", 0),
                sums("calls", 0),
                sums("unpriced", 0),
                {name: sums(name, 0) for name in TOKEN_CLASSES} if has_tokens else _NO_TOKENS,
                sums("cost_nano", 0),
                sums("evaluator_nano", 0),
                sums("duration_us", 0),
                _histogram(row[-2], row[-1]) if row[-2] else {},
                int(row[-3]),
            )
        )
    return found


def costs_by(scope: Scope, by: Sequence[str]) -> list[tuple[tuple[Any, ...], int]]:
    """Keys as of `span_figures`, each with its nano-dollars without evaluators; 0 is left out."""
    _check({*by, *scope.equal}, {*SPAN_KEYS, "day"})
    asked = replace(_USAGE, sums=("cost_nano",), is_part=True)
    width = len(by)
    return [(row[:width], int(row[width])) for row in _summed(asked, scope, list(by), False)]


def is_read_quickly(asked: Collection[str]) -> bool:
    """Whether days of these dimensions stand by themselves, so that each reading costs little."""
    return total_of(asked) is not None


def trace_figures(
    scope: Scope, by: Sequence[str] = (), *, with_latencies: bool = True
) -> list[TracesFigures]:
    """Sums over settled traces of `scope`, one for each value of `by` (of TRACE_KEYS, or day).

    Whole days are read from the daily figures where no hour is asked for.
    """
    _check({*by, *scope.equal}, {*TRACE_KEYS, "day"})
    first = len(by)
    found = []
    for row in _summed(_TRACES, scope, list(by), with_latencies):
        traces, errors, recovered, duration_us = (int(value) for value in row[first : first + 4])
        latencies = _histogram(row[-2], row[-1])
        found.append(
            TracesFigures(
                tuple(row[:first]),
                traces,
                errors,
                recovered,
                duration_us,
                latencies,
                sampled=int(row[-3]),
            )
        )
    return found


def _check(asked: Collection[str], known: Collection[str]) -> None:
    if unknown := set(asked) - set(known):
        raise ValueError(f"no such dimension: {', '.join(sorted(unknown))}")


def _parts(
    source: _Source, scope: Scope, by: Sequence[str], with_latencies: bool
) -> tuple[str, dict[str, Any]]:
    """SQL of the rows that make up a scope: whole days, and the hours at its edges."""
    where, parameters = _where(scope, "hour")
    where += _something(source)
    hour = f"(hour at time zone 'UTC')::date as day, {source.counted} as counted"
    hourly = f"select *, {hour} from {source.name}_hour where {where}"  # noqa: S608
    asked = {*by, *scope.equal}
    total = None if with_latencies or source.name != "usage" else total_of(asked)
    if total is None and not asked <= {*source.by_day, "day"}:
        return hourly, parameters
    since, until = hour_of(scope.since), scope.until.astimezone(UTC)
    low = since.replace(hour=0)
    low = low if low == since else low + DAY
    high = until.replace(hour=0, minute=0, second=0, microsecond=0)
    if low >= high:
        return hourly, parameters
    parameters |= {"low": low, "high": high, "low_day": low.date(), "high_day": high.date()}
    days, _ = _where(scope, "day")
    days += _something(source)
    edges = (
        f"from {source.name}_hour where {where} and (fresh or hour < %(low)s or hour >= %(high)s)"
    )
    if total is not None:
        parameters["total"] = int(total)
        columns = ", ".join((*sorted(asked - {"day"}), "sampled", *source.sums))
        return (
            f"select {columns}, day, {source.counted} as counted from usage_total "  # noqa: S608
            f"where dimension = %(total)s and {days} union all select {columns}, {hour} {edges}"
        ), parameters
    columns = ", ".join(("project_id", *source.by_day, "sampled", *source.sums, "lat_b"))
    return (
        f"select {columns}, lat_n, day, {source.counted} as counted "  # noqa: S608
        f"from {source.name}_day where {days} union all "
        f"select {columns}, lat_n::int8[], {hour} {edges}"
    ), parameters


def _something(source: _Source) -> str:
    """Rows that add nothing to what is asked for are not summed up."""
    return f" and ({' or '.join(f'{name} <> 0' for name in source.sums)})" if source.is_part else ""


def _where(scope: Scope, column: str) -> tuple[str, dict[str, Any]]:
    parameters: dict[str, Any] = {
        "project": scope.project_id,
        "since": hour_of(scope.since),
        "until": scope.until,
    }
    bounds = (
        "hour >= %(since)s and hour < %(until)s"
        if column == "hour"
        else "day >= %(low_day)s and day < %(high_day)s"
    )
    parts = ["project_id = %(project)s", bounds]
    environment, given = environment_sql(scope, "environment")
    if environment:
        parts.append(environment)
        parameters |= given
    for place, (name, value) in enumerate(scope.equal.items()):
        parts.append(f"{name} = %(equal_{place})s")
        parameters[f"equal_{place}"] = value
    return " and ".join(parts), parameters


def environment_sql(scope: Scope, column: str) -> tuple[str, dict[str, Any]]:
    """The condition of a scope on a column in which none is '', and its parameters; '' for all."""
    if scope.environment == ANY_ENVIRONMENT:
        return "", {}
    sign = "=" if scope.environment else "<>"
    return f"{column} {sign} %(environment)s", {
        "environment": scope.environment or HIDDEN_ENVIRONMENT
    }


def _summed(
    source: _Source, scope: Scope, keys: list[str], with_latencies: bool
) -> list[tuple[Any, ...]]:
    """Rows of keys, sums, how many were sampled away, and the histogram's buckets and counts."""
    parts, parameters = _parts(source, scope, keys, with_latencies)
    sums = source.sums
    listed = "".join(f"{name}, " for name in keys)
    using = " and ".join(f"s.{name} = l.{name}" for name in keys) or "true"
    group = f"group by {', '.join(keys)}" if keys else ""
    summed = f"""
  s as (select {listed}{", ".join(f"sum({name}) as {name}" for name in sums)},
    coalesce(sum(counted) filter (where sampled), 0) as was_sampled from r {group})"""  # noqa: S608
    columns = f"{''.join(f's.{name}, ' for name in keys)}{', '.join(f's.{name}' for name in sums)}"
    something = " or ".join(f"s.{name} <> 0" for name in sums)
    query = f"""
with r as materialized ({parts}), {summed},
  l as (select {listed}array_agg(b order by b) as bs, array_agg(n order by b) as ns from (
      select {listed}u.b, sum(u.n)::int8 as n from r, unnest(lat_b, lat_n) as u (b, n)
      group by {listed}u.b having sum(u.n) <> 0) h {group})
select {columns}, s.was_sampled, l.bs, l.ns from s left join l on {using} where {something}
"""  # noqa: S608
    if not with_latencies:
        query = (
            f"with r as ({parts}), {summed} "  # noqa: S608
            f"select {columns}, s.was_sampled, null, null from s where {something}"
        )
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def _histogram(buckets: list[int] | None, counts: list[int | Decimal] | None) -> dict[int, int]:
    return {b: int(n) for b, n in zip(buckets or (), counts or (), strict=True)}

"""Versions of a prompt side by side, each beside the one that serves: the tab Metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from kit import figures
from kit.intervals import (
    Cell,
    Interval,
    mean_interval,
    quantile_interval,
    rate_difference,
    too_early,
    wilson,
)
from kit.intervals.planned import difference
from kit.requests import whole_number
from prompts.queries.quality import Quality
from prompts.queries.versions import VersionScores
from traces.queries.usage import SpanFigures
from traces.query.render import written_name
from traces.query.values import quoted
from traces.rollups.histogram import bounds_us
from traces.values.score_values import number_text


@dataclass(frozen=True)
class Figure:
    """One cell: a value, its 95 % range, and how it stands beside the version that serves."""

    value: str
    interval: str = ""
    says: str = ""
    tone: str = ""


@dataclass(frozen=True)
class VersionFigures:
    """One line. `number` None: calls that name a version which the registry does not know."""

    version: str
    number: int | None
    calls: int
    errors: Figure
    p50: Figure
    p95: Figure
    cost: Figure
    scores: tuple[Figure, ...]
    is_serving: bool


def version_figures(
    figures_of: Mapping[str, SpanFigures],
    scores: Sequence[VersionScores],
    *,
    serving: int | None,
    known: set[int],
) -> tuple[list[str], list[VersionFigures]]:
    """Names of the scores that are shown, and a line for each version, newest first."""
    names = list(dict.fromkeys(one.name for one in scores))
    by_version = {(one.version, one.name): one for one in scores}
    base = figures_of.get(str(serving)) if serving is not None else None
    rows = []
    for version, found in figures_of.items():
        number = whole_number(version)
        number = number if number in known else None
        is_serving = serving is not None and version == str(serving)
        other = None if is_serving else base
        rows.append(
            VersionFigures(
                version=version or "none named",
                number=number,
                calls=found.spans,
                errors=_errors(found, other),
                p50=_quantile(found, 0.5),
                p95=_quantile(found, 0.95),
                cost=_cost(found),
                scores=tuple(
                    _score(
                        by_version.get((version, name)),
                        None if is_serving else by_version.get((str(serving), name)),
                    )
                    for name in names
                ),
                is_serving=is_serving,
            )
        )
    rows.sort(key=lambda row: (row.number is None, -(row.number or 0), row.version))
    return names, rows


def _errors(found: SpanFigures, base: SpanFigures | None) -> Figure:
    rate = wilson(found.errors, found.spans)
    value = figures.percent(found.errors / found.spans) if found.spans else figures.UNKNOWN
    interval = f"{figures.percent(rate.low)} to {figures.percent(rate.high)}" if rate else ""
    if base is None:
        return Figure(value, interval)
    early = too_early("rate", base.spans, found.spans)
    if early:
        return Figure(value, interval, f"too early ({found.spans})")
    change = rate_difference(base.errors, base.spans, found.errors, found.spans)
    return Figure(value, interval, *_beside(change, worse_when_higher=True))


def _quantile(found: SpanFigures, share: float) -> Figure:
    cells = [Cell(*bounds_us(bucket), n) for bucket, n in sorted(found.latencies.items())]
    interval = quantile_interval(cells, share)
    if interval is None:
        value = found.percentile_us(share)
        return Figure(figures.duration(value), says="too early" if value is not None else "")
    low, high = figures.duration(int(interval.low)), figures.duration(int(interval.high))
    return Figure(figures.duration(int(interval.value)), f"{low} to {high}")


def _cost(found: SpanFigures) -> Figure:
    priced = found.calls - found.unpriced
    if priced <= 0:
        return Figure("unpriced" if found.calls else figures.UNKNOWN)
    return Figure(figures.money(int(Decimal(found.cost_nano) / priced)))


def _score(found: VersionScores | None, base: VersionScores | None) -> Figure:
    if found is None or not found.sums.n:
        return Figure(figures.UNKNOWN)
    sums = found.sums
    mean = sums.total / sums.n
    if found.is_boolean:
        range_ = wilson(sums.total, sums.n)
        text = figures.percent(mean)
    else:
        range_ = mean_interval(sums)
        text = f"{mean:.3g}"
    show = figures.percent if found.is_boolean else lambda value: f"{value:.3g}"
    interval = f"{show(range_.low)} to {show(range_.high)}" if range_ else ""
    if base is None or not base.sums.n:
        return Figure(text, interval)
    measure = "rate" if found.is_boolean else "mean"
    if too_early(measure, base.sums.n, sums.n):  # type: ignore[arg-type]
        return Figure(text, interval, f"too early ({sums.n})")
    change = difference(measure, base.sums, sums)  # type: ignore[arg-type]
    return Figure(text, interval, *_beside(change, worse_when_higher=False))


def _beside(change: Interval | None, *, worse_when_higher: bool) -> tuple[str, str]:
    if change is None or not change.excludes(0):
        return "no difference beyond noise", ""
    is_worse = (change.value > 0) == worse_when_higher
    return ("worse", "bad") if is_worse else ("better", "ok")


@dataclass(frozen=True)
class Rated:
    """How good answers were, beside the bar; `query` finds those on its wrong side."""

    quality: Quality
    query: str


def rated(prompt: str, quality: Quality | None) -> Rated | None:
    """`quality` of a prompt with the way to its traces."""
    if quality is None:
        return None
    bar = quality.bar
    worse = f"{'>' if bar.is_most else '<'}{number_text(bar.number or 0.0)}"
    named = f"prompt:{quoted(prompt)} {written_name('score', quality.score)}{worse}"
    return Rated(quality, named)


@dataclass(frozen=True)
class RowFigures:
    """What the list says of a prompt: calls of seven days, as a line and in all, how good their
    answers were, and what one cost."""

    pk: int
    calls: int
    line: list[int]
    cost: str
    rated: Rated | None


def figures_of_row(
    pk: int, days: Mapping[date, SpanFigures], since: datetime, said: Rated | None = None
) -> RowFigures:
    """Sums over the days; a day without calls is zero in the line."""
    calls = sum(one.spans for one in days.values())
    priced = sum(one.calls - one.unpriced for one in days.values())
    cost = sum(one.cost_nano for one in days.values())
    first = since.date()
    line = [
        days[day].spans if (day := first + timedelta(days=at)) in days else 0 for at in range(8)
    ]
    each = figures.money(int(Decimal(cost) / priced)) if priced > 0 else figures.UNKNOWN
    return RowFigures(pk, calls, line, each, said)

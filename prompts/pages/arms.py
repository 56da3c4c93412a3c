"""Two versions side by side, from the minutes that are kept of a rollout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kit import figures
from kit.intervals import NOTHING, Bin, Effect, Interval, Measure, Sums, too_early
from prompts.guarding.metrics import (
    COST,
    ERRORS,
    LATENCY,
    THUMBS,
    BadGuard,
    Metric,
    ScoreRange,
    metric_of,
)

ORDER = (ERRORS, LATENCY, COST, THUMBS)


@dataclass(frozen=True)
class ArmRow:
    """One metric of both arms, as people read it. `tone` is ok, bad, or '' for neither."""

    name: str
    old: str
    new: str
    n_old: int
    n_new: int
    change: str
    interval: str
    words: str
    tone: str
    margin: str = ""
    evidence: int | None = None  # percent of what halts, where the metric is guarded


def arm_rows(
    bins: Mapping[str, Sequence[Bin]],
    guards: Sequence[Mapping[str, Any]],
    verdicts: Mapping[str, Mapping[str, Any]],
    ranges: Mapping[str, ScoreRange],
) -> list[ArmRow]:
    """Every metric that has values or is guarded: the usual four first, then scores by name."""
    margins = {guard["metric"]: float(guard["margin"]) for guard in guards}
    keys = [key for key in ORDER if key in bins or key in margins]
    keys += sorted(key for key in {*bins, *margins} if key not in ORDER)
    rows = []
    for key in keys:
        try:
            metric = metric_of(key, ranges)
        except BadGuard:  # a score that is defined no longer
            continue
        rows.append(_row(metric, bins.get(key, ()), margins.get(key), verdicts.get(key)))
    return rows


def _row(
    metric: Metric,
    bins: Sequence[Bin],
    margin: float | None,
    verdict: Mapping[str, Any] | None,
) -> ArmRow:
    effect = Effect()
    old = new = NOTHING
    for one in bins:
        effect.add(*one)
        old, new = old.plus(one.old), new.plus(one.new)
    early = too_early(metric.measure, effect.old.n, effect.new.n)
    found = effect.interval(metric.measure)
    words, tone = _said(metric, early, found)
    return ArmRow(
        name=metric.name,
        old=_value(metric, old),
        new=_value(metric, new),
        n_old=old.n,
        n_new=new.n,
        change=_amount(metric.measure, found.value, signed=True) if found and not early else "",
        interval=_interval(metric.measure, found) if found and not early else "",
        words=words,
        tone=tone,
        margin="" if margin is None else _amount(metric.measure, margin),
        evidence=round(100 * float(verdict["evidence"])) if verdict else None,
    )


def _said(metric: Metric, early: str, found: Interval | None) -> tuple[str, str]:
    if early or found is None:
        return early or "Too early", ""
    if not found.excludes(0):
        return "No difference beyond noise", ""
    is_worse = (found.value > 0) == (metric.worse == "higher")
    return ("Worse", "bad") if is_worse else ("Better", "ok")


def _value(metric: Metric, sums: Sums) -> str:
    mean = sums.mean
    if mean is None:
        return figures.UNKNOWN
    if metric.key == LATENCY:
        return figures.duration(int(mean))
    if metric.key == COST:
        return figures.money(int(mean))
    if metric.measure == "rate":
        return figures.percent(mean)
    return f"{mean:.3g}"


def _amount(measure: Measure, size: float, *, signed: bool = False) -> str:
    """`1.2 points` of a rate, `+24%` of a ratio, `0.031` of a mean."""
    sign = ("+" if size > 0 else "−" if size < 0 else "") if signed else ""
    size = abs(size) if signed else size
    if measure == "mean":
        return f"{sign}{size:.3g}"
    number = f"{size * 100:.2f}".rstrip("0").rstrip(".")
    return f"{sign}{number}%" if measure == "ratio" else f"{sign}{number} pt"


def _interval(measure: Measure, found: Interval) -> str:
    low = _amount(measure, found.low, signed=True)
    high = _amount(measure, found.high, signed=True)
    return f"{low} to {high}"

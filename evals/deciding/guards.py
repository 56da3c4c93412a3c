"""Guards: what a version may not cost, take or refuse more than allowed, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import erfc, sqrt

import numpy as np

from evals.deciding.effects import effect_of, level_of
from evals.deciding.inputs import Kind, Measure, Metric, Scores
from evals.deciding.measures import MEASURES, Statistic
from evals.deciding.rule import State, decide, decide_bar, together
from evals.statistics import resampling
from evals.statistics.arrays import Z95, Floats, floats
from evals.statistics.multiple import holm
from kit.intervals import Interval

ALPHA = 0.05
DRAWS = 4_000
_MANY = 5_000_000  # values sorted for the p95 of all draws: about half a second

_UNKNOWN: State = "inconclusive"


@dataclass(frozen=True, slots=True)
class Guarded:
    """A guard and what it came to; figures as people read them: a higher cost is a higher number.

    `change` is relative where `kind` is. `own` is the interval of the new version alone. `p` is
    two-sided, `adjusted` after Holm. `state` None: there is nothing to compare with, and no limit;
    `why` says so.
    """

    key: str
    name: str
    is_measure: bool
    sign: int  # 1 where more is better, −1 where less is
    kind: Kind
    margin: float
    limit: float | None
    n: int = 0
    old: float | None = None
    new: float | None = None
    change: Interval | None = None
    own: Interval | None = None
    p: float | None = None
    adjusted: float | None = None
    state: State | None = None
    why: str = ""


def guarded(metrics: Sequence[Metric], measures: Sequence[Measure]) -> list[Guarded]:
    """Every guard on the items of both versions.

    All guards must hold, so a pass needs no adjustment. That a guard fails is claimed only where
    it stands after Holm over all of them: of many guards, one is worse by chance now and then.
    """
    found = [_of_metric(one) for one in metrics] + [_of_measure(one) for one in measures]
    places = [place for place, one in enumerate(found) if one.p is not None]
    adjusted = dict(zip(places, holm([found[place].p or 0.0 for place in places]), strict=True))
    return [_decided(replace(one, adjusted=adjusted.get(at))) for at, one in enumerate(found)]


def _decided(one: Guarded) -> Guarded:
    if one.state is not None:
        return one
    states: list[State] = []
    if one.old is not None:
        state = decide(oriented(one.change, one.sign), one.margin)
        is_chance = one.adjusted is not None and one.adjusted > ALPHA
        states.append("inconclusive" if state == "fail" and is_chance else state)
    if one.limit is not None:
        states.append(decide_bar(oriented(one.own, one.sign), one.sign * one.limit))
    if not states:
        return replace(one, why=one.why or "There is nothing to compare it with.")
    return replace(one, state=together(states))


def oriented(found: Interval | None, sign: int) -> Interval | None:
    """The interval turned so that more is better."""
    if found is None or sign == 1:
        return found
    return Interval(-found.value, -found.high, -found.low)


def _of_metric(metric: Metric) -> Guarded:
    effect, level = effect_of(metric), level_of(metric.new)
    change = oriented(effect.interval, metric.sign) if metric.old is not None else None
    return Guarded(
        metric.name, metric.name, False, metric.sign, "absolute", metric.margin, metric.bar,
        n=effect.n, old=effect.old, new=effect.new, change=change, own=level.interval, p=effect.p,
    )  # fmt: skip


def _of_measure(measure: Measure) -> Guarded:
    known = MEASURES[measure.key]
    bare = Guarded(
        measure.key, known.name, True, -1, measure.kind, measure.margin, measure.limit
    )  # fmt: skip
    keys, new, old = _together(measure.new, measure.old)
    if not keys:
        state: State | None = None if measure.old is None and measure.limit is None else _UNKNOWN
        return replace(bare, state=state, why=f"{known.name} was not measured.")
    # The same draws of items for both versions.
    new_drawn = _drawn(new, known.statistic)
    own = resampling.percentile(_figure(new, known.statistic), new_drawn, 0.95)
    found = replace(bare, n=len(keys), new=own.value, own=own)
    if old is None:
        return found
    before = _figure(old, known.statistic)
    change = _change(measure.kind, own.value, before, new_drawn, _drawn(old, known.statistic))
    if change is None:
        why = f"{known.name} was 0, so that no share of it can be taken."
        return replace(found, state=_UNKNOWN, why=why)
    return replace(found, old=before, change=change, p=_p_of(change))


def _change(
    kind: Kind, new: float, old: float, new_drawn: Floats, old_drawn: Floats
) -> Interval | None:
    if kind == "absolute":
        return resampling.percentile(new - old, new_drawn - old_drawn, 0.95)
    if old <= 0:
        return Interval(0.0, 0.0, 0.0) if new <= 0 else None
    ratios = np.full(new_drawn.size, np.inf)
    np.divide(new_drawn, old_drawn, out=ratios, where=old_drawn > 0)
    return resampling.percentile(new / old - 1, ratios - 1, 0.95)


def _together(new: Scores, old: Scores | None) -> tuple[list[str], Floats, Floats | None]:
    """The common items, and the values of each version as (items, repeats)."""
    ours = {key: values for key, values in zip(new.keys, new.values, strict=True) if values}
    if old is None:
        keys = list(ours)
        return keys, _matrix(ours, keys), None
    theirs = {key: values for key, values in zip(old.keys, old.values, strict=True) if values}
    keys = [key for key in ours if key in theirs]
    return keys, _matrix(ours, keys), _matrix(theirs, keys)


def _matrix(values: dict[str, tuple[float, ...]], keys: list[str]) -> Floats:
    if not keys:
        return np.zeros((0, 0))
    repeats = min(len(values[key]) for key in keys)
    return np.array([values[key][:repeats] for key in keys], dtype=np.float64)


def _figure(values: Floats, statistic: Statistic) -> float:
    return float(values.mean() if statistic == "mean" else np.quantile(values, 0.95))


def _drawn(values: Floats, statistic: Statistic) -> Floats:
    """The statistic in draws of items, each with all its repeats; the same items each time."""
    items = values.shape[0]
    if statistic == "mean":
        means = floats(values.mean(axis=1))
        parts = [means[rows].mean(axis=1) for rows in resampling.drawn(items, DRAWS, _SEED)]
        return np.concatenate(parts)
    draws = min(DRAWS, max(_MANY // values.size, 500))
    parts = [
        np.quantile(values[rows].reshape(len(rows), -1), 0.95, axis=1)
        for rows in resampling.drawn(items, draws, _SEED)
    ]
    return np.concatenate(parts)


_SEED = resampling.SEED


def _p_of(change: Interval) -> float:
    """The two-sided p that belongs to an interval of 95 %, as if it were normal."""
    half = (change.high - change.low) / 2
    if half == 0:
        return 1.0 if change.value == 0 else 0.0
    return erfc(abs(change.value) / (half / Z95) / sqrt(2))

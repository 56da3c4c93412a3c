"""One run against another, item by item: the effect of a score with its interval, and who moved.

Repeats are averaged first; the interval is that of the paired differences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Literal

from evals.queries.measures import Measure
from evals.queries.outcomes import Item, Outcomes, Scored
from evals.statistics.arrays import deviation, differences, floats, mean
from evals.statistics.clustering import clustered_mean
from evals.statistics.discordant import mcnemar_exact
from evals.statistics.paired import interval, proportion
from evals.statistics.power import detectable
from evals.statistics.resampling import bootstrap_mean
from kit.intervals import Interval

SMALL = 30  # items; below, intervals come from the bootstrap
ROUNDING = 1e-9  # differences of means below are none
Reading = Literal["better", "worse", "noise", "none"]


@dataclass(frozen=True, slots=True)
class Own:
    """The mean of a score in one run, with its 95 % range; None without a scored item."""

    items: int
    mean: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Pairing:
    """A score of a run against the baseline, over the items that both have.

    `effect` is new less old; `moves` holds each item's. Keys of items stand in `improved`,
    `regressed` (by the score's direction), `to_pass` and `to_fail`. `detectable` is the least true
    difference that so many items would find.
    """

    items: int
    effect: Interval | None
    detectable: float | None
    reading: Reading
    is_small: bool
    p: float | None
    moves: Mapping[str, float] = field(default_factory=dict)
    improved: frozenset[str] = frozenset()
    regressed: frozenset[str] = frozenset()
    to_pass: frozenset[str] = frozenset()
    to_fail: frozenset[str] = frozenset()

    @property
    def same(self) -> int:
        """Items that did not move."""
        return self.items - len(self.improved) - len(self.regressed)


def own_mean(run: Outcomes, name: str) -> Own:
    """A run by itself, over the items that have the score."""
    having = [
        (scored.mean, item.cluster)
        for item in run.items.values()
        if (scored := item.scores.get(name)) is not None and scored.mean is not None
    ]
    return mean_of([mean for mean, _ in having], [cluster for _, cluster in having])


def mean_of(values: list[float], clusters: list[str]) -> Own:
    """The mean of items' scores: Wilson's interval where each is 0 or 1, else as of differences."""
    if not values:
        return Own(0, None)
    found = (None if any(clusters) else proportion(values)) or _interval(values, clusters)
    low, high = (found.low, found.high) if found else (None, None)
    return Own(len(values), mean(floats(values)), low, high)


def effect_of(base: Outcomes, run: Outcomes, measure: Measure) -> tuple[Interval | None, Reading]:
    """The mean difference alone, and how it reads."""
    both = _both(base, run, measure.name)
    change = [(new.mean or 0.0) - (old.mean or 0.0) for _, old, new in both]
    found = _interval(change, [item.cluster for item, _, _ in both])
    return found, _reading(found, 1 if measure.is_higher_better else -1)


def paired(base: Outcomes, run: Outcomes, measure: Measure) -> Pairing:
    """`run` against `base` under one score."""
    both = _both(base, run, measure.name)
    if not both:
        return Pairing(0, None, None, "none", True, None)
    before = [old.mean or 0.0 for _, old, _ in both]
    after = [new.mean or 0.0 for _, _, new in both]
    change = differences(before, after).tolist()
    found = _interval(change, [item.cluster for item, _, _ in both])
    moves = dict(zip([item.key for item, _, _ in both], change, strict=True))
    sign = 1 if measure.is_higher_better else -1
    improved = frozenset(key for key, one in moves.items() if sign * one > ROUNDING)
    regressed = frozenset(key for key, one in moves.items() if sign * one < -ROUNDING)
    turned = [(old.passes, new.passes, item.key) for item, old, new in both]
    is_binary = set(before) | set(after) <= {0.0, 1.0}
    return Pairing(
        items=len(both),
        effect=found,
        detectable=_detectable(found, change),
        reading=_reading(found, sign),
        is_small=len(both) < SMALL,
        p=mcnemar_exact(len(improved), len(regressed)) if is_binary else None,
        moves=moves,
        improved=improved,
        regressed=regressed,
        to_pass=frozenset(key for old, new, key in turned if old is False and new is True),
        to_fail=frozenset(key for old, new, key in turned if old is True and new is False),
    )


def _both(base: Outcomes, run: Outcomes, name: str) -> list[tuple[Item, Scored, Scored]]:
    """The items that have the score in both runs, in the order of the baseline."""
    theirs = run.items
    return [
        (item, old, new)
        for key, item in base.items.items()
        if (old := item.scores.get(name)) is not None
        and (other := theirs.get(key)) is not None
        and (new := other.scores.get(name)) is not None
        and old.mean is not None
        and new.mean is not None
    ]


def _interval(values: list[float], clusters: list[str]) -> Interval | None:
    """Of the mean: whole clusters where items have some, the bootstrap below thirty items."""
    if any(clusters):
        alone = [name or f"\0{place}" for place, name in enumerate(clusters)]
        found = clustered_mean(values, alone)
        if found.mean is None or found.low is None or found.high is None:
            return None
        return Interval(found.mean, found.low, found.high)
    if len(values) < SMALL:
        return bootstrap_mean(values) if len(values) > 1 else None
    return interval(values)


def _detectable(found: Interval | None, values: list[float]) -> float | None:
    """From the interval's own error, so that clusters count; None of fewer than two items."""
    spread = deviation(floats(values))
    if spread is None or found is None:
        return None
    width = (found.high - found.low) / 2 / 1.959963984540054
    spread = max(spread, width * sqrt(len(values))) if len(values) >= SMALL else spread
    return detectable(spread, len(values))


def _reading(found: Interval | None, sign: int) -> Reading:
    """Better or worse where the range leaves 0 out."""
    if found is None:
        return "none"
    if not found.excludes(0.0):
        return "noise"
    return "better" if sign * found.value > 0 else "worse"

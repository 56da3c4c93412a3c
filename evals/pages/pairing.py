"""One run against another, item by item: the effect of a score with its interval, and who moved.

Repeats are averaged first; the range is that of the paired differences, as the gate reckons it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from evals.deciding.effects import FEW_CHANGED, FEW_ITEMS, SAME, interval_of
from evals.queries.measures import Measure
from evals.queries.outcomes import Item, Outcomes, Scored
from evals.statistics.arrays import Floats, differences, floats
from evals.statistics.discordant import mcnemar_exact
from evals.statistics.paired import proportion
from evals.statistics.power import detectable
from kit.intervals import Interval

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
        (item.key, scored.mean, item.cluster)
        for item in run.items.values()
        if (scored := item.scores.get(name)) is not None and scored.mean is not None
    ]
    having.sort()
    return mean_of([mean for _, mean, _ in having], [cluster for _, _, cluster in having])


def mean_of(values: Sequence[float], clusters: Sequence[str]) -> Own:
    """The mean of items' scores, in the order of their keys: Wilson's interval where each is 0 or
    1 and its own, else as of differences."""
    array = floats(values)
    if not array.size:
        return Own(0, None)
    names = _names(clusters)
    found, _, _, _ = interval_of(array, names, is_small=array.size < FEW_ITEMS)
    if names is None:
        found = proportion(array) or found
    low, high = (found.low, found.high) if found else (None, None)
    return Own(array.size, float(array.mean()), low, high)


def effect_of(base: Outcomes, run: Outcomes, measure: Measure) -> tuple[Interval | None, Reading]:
    """The mean difference alone, and how it reads."""
    both = _both(base, run, measure.name)
    found, _, _ = _effect(_changes(both), both)
    return found, _reading(found, 1 if measure.is_higher_better else -1)


def paired(base: Outcomes, run: Outcomes, measure: Measure) -> Pairing:
    """`run` against `base` under one score."""
    both = _both(base, run, measure.name)
    if not both:
        return Pairing(0, None, None, "none", True, None)
    change = _changes(both)
    found, error, is_small = _effect(change, both)
    sign = 1 if measure.is_higher_better else -1
    moves = dict(zip([item.key for item, _, _ in both], change.tolist(), strict=True))
    improved = frozenset(key for key, one in moves.items() if sign * one > 0)
    regressed = frozenset(key for key, one in moves.items() if sign * one < 0)
    turned = [(old.passes, new.passes, item.key) for item, old, new in both]
    is_binary = {one.mean for _, old, new in both for one in (old, new)} <= {0.0, 1.0}
    return Pairing(
        items=len(both),
        effect=found,
        detectable=None if error is None else detectable(error, 1),
        reading=_reading(found, sign),
        is_small=is_small,
        p=mcnemar_exact(len(improved), len(regressed)) if is_binary else None,
        moves=moves,
        improved=improved,
        regressed=regressed,
        to_pass=frozenset(key for old, new, key in turned if old is False and new is True),
        to_fail=frozenset(key for old, new, key in turned if old is True and new is False),
    )


Both = list[tuple[Item, Scored, Scored]]


def _both(base: Outcomes, run: Outcomes, name: str) -> Both:
    """The items that have the score in both runs, in the order of their keys, as the gate's."""
    theirs = run.items
    found = [
        (item, old, new)
        for key, item in base.items.items()
        if (old := item.scores.get(name)) is not None
        and (other := theirs.get(key)) is not None
        and (new := other.scores.get(name)) is not None
        and old.mean is not None
        and new.mean is not None
    ]
    found.sort(key=lambda one: one[0].key)
    return found


def _changes(both: Both) -> Floats:
    change = differences([one.mean or 0.0 for _, one, _ in both],
                         [one.mean or 0.0 for _, _, one in both])  # fmt: skip
    change[abs(change) < SAME] = 0.0
    return change


def _effect(change: Floats, both: Both) -> tuple[Interval | None, float | None, bool]:
    """The mean difference with its range, its error, and whether it rests on few items."""
    is_small = change.size < FEW_ITEMS or int((change != 0).sum()) < FEW_CHANGED
    names = _names([item.cluster for item, _, _ in both])
    found, _, error, _ = interval_of(change, names, is_small=is_small)
    return found, error, is_small


def _names(clusters: Sequence[str]) -> list[str] | None:
    """A cluster for each item, its own where it has none; None where every item is its own."""
    if not any(clusters):
        return None
    names = [name or f"\0{place}" for place, name in enumerate(clusters)]
    return names if len(set(names)) < len(names) else None


def _reading(found: Interval | None, sign: int) -> Reading:
    """Better or worse where the range leaves 0 out."""
    if found is None:
        return "none"
    if not found.excludes(0.0):
        return "noise"
    return "better" if sign * found.value > 0 else "worse"

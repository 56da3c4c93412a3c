"""What there is to say of an open alarm: since when, how much, and which items."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from evals.drift.rates import detectable_drop
from evals.drift.reference import Reference, Sums, place
from evals.drift.runs import Scale
from evals.drift.settings import Settings
from evals.drift.state import Kind, State
from evals.statistics.arrays import Z95, Floats
from kit.intervals import Interval

MOST_ITEMS = 10
_PRIOR = 2.0  # runs that the mean variance counts as, beside an item's own


@dataclass(frozen=True, slots=True)
class ItemChange:
    """An item by its place in the set: its mean before and since, and how surprising that is."""

    item: int
    before: float
    after: float
    z: float


@dataclass(frozen=True, slots=True)
class Report:
    """Of an open alarm. `effect` is the change since `since` with its 95 % interval.

    `runs` counts all runs since then, `reruns` those among them that were not scheduled; `items`
    are those that changed most, the worst first. `detectable` is the drop that is found within
    three days in four of five cases, None where that is not known. `recovered` is the day on which
    the CUSUM was 0 again.
    """

    kind: Kind
    day: int
    since: int
    effect: Interval
    before: float
    after: float
    runs: int
    reruns: int
    items: tuple[ItemChange, ...]
    detectable: float | None
    recovered: int | None


def report(state: State) -> Report | None:
    """Of the open alarm; None without one.

    The day of the change is that of the run from which a drop is most likely, after S was last 0
    (`detector.sharpened`). The interval is that of the mean of the runs since then, against a
    reference of B runs: σ √(1 / m + 1 / B). It takes that day as known: in simulation nine in ten
    of these intervals hold the true drop.

    Source: D. C. Montgomery, Introduction to Statistical Quality Control, 9.1.
    """
    alarm = state.alarm
    if alarm is None:
        return None
    since = alarm.stretch
    found = place(alarm.below, since.sums.means, state.scale, state.settings, runs=since.runs)
    if found is None:
        return None
    common = alarm.below.known & (since.sums.counts > 0)
    effect = Interval(
        found.change, found.change - Z95 * found.error, found.change + Z95 * found.error
    )
    return Report(
        kind=alarm.kind, day=alarm.day, since=since.day, effect=effect,
        before=float(alarm.below.means[common].mean()),
        after=float(since.sums.means[common].mean()), runs=since.runs, reruns=since.reruns,
        items=changed(alarm.below, since.sums, state.scale, state.settings),
        detectable=detectable_drop(state), recovered=alarm.recovered,
    )  # fmt: skip


def changed(
    before: Reference, after: Sums, scale: Scale, settings: Settings, most: int = MOST_ITEMS
) -> tuple[ItemChange, ...]:
    """The items that fell most for what they vary by, the worst first.

    An item's own variance is drawn towards the mean of all, as if that were two more runs, because
    one that never varied yet would have none.

    Source: G. K. Smyth, SAGMB 3 (2004): moderated t.
    """
    common = np.flatnonzero(before.known & (after.counts > 0))
    if not common.size:
        return ()
    typical = max(before.summed, scale.floor) / int(before.known.sum())
    freedom = before.counts[common] - 1
    own: Floats = before.variances[common]
    drawn = (freedom * own + _PRIOR * typical) / (freedom + _PRIOR)
    error = np.sqrt(drawn * (1 / after.counts[common] + 1 / before.counts[common]))
    change = after.means[common] - before.means[common]
    z = change / error
    order = np.argsort(z, kind="stable")[:most]
    return tuple(
        ItemChange(
            int(common[one]), float(before.means[common[one]]), float(after.means[common[one]]),
            float(z[one]),
        )
        for one in order if z[one] < 0
    )  # fmt: skip


def level(state: State) -> Interval | None:
    """The reference's mean and the band that 95 % of runs lie in; None while it calibrates."""
    if state.reference is None:
        return None
    found = place(state.reference, state.reference.means, state.scale, state.settings)
    if found is None:
        return None
    half = Z95 * found.sigma * sqrt(1 + 1 / state.reference.runs)
    return Interval(state.reference.mean, state.reference.mean - half, state.reference.mean + half)

"""What a detector is worth before it has run: false alarms a year, and the drop it can find."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import exp, sqrt

import numpy as np

from evals.drift.reference import place
from evals.drift.settings import Settings
from evals.drift.state import State
from evals.statistics.arrays import Floats
from kit.intervals.laws import normal_share

OVERSHOOT = 1.166  # by how much a CUSUM of normal values passes its limit: 2 × 0.583
DAYS, POWER = 3, 0.8  # a drop counts as detectable that is found within three days in four of five
# By simulation (docs/performance.md): z varies a little more than a normal one of known variance
# does, and the weekly comparison with the pin alarms so often a year.
SPREAD, CHECKS = 1.05, 0.025
_BLOCK = 5.0  # days, in which the reference is taken as of one size
_STATES = 160
_FARTHEST = 700.0  # of an exponent


def run_length(drift: float, limit: float) -> float:
    """How many runs a CUSUM of normal z goes on average before it passes `limit`.

    `drift` is by how much each run lowers it on average: the allowance k where nothing changed, k −
    δ after a drop of δ standard deviations.

    Source: D. Siegmund, Sequential Analysis (1985), 2.57: (e^x − x − 1) / (2 Δ²) with
    x = 2 Δ (h + 1.166).
    """
    reach = limit + OVERSHOOT
    x = 2 * drift * reach
    if abs(x) < 1e-4:
        return reach * reach
    return (exp(min(x, _FARTHEST)) - x - 1) / (2 * drift * drift)


def false_alarms(settings: Settings, *, held: int | None = None, runs_a_day: float = 1.0) -> float:
    """How many incidents a series is expected to raise in its next year where nothing changes.

    `held` is how many runs its reference holds now (a new series: those of the baseline). A
    reference of B runs is off by 1 / √(B + 1) standard deviations, which makes some series alarm
    often and most never, so Siegmund's rate is averaged over that error while the reference grows.
    A series has one open alarm at a time, so a block of days raises at most one. It says .10 a year
    at h = 4, where simulations count .09 to .18, and .04 at h = 5, where they count .06.

    Source: Siegmund (1985) over the predictive law of the reference's error, and the weekly check.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    weights = weights / weights.sum()
    held = settings.baseline if held is None else held
    total = CHECKS
    for block in range(round(365 / _BLOCK)):
        grown = held + max(block * _BLOCK - settings.lag, 0.0)
        size = min(grown, settings.most) if held < settings.most else held
        for node, weight in zip(nodes, weights, strict=True):
            drift = (settings.allowance + node / sqrt(size + 1)) / sqrt(SPREAD)
            rate = runs_a_day / run_length(drift, settings.limit / sqrt(SPREAD))
            total += weight * (1 - exp(-_BLOCK * rate))
    return float(total)


def false_alarms_of(states: Iterable[State]) -> float:
    """The expected false alarms a year of a project: those of its series, added up."""
    held: dict[tuple[Settings, int], int] = {}
    for state in states:
        runs = state.settings.baseline if state.reference is None else state.reference.runs
        held[state.settings, runs] = held.get((state.settings, runs), 0) + 1
    return sum(many * false_alarms(one, held=runs) for (one, runs), many in held.items())


def detectable_drop(state: State) -> float | None:
    """The drop, in the scale's unit, that is found within three days in four of five cases.

    None while the series calibrates. Source: as `detectable_shift`.
    """
    if state.reference is None:
        return None
    found = place(state.reference, state.reference.means, state.scale, state.settings)
    return None if found is None else detectable_shift(state.settings) * found.error


@lru_cache(maxsize=64)
def detectable_shift(settings: Settings, *, days: int = DAYS, power: float = POWER) -> float:
    """The drop, in predictive standard deviations, found within `days` with this chance.

    Source: by bisection of `found_within`.
    """
    low, high = 0.0, 12.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if found_within(settings, middle, days) < power else (low, middle)
        )
    return high


def found_within(settings: Settings, shift: float, days: int = DAYS) -> float:
    """The chance that a drop of `shift` standard deviations alarms within so many days, from S = 0.

    Source: the Markov chain of D. Brook, D. A. Evans, Biometrika 59 (1972), with reruns as steps
    that only the states above the warning limit take.
    """
    width = settings.limit / _STATES
    centres: Floats = (np.arange(_STATES, dtype=np.float64) + 0.5) * width
    moves = _moves(settings, shift, centres, width)
    above = centres > settings.warning
    held = np.zeros(_STATES + 1)  # the first state is S = 0 itself
    held[0] = 1.0
    for _ in range(days):
        held = held @ moves
        for _ in range(settings.reruns):
            moving = held.copy()
            moving[0], moving[1:] = 0.0, np.where(above, held[1:], 0.0)
            held = held - moving + moving @ moves
    return float(1 - held.sum())


def _moves(settings: Settings, shift: float, centres: Floats, width: float) -> Floats:
    """How often a run leads from each state to each other; what is missing of 1 has alarmed."""
    start = np.concatenate([[0.0], centres])
    ends = np.arange(_STATES + 1) * width
    steps = ends[None, :] - start[:, None] + settings.allowance - shift
    share: Floats = np.vectorize(normal_share)(steps).astype(np.float64)
    # A z beyond the clip moves as far as the clip.
    farthest = ends[None, :] - start[:, None] >= settings.clip - settings.allowance - 1e-12
    share[farthest] = 1.0
    return np.asarray(np.concatenate([share[:, :1], np.diff(share, axis=1)], axis=1))

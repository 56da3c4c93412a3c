"""Spend by day into the days to come: weekday medians and a robust trend, on logarithms.

The slope is Theil and Sen's over the last eight weeks, damped; paths are drawn from the residuals
with an error of level and of slope beside. Source and constants: docs/budgets.md, where five
methods are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from costs.forecast.monthly import Key, rise_of, rises

Floats = npt.NDArray[np.float64]

WEEKS = 8
LEAST_DAYS = 14
MOST_AHEAD = 400  # days
DAMPING = 0.7
PATHS = 500
LEVEL_ERROR, LEVEL_DAYS = 2.0, 14  # standard deviations of the residuals over sqrt(days)
SLOPE_ERROR = 0.004  # logs a day
OUTLYING = 5.0  # MADs: such a day is no residual to draw from
RECURRING = 3  # what happened so often may again: the range is to hold it
SEED = 20_261
# A jump of the level: the medians of so many days on both sides differ by that much.
JUMP_DAYS, JUMP_LEAST, JUMP_HEIGHT, JUMP_Z, MOST_JUMPS = 10, 3, 0.25, 4.0, 3


class TooLittle(ValueError):
    """Fewer days than a forecast needs; the text says how many."""


class TooFar(ValueError):
    """More days ahead than can be foreseen; the text says how many."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Days to come: `days`, the middle of each (money), and `paths` of (PATHS, days)."""

    days: tuple[date, ...]
    middle: Floats
    paths: Floats


def ahead(history: Sequence[tuple[date, float | None]], until: date) -> Paths:
    """The days after the last of `history` up to `until`; None is a day of which nothing is known.

    Raises: TooLittle, TooFar.
    """
    if not history:
        raise TooLittle(f"A forecast needs {LEAST_DAYS} days of spend; none is known.")
    last = max(day for day, _ in history)
    if (until - last).days > MOST_AHEAD:
        raise TooFar(f"A forecast looks {MOST_AHEAD} days ahead, not from {last} to {until}.")
    known = sorted(
        (day.toordinal(), spent)
        for day, spent in history
        if spent is not None and last - day < timedelta(weeks=WEEKS)
    )
    days = tuple(
        date.fromordinal(one) for one in range(last.toordinal() + 1, until.toordinal() + 1)
    )
    if len(known) < LEAST_DAYS:
        raise TooLittle(f"A forecast needs {LEAST_DAYS} days of spend; {len(known)} are known.")
    places = np.array([one for one, _ in known], np.float64)
    spent = np.array([one for _, one in known], np.float64)
    if not np.any(spent > 0):
        nothing = np.zeros(len(days))
        return Paths(days, nothing, np.zeros((PATHS, len(days))))
    # A tenth of a middle day keeps days without spend from ruling the logarithms.
    offset = 0.0 if np.all(spent > 0) else 0.1 * float(np.median(spent[spent > 0]))
    fit = _fit(places, np.log(spent + offset))
    return _paths(fit, days, last.toordinal(), offset)


@dataclass(frozen=True, slots=True)
class _Fit:
    level: float  # at the last day, in logs
    slope: float
    weekdays: Floats  # seven, Monday first, centred
    near: Floats  # residuals without what stood out
    drawn: Floats  # those that paths are drawn from
    rises: dict[Key, float]  # of days of the month


def _fit(places: Floats, logs: Floats) -> _Fit:
    weekday = (places.astype(int) - 1) % 7  # ordinal 1 is a Monday
    effects = _weekday_effects(logs - _around(logs), weekday)
    logs = logs + _lifts(logs - effects[weekday])
    slope = 0.0
    for _ in range(2):
        effects = _weekday_effects(logs - slope * (places - places[-1]), weekday)
        slope = _theil_sen(places, logs - effects[weekday])
    flat = logs - effects[weekday] - slope * (places - places[-1])
    level = float(np.median(flat[-2 * LEVEL_DAYS :]))
    residuals = flat - float(np.median(flat))
    bar = max(OUTLYING * _spread(residuals), 1e-9)
    monthly = rises(places.astype(int), residuals, bar)
    by_month = np.array([rise_of(int(one), monthly) for one in places])
    residuals = residuals - by_month
    outlying = np.abs(residuals) > bar
    times = np.count_nonzero(outlying & ~np.concatenate(([False], outlying[:-1])))
    near = residuals[~outlying]
    return _Fit(level, slope, effects, near, residuals if times >= RECURRING else near, monthly)


def _spread(values: Floats) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _around(logs: Floats) -> Floats:
    """The median of the seven values around each."""
    padded = np.pad(logs, 3, mode="reflect")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, 7), axis=1))


def _weekday_effects(logs: Floats, weekday: npt.NDArray[np.int_]) -> Floats:
    middle = float(np.median(logs))
    effects = np.zeros(7)
    for day in range(7):
        of_day = logs[weekday == day]
        if of_day.size >= 2:
            effects[day] = float(np.median(of_day)) - middle
    return effects


def _lifts(flat: Floats) -> Floats:
    """What to add to each value so that levels before a jump are as that after the last one."""
    lifts = np.zeros(flat.size)
    for _ in range(MOST_JUMPS):
        found = _jump(flat + lifts)
        if found is None:
            break
        place, height = found
        lifts[:place] += height
    return lifts


def _jump(flat: Floats) -> tuple[int, float] | None:
    """Where the level jumps the most, and how far; None where no jump stands out."""
    best: tuple[float, int, float] | None = None
    noise = _spread(np.diff(flat)) / np.sqrt(2)
    for place in range(JUMP_LEAST, flat.size - JUMP_LEAST + 1):
        before = flat[max(0, place - JUMP_DAYS) : place]
        after = flat[place : place + JUMP_DAYS]
        height = float(np.median(after) - np.median(before))
        error = 1.25 * max(noise, 0.03) * np.sqrt(1 / before.size + 1 / after.size)
        score = abs(height) / error
        if abs(height) > JUMP_HEIGHT and score > JUMP_Z and (best is None or score > best[0]):
            best = (score, place, height)
    return None if best is None else best[1:]


def _theil_sen(places: Floats, values: Floats) -> float:
    """The median of the slopes between all pairs. Source: Sen 1968."""
    first, second = np.triu_indices(places.size, 1)
    return float(np.median((values[second] - values[first]) / (places[second] - places[first])))


def _paths(fit: _Fit, days: tuple[date, ...], last: int, offset: float) -> Paths:
    steps = np.array([one.toordinal() - last for one in days], np.float64)
    weekday = np.array([one.weekday() for one in days], int)
    slope = DAMPING * fit.slope
    monthly = np.array([rise_of(one.toordinal(), fit.rises) for one in days], np.float64)
    middle = fit.level + slope * steps + fit.weekdays[weekday] + monthly
    draw = np.random.default_rng(SEED)
    deviation = float(np.std(fit.near)) if fit.near.size else 0.0
    noise = draw.choice(fit.drawn, (PATHS, len(days))) if fit.drawn.size else 0.0
    level = draw.normal(0, LEVEL_ERROR * deviation / np.sqrt(LEVEL_DAYS), (PATHS, 1))
    tilt = draw.normal(0, SLOPE_ERROR, (PATHS, 1)) * steps
    paths = np.maximum(np.exp(middle + noise + level + tilt) - offset, 0)
    # Residuals of logs are centred on their median; money adds up by means.
    lift = float(np.mean(np.exp(fit.near))) if fit.near.size else 1.0
    return Paths(days, np.maximum(np.exp(middle) * lift - offset, 0), paths)

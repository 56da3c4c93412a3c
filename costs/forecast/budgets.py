"""Will a budget hold until its period ends? Total, range, chance, and the day it breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from costs.forecast.days import Paths, ahead


@dataclass(frozen=True, slots=True)
class Forecast:
    """Money over the whole period: the middle, an 80 % range, and what of it is spent already."""

    total: float
    low: float
    high: float
    spent: float
    chance: float | None  # of exceeding the budget; None without one
    breaks_on: date | None  # None: not expected to break
    breaks_from: date | None  # the 80 % range of that day among the paths that break
    breaks_to: date | None


def forecast(
    history: Sequence[tuple[date, float | None]],
    *,
    start: date,
    end: date,
    budget: float | None = None,
) -> Forecast:
    """The period from `start` to `end` (both in it), of which `history` holds what is over.

    A day of the past of which nothing is known adds nothing to what is spent.

    Raises: TooLittle, TooFar.
    """
    days = _from(ahead(history, end), start)
    by_day = dict(history)
    past = [(day, spent) for day, spent in sorted(by_day.items()) if start <= day <= end]
    spent = sum(one for _, one in past if one is not None)
    totals = spent + days.paths.sum(axis=1)
    total = spent + float(days.middle.sum())
    low, high = (float(one) for one in np.quantile(totals, (0.1, 0.9)))
    if budget is None:
        return Forecast(total, low, high, spent, None, None, None, None)
    chance = float(np.mean(totals > budget))
    running = 0.0
    for day, one in past:
        running += one or 0.0
        if running > budget:
            return Forecast(total, low, high, spent, 1.0, day, day, day)
    crossing = _first_over(spent + np.cumsum(days.middle), budget)
    breaks = None if crossing is None else days.days[crossing]
    each = [_first_over(one, budget) for one in spent + np.cumsum(days.paths, axis=1)]
    places = [one for one in each if one is not None]
    if not places:
        return Forecast(total, low, high, spent, chance, breaks, None, None)
    early, late = np.quantile(places, (0.1, 0.9), method="nearest").astype(int)
    return Forecast(total, low, high, spent, chance, breaks, days.days[early], days.days[late])


def _from(days: Paths, start: date) -> Paths:
    """Without the days before the period, where that has not begun."""
    kept = [place for place, day in enumerate(days.days) if day >= start]
    return Paths(tuple(days.days[place] for place in kept), days.middle[kept], days.paths[:, kept])


def _first_over(running: np.ndarray, budget: float) -> int | None:
    over = np.flatnonzero(running > budget)
    return int(over[0]) if over.size else None

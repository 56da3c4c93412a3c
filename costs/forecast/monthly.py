"""Days of the month that are dear each month: bills and jobs that come back."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ALIKE = 0.5  # how near two months' rises must be, in logs
LEAST_RISE = 0.25
FROM_END = 4  # last days of a month that are known by their distance to its end

Key = tuple[bool, int]  # counted from the end; the day


def rises(days: Iterable[int], residuals: Floats, bar: float) -> dict[Key, float]:
    """The rise, in logs, of days of the month that stood out alike in each month known, twice at
    least. `days` are ordinals; `bar` is how far off a residual must be."""
    seen: dict[Key, list[float]] = {}
    for day, residual in zip(days, residuals, strict=True):
        for key in _keys(date.fromordinal(day)):
            seen.setdefault(key, []).append(float(residual))
    least = max(bar, LEAST_RISE)
    return {
        key: float(np.median(found))
        for key, found in seen.items()
        if len(found) >= 2 and min(found) > least and max(found) - min(found) < ALIKE
    }


def rise_of(day: int, known: dict[Key, float]) -> float:
    """What is expected of a day beyond its weekday, in logs; the larger of both ways to count."""
    return max((known.get(key, 0.0) for key in _keys(date.fromordinal(day))), default=0.0)


def _keys(day: date) -> list[Key]:
    left = monthrange(day.year, day.month)[1] - day.day
    return [(False, day.day), *([(True, left)] if left < FROM_END else [])]

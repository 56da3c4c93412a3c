"""What was to be expected on a date: planned events, and jobs that come every month."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from costs.detection.series import Floats, Series

ALIKE = 0.5  # how near a month's rise must be to that of the month before, in logs
AROUND = 1  # buckets on each side that may be the same job


@dataclass(frozen=True, slots=True)
class Expected:
    """Buckets from `low` up to without `high` of which more or less was expected.

    Bars are multiplied by `widening`; infinite: nothing alerts.
    """

    low: int
    high: int
    widening: float


def is_monthly(series: Series, off: Floats, place: int) -> bool:
    """True where a like rise stood at this day (and hour) of the month before.

    `off` are residuals in logs, NaN unknown.
    """
    before = series.at(place)
    before = _month_before(before)
    then = (before - series.start) // series.grain.step
    if then < 0:
        return False
    around = off[max(then - AROUND, 0) : then + AROUND + 1]
    return bool(np.any(np.abs(around - off[place]) < ALIKE)) and off[place] > 0


def _month_before(at: datetime) -> datetime:
    year, month = (at.year, at.month - 1) if at.month > 1 else (at.year - 1, 12)
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))

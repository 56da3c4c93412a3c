"""Intervals of a rate and of the difference of two rates."""

from __future__ import annotations

from math import sqrt

from kit.intervals.laws import z_of
from kit.intervals.sums import Interval


def wilson(hits: float, n: float, *, level: float = 0.95) -> Interval | None:
    """The score interval of a rate, 0 to 1; None of nothing.

    Source: E. B. Wilson, JASA 22 (1927).
    """
    if n <= 0:
        return None
    z = z_of(level)
    rate = hits / n
    shrunk = 1 + z * z / n
    centre = (rate + z * z / (2 * n)) / shrunk
    half = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / shrunk
    # At the ends the formula gives the rate itself, but for rounding.
    low = 0.0 if hits == 0 else max(centre - half, 0.0)
    high = 1.0 if hits == n else min(centre + half, 1.0)
    return Interval(rate, low, high)


def rate_difference(
    old_hits: float, old_n: float, new_hits: float, new_n: float, *, level: float = 0.95
) -> Interval | None:
    """The rate of the new less that of the old, −1 to 1; None where an arm holds nothing.

    Source: R. G. Newcombe, Statistics in Medicine 17 (1998), method 10: the hybrid of two score
    intervals, right also for rates near 0 and 1.
    """
    old, new = wilson(old_hits, old_n, level=level), wilson(new_hits, new_n, level=level)
    if old is None or new is None:
        return None
    difference = new.value - old.value
    below = sqrt((new.value - new.low) ** 2 + (old.high - old.value) ** 2)
    above = sqrt((new.high - new.value) ** 2 + (old.value - old.low) ** 2)
    return Interval(difference, difference - below, difference + above)

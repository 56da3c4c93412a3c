"""Intervals of a quantile, such as the p95 of a latency, from a histogram whose counts add up."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate

from kit.intervals.laws import binomial_share
from kit.intervals.sums import Interval


@dataclass(frozen=True, slots=True)
class Cell:
    """How many values lie from `low` up to without `high`."""

    low: float
    high: float
    count: int


def quantile_interval(
    cells: Iterable[Cell], share: float, *, level: float = 0.95
) -> Interval | None:
    """The value that `share` of all stay within; `cells` do not overlap and come in order.

    The ranks of its two ends are exact binomial ones, whatever the law of the values; each end is
    the outer bound of the cell that holds the value of that rank, so the interval covers at least
    as often as it says. The estimate is interpolated inside its cell. None where there are too few
    values for both ends: under 6 for a median, under 72 for a p95, at a level of 0.95.

    Source: G. J. Hahn, W. Q. Meeker, Statistical Intervals (1991), 5.2.
    """
    kept = [cell for cell in cells if cell.count > 0]
    upto = list(accumulate(cell.count for cell in kept))
    ranks = _ranks(upto[-1], share, level) if kept else None
    if ranks is None:
        return None
    low, high = (kept[bisect_left(upto, rank)] for rank in ranks)
    return Interval(_interpolated(kept, upto, share), low.low, high.high)


def _interpolated(cells: list[Cell], upto: list[int], share: float) -> float:
    wanted = share * upto[-1]
    place = bisect_left(upto, wanted)
    cell = cells[place]
    inside = wanted - (upto[place] - cell.count)
    return cell.low + (cell.high - cell.low) * inside / cell.count


def _ranks(n: int, share: float, level: float) -> tuple[int, int] | None:
    """The greatest and the least rank (1 to n) outside of which each tail is at most its half."""
    tail = (1 - level) / 2
    # The value of rank r is above the quantile when fewer than r values are below it.
    low = _first(n, lambda rank: binomial_share(rank, n, share) > tail)
    high = _first(n, lambda rank: binomial_share(rank, n, share) >= 1 - tail) + 1
    return (low, high) if low >= 1 and high <= n else None


def _first(n: int, holds: Callable[[int], bool]) -> int:
    """The least number of 0 to n that `holds` is true of, and of all above it."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low

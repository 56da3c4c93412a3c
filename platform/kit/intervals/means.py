"""Intervals of a mean, of the difference of two means and of their ratio, from sums."""

from __future__ import annotations

from math import exp, log, sqrt

from kit.intervals.laws import t_quantile
from kit.intervals.sums import Interval, Sums


def mean_interval(sums: Sums, *, level: float = 0.95) -> Interval | None:
    """The t interval of a mean; None of fewer than two values."""
    mean, variance = sums.mean, sums.variance
    if mean is None or variance is None:
        return None
    half = t_quantile((1 + level) / 2, sums.n - 1) * sqrt(variance / sums.n)
    return Interval(mean, mean - half, mean + half)


def mean_difference(old: Sums, new: Sums, *, level: float = 0.95) -> Interval | None:
    """The mean of the new less that of the old; None where an arm has fewer than two values.

    Source: B. L. Welch, Biometrika 34 (1947): the variances of the arms may differ.
    """
    if old.n < 2 or new.n < 2:
        return None
    difference = new.total / new.n - old.total / old.n
    half = _half_width(_share_of_mean(old), old.n, _share_of_mean(new), new.n, level)
    return Interval(difference, difference - half, difference + half)


def mean_ratio(old: Sums, new: Sums, *, level: float = 0.95) -> Interval | None:
    """The mean of the new divided by that of the old, for positive values such as cost and latency.

    By the delta method on the log scale, with Welch's degrees of freedom. None where an arm has
    fewer than two values or a mean that is not positive.
    """
    if old.n < 2 or new.n < 2 or old.total <= 0 or new.total <= 0:
        return None
    old_mean, new_mean = old.total / old.n, new.total / new.n
    half = _half_width(
        _share_of_mean(old) / old_mean**2, old.n, _share_of_mean(new) / new_mean**2, new.n, level
    )
    ratio = log(new_mean / old_mean)
    return Interval(exp(ratio), exp(ratio - half), exp(ratio + half))


def _share_of_mean(sums: Sums) -> float:
    """The variance of the mean."""
    return (sums.variance or 0.0) / sums.n


def _half_width(old: float, old_n: int, new: float, new_n: int, level: float) -> float:
    """Of an interval around a sum of two estimates with these variances."""
    both = old + new
    if both == 0:
        return 0.0
    freedom = both**2 / (old**2 / (old_n - 1) + new**2 / (new_n - 1))
    return t_quantile((1 + level) / 2, freedom) * sqrt(both)

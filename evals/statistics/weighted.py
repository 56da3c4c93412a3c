"""Means and shares of values that stand for different numbers of others, from sums that add up."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, sqrt

from kit.intervals import Interval, rate_difference, t_quantile, wilson


@dataclass(frozen=True, slots=True)
class Weighted:
    """Sums over n values x of weight w: a trace judged in a sample of a tenth has the weight 10."""

    n: int = 0
    weight: float = 0.0  # Σ w
    weight_squares: float = 0.0  # Σ w²
    total: float = 0.0  # Σ w x
    squares: float = 0.0  # Σ w x²

    def plus(self, other: Weighted) -> Weighted:
        """Both together."""
        return Weighted(
            self.n + other.n,
            self.weight + other.weight,
            self.weight_squares + other.weight_squares,
            self.total + other.total,
            self.squares + other.squares,
        )

    def valued(self, value: float) -> Weighted:
        """As many values, each of them `value`."""
        at = self.weight * value
        return Weighted(self.n, self.weight, self.weight_squares, at, at * value)

    @property
    def mean(self) -> float | None:
        """The mean of what they stand for (Hájek's ratio); None of nothing, or beyond floats."""
        if self.n <= 0 or self.weight <= 0:
            return None
        mean = self.total / self.weight
        return mean if isfinite(mean) else None

    @property
    def effective(self) -> float:
        """How many values of equal weight would tell as much: (Σ w)² / Σ w².

        Source: L. Kish, Survey Sampling (1965).
        """
        return self.weight**2 / self.weight_squares if self.weight_squares > 0 else 0.0

    @property
    def variance(self) -> float | None:
        """Of one value, unbiased for equal weights; None of fewer than two."""
        mean, size = self.mean, self.effective
        if mean is None or size < 2:
            return None
        spread = max(self.squares / self.weight - mean * mean, 0.0) * size / (size - 1)
        return spread if isfinite(spread) else None

    def interval(self, *, is_share: bool, level: float = 0.95) -> Interval | None:
        """Wilson's interval of a share, else Student's of a mean; None where none can be told."""
        mean, size = self.mean, self.effective
        if mean is None:
            return None
        if is_share:
            return wilson(min(max(mean, 0.0), 1.0) * size, size, level=level)
        variance = self.variance
        if variance is None:
            return None
        half = t_quantile((1 + level) / 2, size - 1) * sqrt(variance / size)
        return Interval(mean, mean - half, mean + half)


def difference(
    old: Weighted, new: Weighted, *, is_share: bool, level: float = 0.95
) -> Interval | None:
    """The mean of the new less that of the old; None where a side tells too little.

    Shares by Newcombe's method 10, means by Welch's interval, both with effective numbers.
    """
    before, after = old.mean, new.mean
    if before is None or after is None:
        return None
    if is_share:
        a, b = old.effective, new.effective
        before, after = (min(max(one, 0.0), 1.0) for one in (before, after))
        return rate_difference(before * a, a, after * b, b, level=level)
    if old.variance is None or new.variance is None:
        return None
    mine, theirs = old.variance / old.effective, new.variance / new.effective
    both, change = mine + theirs, after - before
    if both == 0:
        return Interval(change, change, change)
    freedom = both**2 / (mine**2 / (old.effective - 1) + theirs**2 / (new.effective - 1))
    half = t_quantile((1 + level) / 2, freedom) * sqrt(both)
    return Interval(change, change - half, change + half)

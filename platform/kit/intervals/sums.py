"""What intervals and tests are computed from: a count, a sum and a sum of squares, which add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Sums(NamedTuple):
    """Values of one arm: how many, their sum, the sum of their squares.

    Integers (microseconds, nano-dollars) stay exact; floats lose digits where the spread is less
    than a millionth of the mean.
    """

    n: int
    total: float
    squares: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Sums:
        """The sums of these values."""
        listed = list(values)
        return cls(len(listed), sum(listed), sum(value * value for value in listed))

    @classmethod
    def of_hits(cls, hits: int, n: int) -> Sums:
        """Of `n` values, 1 for a hit and 0 for any other: their mean is the rate of hits."""
        return cls(n, hits, hits)

    def plus(self, other: Sums) -> Sums:
        """Both together."""
        return Sums(self.n + other.n, self.total + other.total, self.squares + other.squares)

    def with_variance_times(self, factor: float) -> Sums:
        """As many values of the same mean, but spread more widely."""
        if not self.n:
            return self
        at_mean = self.total * self.total / self.n
        return Sums(self.n, self.total, at_mean + (self.squares - at_mean) * factor)

    @property
    def mean(self) -> float | None:
        """None of nothing."""
        return self.total / self.n if self.n else None

    @property
    def variance(self) -> float | None:
        """The unbiased one (n − 1); None of fewer than two values."""
        if self.n < 2:
            return None
        return max(self.n * self.squares - self.total * self.total, 0) / (self.n * (self.n - 1))


NOTHING = Sums(0, 0, 0)


@dataclass(frozen=True)
class Interval:
    """An estimate, and from where to where the truth is expected at the level asked for."""

    value: float
    low: float
    high: float

    def excludes(self, point: float) -> bool:
        """Whether `point` lies outside."""
        return not self.low <= point <= self.high

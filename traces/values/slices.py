"""A range of time in slices of a round length, and what is counted of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, floor

MOST_BARS = 60
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STEPS = (
    1, 2, 5, 10, 15, 30, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 6 * _MINUTE, 10 * _MINUTE,
    12 * _MINUTE, 15 * _MINUTE, 20 * _MINUTE, 24 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR,
    3 * _HOUR, 4 * _HOUR, 6 * _HOUR, 8 * _HOUR, 12 * _HOUR, _DAY, 36 * _HOUR, 2 * _DAY, 3 * _DAY,
    4 * _DAY, 7 * _DAY, 14 * _DAY,
)  # fmt: skip
_SLACK = 1.01  # a range that ends now is a moment longer by the time it is cut


@dataclass(frozen=True)
class Slices:
    """`since` to `until` in slices of `step` seconds that begin at whole multiples of it."""

    since: datetime
    until: datetime
    step: int

    @property
    def base(self) -> int:
        """Where the first slice begins, in seconds of the epoch; it may begin before `since`."""
        return floor(self.since.timestamp() / self.step) * self.step

    @property
    def count(self) -> int:
        """How many slices there are."""
        return max(ceil((self.until.timestamp() - self.base) / self.step), 1)

    def starts(self, place: int) -> datetime:
        """Where a slice begins, within the range."""
        return max(self.since, datetime.fromtimestamp(self.base + place * self.step, UTC))

    def ends(self, place: int) -> datetime:
        """Where a slice ends, within the range."""
        return min(self.until, datetime.fromtimestamp(self.base + (place + 1) * self.step, UTC))

    def share(self, at: datetime) -> float:
        """Where an instant stands in the range, 0 to 1."""
        return (at - self.since) / (self.until - self.since)


@dataclass(frozen=True)
class Bar:
    """One slice: how many traces began in it, how many of them failed, and what is measured."""

    count: int = 0
    errors: int = 0
    value: float | None = None


def slices(since: datetime, until: datetime) -> Slices:
    """The range in about 60 slices of a round length; those at its ends may be cut."""
    length = max((until - since).total_seconds(), 1)
    step = next((step for step in _STEPS if step * MOST_BARS * _SLACK >= length), 0)
    return Slices(since, until, step or ceil(length / MOST_BARS / _DAY) * _DAY)

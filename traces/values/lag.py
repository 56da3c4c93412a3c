"""How long spans took to be stored, as counts in buckets that can be added up. Pure.

A bucket is a quarter of a power of two in milliseconds, so a quantile is at most a quarter off.
"""

from __future__ import annotations

from collections.abc import Sequence

BUCKETS = 120  # the last one holds what took over three weeks


def bucket(ms: int) -> int:
    """The bucket of a time; a start that lies ahead, by a wrong clock, counts as none."""
    if ms < 4:
        return max(ms, 0)
    power = ms.bit_length() - 3
    return min(power * 4 + (ms >> power), BUCKETS - 1)


def _lowest(place: int) -> int:
    if place < 4:
        return place
    power = place // 4 - 1
    return (place - power * 4) << power


def quantile(counts: Sequence[int], share: float) -> int | None:
    """Microseconds within which `share` of the spans were stored; None where there are none."""
    left = sum(counts) * share
    if not left:
        return None
    for place, count in enumerate(counts):
        if count and left <= count:
            low, high = _lowest(place), _lowest(place + 1)
            return int((low + (high - low) * left / count) * 1000)
        left -= count
    return _lowest(len(counts)) * 1000


def added(first: Sequence[int], second: Sequence[int]) -> list[int]:
    """Both together; either may be shorter."""
    length = max(len(first), len(second))
    both = [*first, *[0] * (length - len(first))]
    for place, count in enumerate(second):
        both[place] += count
    return both

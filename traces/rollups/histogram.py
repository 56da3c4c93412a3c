"""Latencies as counts in 96 buckets, which can be added up; percentiles are read from the sums.

Bucket 0 holds what took less than a millisecond, the others are quarter octaves from there on, with
bounds in whole microseconds, so that Python and PostgreSQL agree on every duration. A percentile is
interpolated inside its bucket, so it is off by at most 9 %.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from math import ceil

BUCKETS = 96
# Where bucket 1, 2, … begins, in microseconds.
BOUNDS = tuple(ceil(1000 * 2 ** (step / 4)) for step in range(BUCKETS - 1))
# SQL of the same for a column that holds microseconds.
BUCKET_SQL = f"width_bucket({{}}, array[{','.join(map(str, BOUNDS))}]::int8[])"


def bucket_of(duration_us: int) -> int:
    """The bucket of a duration in microseconds."""
    return bisect_right(BOUNDS, duration_us)


def bounds_us(bucket: int) -> tuple[int, int]:
    """From where up to without where a bucket reaches, in microseconds; the last one has no end."""
    low = BOUNDS[bucket - 1] if bucket else 0
    return low, BOUNDS[bucket] if bucket < len(BOUNDS) else 2 * low


def added(histograms: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """The sum of histograms (bucket -> count); buckets that come to nothing are left out."""
    total: dict[int, int] = {}
    for histogram in histograms:
        for bucket, count in histogram.items():
            total[bucket] = total.get(bucket, 0) + count
    return {bucket: count for bucket, count in sorted(total.items()) if count}


def percentile_us(histogram: Mapping[int, int], share: float) -> int | None:
    """The duration in microseconds that `share` (0 to 1) of all stay within; None of nothing."""
    total = sum(histogram.values())
    if total <= 0:
        return None
    wanted = share * total
    seen = 0
    for bucket, count in sorted(histogram.items()):
        if count > 0 and seen + count >= wanted:
            low, high = bounds_us(bucket)
            return round(low + (high - low) * (wanted - seen) / count)
        seen += count
    return round(bounds_us(max(histogram))[1])

"""What the detector goes by, for hours and for days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Grain:
    """One width of bucket with the numbers that fit it; lengths are in buckets."""

    name: str
    step: timedelta
    day: int  # buckets a day
    season: int  # buckets until the same hour of the week, or weekday, comes again
    reference: int  # how far back residuals are judged by
    warm_up: int  # before this much history nothing is said
    quiet: int  # alerts nearer than this are one episode
    restart: int  # a level that stayed this long is the new normal
    bucket_z: float  # how far off one bucket must be
    nothing: int  # so many buckets in a row with nearly nothing are a fall
    bucket_floor: float  # share of a median day's money that one bucket must exceed


HOURLY = Grain("hourly", timedelta(hours=1), 24, 168, 672, 14 * 24, 24, 14 * 24, 5.0, 3, 0.02)
DAILY = Grain("daily", timedelta(days=1), 1, 7, 28, 14, 3, 14, 4.2, 1, 0.15)
GRAINS = {one.name: one for one in (HOURLY, DAILY)}

WEEKS = 6  # of the same hour of the week that make what is expected
OFFSET = 0.10  # of the early median of non-zero buckets, added before logs are taken
LEAST_DEVIATION = 0.08  # of residuals in logs
SHORT = ((3, 2.9), (6, 2.5))  # so many hours together, and the mean of their z
SHORT_FLOOR = 0.04
LEVEL_DEVIATION = 0.035
LEVEL_FLOOR = 0.08
CUSUM_K, CUSUM_H = 0.75, 8.0
UNIT_Z = 6.0
LEAST_REQUESTS = 5  # fewer in a bucket tell no price of one
NEARLY_NOTHING = 0.20  # of what was expected: a fall that alerts at once
SPARSE = 0.5  # share of buckets with spend below which a series is sparse
FEW_REQUESTS = 8  # median requests of a bucket below which a series is sparse
IRREGULAR = 0.3  # their deviation in parts of their mean
LEAST_MISSING = 30.0  # requests that silence must have swallowed: fewer may not come by chance
SPARSE_FLOOR = 0.5  # of a median day's money that a bucket of a sparse series must exceed

"""Series of few requests, or with spend in few of their buckets: what is beyond anything seen.

Of two requests an hour or seven one cannot say that it is a level: chance alone makes them so.
"""

from __future__ import annotations

from bisect import insort
from math import isnan

import numpy as np

from costs.detection.series import Floats
from costs.detection.settings import FEW_REQUESTS, IRREGULAR, SPARSE

LEAST_SEEN = 6
TIMES = 3.0


def is_sparse(cost: Floats, requests: Floats) -> bool:
    """True where few of the known buckets spend anything, or requests are few and irregular.

    One request in each hour is not irregular: such a job is read like any other series.
    """
    known = cost[~np.isnan(cost)]
    if known.size and np.count_nonzero(known) < SPARSE * known.size:
        return True
    told = requests[~np.isnan(requests)]
    if not told.size or np.median(told) >= FEW_REQUESTS:
        return False
    return bool(np.std(told) > IRREGULAR * np.mean(told))


class Beyond:
    """Reads buckets in order; one is beyond above three times what is usual at the most.

    That is the larger of the 95 % quantile of the buckets with spend before it and three times
    their median; buckets that were beyond are not among them.
    """

    def __init__(self) -> None:
        self._seen: list[float] = []

    def look(self, spent: float) -> float | None:
        """The usual money of a bucket with spend, where this one is beyond it; else None."""
        if isnan(spent) or spent <= 0:
            return None
        seen = self._seen
        if len(seen) >= LEAST_SEEN:
            median = seen[len(seen) // 2]
            most = max(seen[int(0.95 * (len(seen) - 1))], 3 * median)
            if spent > TIMES * most:
                return median
        insort(seen, spent)
        return None

"""Rows of spend laid on a regular grid; what did not arrive is unknown, not zero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from costs.detection.settings import Grain

Floats = npt.NDArray[np.float64]
MOST_BUCKETS = 200_000


class BadSeries(ValueError):
    """Rows that make no series; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Series:
    """Spend and requests by bucket: arrays of one length n, NaN where unknown."""

    grain: Grain
    start: datetime
    cost: Floats
    requests: Floats

    def __len__(self) -> int:
        return self.cost.size

    def at(self, place: int) -> datetime:
        """When the bucket starts."""
        return self.start + place * self.grain.step


def series_of(rows: Iterable[tuple[datetime, float | None, float | None]], grain: Grain) -> Series:
    """The grid that holds `rows` of (start of bucket, cost, requests), in any order.

    Raises: BadSeries, for a bucket told twice, one off the grid, and a cost below zero.
    """
    sorted_rows = sorted(rows, key=lambda row: row[0])
    if not sorted_rows:
        raise BadSeries("A series needs at least one row.")
    start = sorted_rows[0][0]
    size = (sorted_rows[-1][0] - start) // grain.step + 1
    if size > MOST_BUCKETS:
        raise BadSeries(f"A series spans at most {MOST_BUCKETS} buckets, not {size}.")
    cost, requests = np.full(size, np.nan), np.full(size, np.nan)
    seen = -1
    for at, spent, asked in sorted_rows:
        place, rest = divmod(at - start, grain.step)
        if rest:
            raise BadSeries(f"{at} is not a whole {grain.name} step after {start}.")
        if place == seen:
            raise BadSeries(f"{at} is told twice.")
        if (spent is not None and spent < 0) or (asked is not None and asked < 0):
            raise BadSeries(f"{at} has less than nothing.")
        seen = place
        cost[place] = np.nan if spent is None else spent
        requests[place] = np.nan if asked is None else asked
    return Series(grain, start, cost, requests)

"""From how many values on a figure may be judged: below, every page says "too early"."""

from __future__ import annotations

from typing import Literal

# A rate of hits; a mean of bounded values; a ratio of two means of positive, skewed values.
Measure = Literal["rate", "mean", "ratio"]

# Values in each arm. From there on 95 % intervals hold what they say within two points; see
# tests/kit/test_intervals_cover.py. The mean of a cost or latency is skewed and needs more.
LEAST: dict[Measure, int] = {"rate": 30, "mean": 30, "ratio": 100}


def too_early(measure: Measure, n_old: int, n_new: int) -> str:
    """Why no verdict may be given yet, for people; empty where one may."""
    least = LEAST[measure]
    if n_new < least:
        return f"Too early: {n_new:,} of at least {least:,} on the new version."
    if n_old < least:
        return f"Too early: {n_old:,} of at least {least:,} on the old version."
    return ""

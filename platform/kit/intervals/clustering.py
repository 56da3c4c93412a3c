"""How much values of one user or session depend on each other: the design effect.

A rollout assigns keys, not requests. Where a user who fails once fails again, a thousand requests
of ten users tell less than a thousand of a thousand. The design effect says how much less.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kit.intervals.sums import Sums


class KeySums(NamedTuple):
    """Sums over keys, where a key has m values that sum to s: keys, Σ s², Σ s m, Σ m²."""

    keys: int
    totals_squared: float
    totals_counts: float
    counts_squared: float

    @classmethod
    def of(cls, sums: Iterable[Sums]) -> KeySums:
        """Of the sums of each key."""
        listed = [one for one in sums if one.n]
        return cls(
            len(listed),
            sum(one.total**2 for one in listed),
            sum(one.total * one.n for one in listed),
            sum(one.n**2 for one in listed),
        )


def design_effect(values: Sums, by_key: KeySums) -> float:
    """How many values of one version tell as much as one independent value: at least 1.

    Measure it on the old version, over as long as the rollout may last: keys come back, and the
    longer one looks, the more values each has. 1 where nothing can be said (fewer than two keys, or
    no spread).

    Source: L. Kish, Survey Sampling (1965); the variance of a ratio estimate over clusters.
    """
    mean, variance = values.mean, values.variance
    if mean is None or not variance or by_key.keys < 2:
        return 1.0
    spread = (
        by_key.totals_squared
        - 2 * mean * by_key.totals_counts
        + mean * mean * by_key.counts_squared
    )
    clustered = spread * by_key.keys / (by_key.keys - 1)
    return max(clustered / (values.n * variance), 1.0)

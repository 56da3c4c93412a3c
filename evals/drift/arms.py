"""Two groups of runs over the same items: has the later one fallen, by the within-item test."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np

from evals.drift.reference import Sums
from evals.drift.runs import Scale
from evals.statistics.arrays import Z95

Name = Literal["old configuration", "current configuration", "judge", "canary"]
THRESHOLD = -2.0


@dataclass(frozen=True, slots=True)
class Arm:
    """What an arm showed. `change` is the later mean less the earlier one, over `items` items.

    `error` is what `change` varies by within items, and `z` is `change` in such errors.
    """

    name: Name
    change: float
    z: float
    error: float
    items: int
    earlier: int
    later: int

    @property
    def fell(self) -> bool:
        """Whether it lies below what chance explains."""
        return self.z < THRESHOLD

    @property
    def low(self) -> float:
        """The lower end of the change's 95 % interval."""
        return self.change - Z95 * self.error

    @property
    def high(self) -> float:
        """The upper end of it."""
        return self.change + Z95 * self.error


def arm_of(name: Name, earlier: Sums, later: Sums, scale: Scale) -> Arm | None:
    """The later runs less the earlier ones; None where no item has scores in both, or no repeats.

    If nothing changed, an item's scores might as well have been shuffled between the two groups, so
    Σ (later − earlier) has mean 0 and variance Σ s² (1 / a + 1 / b). The s² of an item is taken
    within the two groups: that of all its scores together, as a permutation has it, is the same in
    the mean where nothing changed, and holds the change itself where something did. Items that
    never varied are believed to vary by `Scale.floor` in all.

    Source: the permutation law within strata, E. J. G. Pitman, JRSS Supplement 4 (1937), P. Good,
    Permutation Tests (2000), 4; variances within groups: A. Janssen, Statistics & Probability
    Letters 36 (1997), studentised permutation.
    """
    common = (earlier.counts > 0) & (later.counts > 0)
    items = int(common.sum())
    a, b = earlier.counts[common], later.counts[common]
    if not items or float((a + b).max()) < 3:
        return None
    share = 1 / a + 1 / b
    before, after = earlier.totals[common], later.totals[common]
    change = float((after / b - before / a).sum())
    squares = earlier.squares[common] + later.squares[common]
    within = np.maximum(squares - before**2 / a - after**2 / b, 0.0) / np.maximum(a + b - 2, 1)
    summed = max(float((within * share).sum()), scale.floor * float(share.mean()))
    error = sqrt(summed)
    return Arm(
        name, change / items, change / error, error / items, items, int(a.max()), int(b.max())
    )

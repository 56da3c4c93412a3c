"""Passed or not, before and after: McNemar's tests on the items that changed."""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt

from evals.statistics.arrays import Values, differences
from kit.intervals.laws import binomial_share


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items got better, worse, or stayed the same."""

    improved: int
    regressed: int
    same: int


def count(old: Values, new: Values) -> Counts:
    """Items whose value rose, fell and stayed.

    Raises: BadValues.
    """
    change = differences(old, new)
    improved, regressed = int((change > 0).sum()), int((change < 0).sum())
    return Counts(improved, regressed, change.size - improved - regressed)


def mcnemar_exact(improved: int, regressed: int) -> float:
    """The two-sided p of the binomial law on the items that changed; 1 where none did.

    Source: Q. McNemar, Psychometrika 12 (1947); exact form: M. P. Fay, Biostatistics 11 (2010).
    """
    changed = improved + regressed
    if not changed:
        return 1.0
    return min(2 * binomial_share(min(improved, regressed), changed, 0.5), 1.0)


def mcnemar_corrected(improved: int, regressed: int) -> float:
    """The p of the chi-squared test with continuity correction; 1 where no item changed.

    Source: A. L. Edwards, Psychometrika 13 (1948).
    """
    changed = improved + regressed
    if not changed:
        return 1.0
    statistic = (abs(improved - regressed) - 1) ** 2 / changed
    return erfc(sqrt(statistic / 2))  # the chi-squared law of one degree

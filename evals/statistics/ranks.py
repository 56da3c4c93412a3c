"""Wilcoxon's signed ranks, for scores whose distances mean little."""

from __future__ import annotations

from math import erfc, sqrt

import numpy as np

from evals.statistics.arrays import Floats, Values, floats


def wilcoxon(values: Values) -> float | None:
    """The two-sided p of the signed-rank test by its normal approximation; None of all zeros.

    Differences of 0 are left out, ties share their rank and lower the variance, no continuity
    correction.

    Source: F. Wilcoxon, Biometrics Bulletin 1 (1945); as scipy.stats.wilcoxon(method="approx").

    Raises: BadValues.
    """
    array = floats(values)
    array = array[array != 0]
    n = array.size
    if not n:
        return None
    ranks, ties = _ranks(np.abs(array))
    positive = float(ranks[array > 0].sum())
    middle = n * (n + 1) / 4
    variance = (n * (n + 1) * (2 * n + 1) - float((ties**3 - ties).sum()) / 2) / 24
    return erfc(abs(positive - middle) / sqrt(variance) / sqrt(2))


def _ranks(sizes: Floats) -> tuple[Floats, Floats]:
    """The mean rank of each from 1, and how many share each distinct size."""
    _, places, counts = np.unique(sizes, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[places], counts.astype(np.float64)

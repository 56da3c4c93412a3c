"""Errors of a mean of items that are not independent: questions on one document, one talk."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from evals.statistics.arrays import Z95, BadValues, Values, codes, floats
from evals.statistics.paired import standard_error
from kit.intervals.laws import t_quantile

FEW = 10  # clusters; below, the normal law would claim too much


@dataclass(frozen=True, slots=True)
class Clustered:
    """A mean over `n` items in `clusters` clusters, with its errors; None where undefined.

    `naive` takes the items as independent; `cr0` and `cr1` are the sandwich without and with its
    correction for few clusters; `miller` adds the covariances inside of clusters to the naive
    variance, and stands in `low` to `high` (95 %).
    """

    n: int
    clusters: int
    mean: float | None
    naive: float | None
    cr0: float | None
    cr1: float | None
    miller: float | None
    low: float | None
    high: float | None
    warning: str = ""


def clustered_mean(values: Values, clusters: Sequence[Hashable]) -> Clustered:
    """The mean of values (scores, or differences of pairs) with errors that respect clusters.

    Below ten clusters the interval is Student's with as many degrees as clusters less one, of the
    corrected error, and says so.

    Source: E. Miller, Adding Error Bars to Evals, arXiv:2411.00640 (2024), section 2.2; CR0, CR1:
    A. C. Cameron, D. L. Miller, A Practitioner's Guide to Cluster-Robust Inference, JHR 50 (2015).

    Raises: BadValues.
    """
    array = floats(values)
    if len(clusters) != array.size:
        raise BadValues("Every value needs the name of its cluster.")
    numbers, count = codes(clusters)
    n = array.size
    if not n:
        return Clustered(0, 0, None, None, None, None, None, None, None)
    centre = float(array.mean())
    naive = standard_error(array)
    residuals = array - centre
    sums = np.bincount(numbers, weights=residuals, minlength=count)
    squares = np.bincount(numbers, weights=residuals**2, minlength=count)
    within = float((sums**2).sum()) / n**2
    cr0 = sqrt(within)
    cr1 = sqrt(within * count / (count - 1)) if count > 1 else None
    miller = None
    if naive is not None:
        # Items of a cluster may differ more than strangers do; then the sum can come out below 0.
        miller = sqrt(max(naive**2 + float((sums**2 - squares).sum()) / n**2, 0.0))
    low = high = None
    warning = ""
    error, times = miller, Z95
    if count < FEW and count < n:
        warning = f"Only {count} clusters: the interval is wide, and rough."
        error, times = cr1, t_quantile(0.975, count - 1) if count > 1 else Z95
    if error is not None:
        low, high = centre - times * error, centre + times * error
    return Clustered(n, count, centre, naive, cr0, cr1, miller, low, high, warning)

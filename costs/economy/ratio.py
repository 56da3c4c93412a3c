"""A cost for each of something, with a range that holds for heavily skewed costs.

A sample is of *cases* that are independent of each other (a session, or a trace without one), each
with what it cost and how many of the counted things it had (requests, resolved ones). The figure is
the ratio of the sums. Its range comes from the linearised residuals, with Hall's cubic correction
for their skewness: the usual t interval covers too little where few cases cost the most.
Source: Hall, "On the removal of skewness by transformation", J. R. Stat. Soc. B 54 (1992), 221-228;
Cochran, "Sampling techniques" (1977), ch. 6, for the ratio. Coverage measured: docs/unit-costs.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, log, sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

LEAST_CASES = 20  # of a range; fewer say too little of the tail
LEAST_COUNTED = 5  # of the counted things
SHARE = 0.95
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """How a ratio varies between cases, relative to it: free of money and of units.

    `deviation` is the standard deviation of one case's residual over the ratio, `skew` the
    skewness of the residuals, `cases` how many were looked at.
    """

    deviation: float
    skew: float
    cases: int

    def error(self, all_cases: float | None = None) -> float:
        """The relative standard error of a ratio over `all_cases` (as looked at by default)."""
        return self.deviation / sqrt(max(all_cases or 0, self.cases))


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds as factors of the figure: `low` ≤ 1 ≤ `high`."""

    low: float
    high: float

    def around(self, amount: int) -> tuple[int, int]:
        """The bounds of an amount, in its own unit; never below 0."""
        return max(round(amount * self.low), 0), round(amount * self.high)


def spread_of(costs: Sequence[float], counts: Sequence[float]) -> Spread | None:
    """Of cases, each with its cost and its count; None where they are too few to say.

    Too few are less than 20 cases, less than 5 counted things, or no cost at all.
    """
    x, y = np.asarray(costs, np.float64), np.asarray(counts, np.float64)
    n = len(x)
    if n < LEAST_CASES or y.sum() < LEAST_COUNTED or x.sum() <= 0:
        return None
    ratio = x.sum() / y.sum()
    residuals: Floats = (x - ratio * y) / x.mean()  # relative to the ratio
    centred = residuals - residuals.mean()
    second = float((centred**2).mean())
    if second <= 0:
        return Spread(0.0, 0.0, n)
    skew = float((centred**3).mean()) / second**1.5
    # A small sample shows less of the skewness than there is.
    skew *= sqrt(n * (n - 1)) / (n - 2)
    return Spread(sqrt(second * n / (n - 1)), skew, n)


def range_of(
    spread: Spread | None, all_cases: float | None = None, share: float = SHARE
) -> Range | None:
    """The range in which the figure is with a chance of `share`; None where nothing is known.

    `all_cases` are those that the figure itself is over, where the sample is a part of them.
    """
    if spread is None:
        return None
    n = max(all_cases or 0, spread.cases)
    t = _t_quantile((1 + share) / 2, spread.cases - 1)
    error = spread.deviation / sqrt(n)
    low = 1 - error * _untransformed(t, spread.skew, n)
    high = 1 - error * _untransformed(-t, spread.skew, n)
    return Range(max(min(low, 1.0), 0.0), max(high, 1.0))


def _untransformed(x: float, skew: float, n: float) -> float:
    """The inverse of Hall's transformation of a studentised mean."""
    a = skew / sqrt(n)
    if abs(a) < 1e-9:
        return x
    inner = 1 + a * (x - a / 6)
    return 3 / a * (float(np.cbrt(inner)) - 1)


def _t_quantile(share: float, freedom: int) -> float:
    """Student's t from the normal quantile; within 0.001 from 10 degrees of freedom on.

    Source: Abramowitz and Stegun 26.7.5.
    """
    z = NormalDist().inv_cdf(share)
    v = max(freedom, 1)
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """How one figure stands to another: `change` 0.2 is a fifth dearer, with its 95 % range.

    `p` is the chance of a difference as great where there is none.
    """

    change: float
    low: float
    high: float
    p: float


def difference(
    now: float,
    before: float,
    of_now: Spread | None,
    of_before: Spread | None,
    *,
    cases: tuple[float, float] = (0, 0),
) -> Difference | None:
    """Of two independent figures, on logarithms; None where one of them has no range."""
    if of_now is None or of_before is None or now <= 0 or before <= 0:
        return None
    error = sqrt(of_now.error(cases[0]) ** 2 + of_before.error(cases[1]) ** 2)
    ratio = log(now / before)
    if error == 0:
        return Difference(exp(ratio) - 1, exp(ratio) - 1, exp(ratio) - 1, float(ratio == 0))
    freedom = min(of_now.cases, of_before.cases) - 1
    half = _t_quantile(0.975, freedom) * error
    # The normal tail, with t pulled in by what Student's is wider.
    z = abs(ratio) / error * 1.959964 / _t_quantile(0.975, freedom)
    return Difference(
        exp(ratio) - 1, exp(ratio - half) - 1, exp(ratio + half) - 1, erfc(z / sqrt(2))
    )


def stand_out(found: Sequence[Difference | None], level: float = 0.05) -> list[bool]:
    """Which differences are more than noise, all of them looked at together (Holm)."""
    order = sorted((one.p, place) for place, one in enumerate(found) if one is not None)
    result = [False] * len(found)
    for rank, (p, place) in enumerate(order):
        if p > level / (len(order) - rank):
            break
        result[place] = True
    return result

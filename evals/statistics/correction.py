"""A judge's pass rate over many answers, corrected by what people said of some of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from evals.statistics.arrays import Z95, BadValues, Floats, Values, floats, mean
from kit.intervals import Interval

LEAST_SKILL = 0.3  # sensitivity + specificity − 1; below, Rogan and Gladen's quotient runs wild


@dataclass(frozen=True, slots=True)
class Corrected:
    """The same rate by several ways; None where one is undefined.

    `naive`: what the judge says of unlabelled answers. `classical`: people alone. `ppi` and
    `ppi_plus`: both together, honest whatever the judge does; `weight` is how far `ppi_plus`
    trusts the judge, 0 to 1.
    """

    naive: float | None
    classical: Interval | None
    ppi: Interval | None
    ppi_plus: Interval | None
    weight: float | None
    sensitivity: float | None
    specificity: float | None
    rogan_gladen: float | None


def correct(human: Values, judged: Values, unlabelled: Values) -> Corrected:
    """The mean that people would find, from `human` labels, the judge on the same and on others.

    Source: A. N. Angelopoulos et al., Prediction-powered inference, Science 382 (2023); PPI++:
    A. N. Angelopoulos, J. C. Duchi, T. Zrnic, arXiv:2311.01453 (2023).

    Raises: BadValues.
    """
    y, f, others = floats(human), floats(judged), floats(unlabelled)
    if y.size != f.size:
        raise BadValues("Every human label needs the judge's of the same answer.")
    weight = tuned_weight(y, f, others)
    found = rates(y, f)
    naive = mean(others)
    return Corrected(
        naive=naive,
        classical=_powered(y, f, others, 0.0),
        ppi=_powered(y, f, others, 1.0),
        ppi_plus=None if weight is None else _powered(y, f, others, weight),
        weight=weight,
        sensitivity=found[0],
        specificity=found[1],
        rogan_gladen=rogan_gladen(naive, *found),
    )


def _powered(y: Floats, f: Floats, others: Floats, weight: float) -> Interval | None:
    """weight · mean of the judge + mean of (y − weight · judge), with its normal interval."""
    if not y.size or (weight and not others.size):
        return None
    gap = y - weight * f
    centre = float(gap.mean()) + (weight * float(others.mean()) if weight else 0.0)
    variance = float(gap.var()) / y.size
    if weight:
        variance += weight**2 * float(others.var()) / others.size
    half = Z95 * sqrt(variance)
    return Interval(centre, centre - half, centre + half)


def tuned_weight(y: Floats, f: Floats, others: Floats) -> float | None:
    """The weight of least variance, kept within 0 and 1; 0 where the judge always says the same.

    Source: PPI++ (2023), example 6.1: cov(y, f) / ((1 + n / N) var f), var over all answers.
    """
    if y.size < 2 or not others.size:
        return None
    variance = float(np.concatenate([f, others]).var(ddof=1))
    if variance <= 0:
        return 0.0
    covariance = float(np.cov(y, f, ddof=1)[0, 1])
    return min(max(covariance / ((1 + y.size / others.size) * variance), 0.0), 1.0)


def rates(y: Floats, f: Floats) -> tuple[float | None, float | None]:
    """Sensitivity and specificity of a judge of zeros and ones; None where people gave no such."""
    if not (((y == 0) | (y == 1)).all() and ((f == 0) | (f == 1)).all()):
        return None, None
    passed, failed = f[y == 1], f[y == 0]
    return (
        float(passed.mean()) if passed.size else None,
        float(1 - failed.mean()) if failed.size else None,
    )


def rogan_gladen(
    rate: float | None, sensitivity: float | None, specificity: float | None
) -> float | None:
    """The true rate behind a test's, within 0 and 1; None where the test hardly tells anything.

    Source: W. J. Rogan, B. Gladen, American Journal of Epidemiology 107 (1978).
    """
    if rate is None or sensitivity is None or specificity is None:
        return None
    skill = sensitivity + specificity - 1
    if skill <= LEAST_SKILL:
        return None
    return min(max((rate + specificity - 1) / skill, 0.0), 1.0)

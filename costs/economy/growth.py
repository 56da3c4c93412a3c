"""How fast cost grows beside users or requests: the exponent of a power law, with its interval.

cost = c * size ** exponent, fitted over days on logarithms. Outlying days are weighed down (Huber,
Robust Statistics, 1981, c = 1.345, scale by the MAD); neighbouring days resemble each other, so the
residuals' first autocorrelation, its small-sample bias taken off, is estimated and differenced away
(Prais and Winsten 1954), and the error of what is left is Newey and West's (1987), with the
critical values of Kiefer and Vogelsang (2005) for few days. Coverage: docs/spend.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kit.intervals.laws import t_quantile

Floats = npt.NDArray[np.float64]

LEAST_DAYS = 14
LEAST_SPREAD = 1.2  # of sizes, from the tenth to the ninetieth percentile
HUBER, MAD = 1.345, 0.6745
CLIPPED = 2.5  # scales: beyond, a residual says no more of its neighbours
HIGHEST_RHO = 0.95
# Kiefer and Vogelsang 2005, table 1: 97.5 % of Bartlett's kernel by bandwidth over days.
_CRITICAL = (1.96, 2.9694, 0.4160, -0.5324)
_NORMAL = 1.959964
_STEPS, _TURNS = 60, 3


class TooLittle(ValueError):
    """The days say nothing of it; the text says why."""


@dataclass(frozen=True, slots=True)
class Growth:
    """cost ~ size ** exponent. `rho`: how much a day's residual is that of the day before."""

    exponent: float
    low: float
    high: float
    days: int
    outlying: int  # days that were weighed down
    rho: float

    @property
    def is_faster(self) -> bool:
        """Surely faster than in step."""
        return self.low > 1

    @property
    def is_slower(self) -> bool:
        """Surely slower than in step."""
        return self.high < 1

    @property
    def doubled(self) -> tuple[float, float, float]:
        """What twice the size costs, in times; with its interval."""
        return 2**self.exponent, 2**self.low, 2**self.high


def growth(sizes: Sequence[float], costs: Sequence[float]) -> Growth:
    """The exponent of days in their order; both above 0, in any unit. 95 %.

    Raises: TooLittle with a sentence, for fewer than LEAST_DAYS, or sizes that hardly differ.
    """
    if len(sizes) != len(costs):
        raise ValueError("as many sizes as costs")
    if any(not one > 0 for one in (*sizes, *costs)):
        raise ValueError("sizes and costs above 0: what is unknown is left out")
    days = len(sizes)
    if days < LEAST_DAYS:
        raise TooLittle(f"It takes {LEAST_DAYS} days; {days} can be used so far.")
    x, y = np.log(np.asarray(sizes, float)), np.log(np.asarray(costs, float))
    low, high = np.quantile(x, (0.1, 0.9))
    if high - low < np.log(LEAST_SPREAD):
        raise TooLittle("From day to day the number hardly differed, so nothing can be said.")
    design = np.column_stack([np.ones(days), x])
    beta, residuals, scale = huber(design, y)
    rho = 0.0
    for _ in range(_TURNS):
        rho = _autocorrelation(y - design @ beta, scale)
        moved, target = _without(design, rho), _without(y, rho)
        beta, residuals, moved_scale = huber(moved, target)
        left = y - design @ beta
        scale = float(np.median(np.abs(left - np.median(left)))) / MAD
    lags = int(4 * (days / 100) ** (2 / 9))
    error = standard_errors(moved, residuals, moved_scale, lags)[1]
    share = (lags + 1) / days
    critical = sum(factor * share**power for power, factor in enumerate(_CRITICAL))
    wide = critical * t_quantile(0.975, days - 3) / _NORMAL * error
    limit = HUBER * moved_scale
    outlying = int(np.sum(np.abs(residuals) > 2 * limit)) if moved_scale > 0 else 0
    at = float(beta[1])
    return Growth(at, at - wide, at + wide, days, outlying, rho)


def huber(design: Floats, target: Floats) -> tuple[Floats, Floats, float]:
    """Coefficients, residuals and scale of the regression that weighs outliers down.

    By reweighting to convergence, scale taken anew each step: what `statsmodels.RLM` does with
    HuberT and the MAD.
    """
    beta = _least_squares(design, target)
    for _ in range(_STEPS):
        residuals = target - design @ beta
        scale = float(np.median(np.abs(residuals))) / MAD
        if scale <= 1e-12:
            break
        root = np.sqrt(np.minimum(1, HUBER * scale / np.maximum(np.abs(residuals), 1e-300)))
        again = _least_squares(design * root[:, None], target * root)
        done = bool(np.max(np.abs(again - beta)) < 1e-10)
        beta = again
        if done:
            break
    residuals = target - design @ beta
    return beta, residuals, float(np.median(np.abs(residuals))) / MAD


def _least_squares(design: Floats, target: Floats) -> Floats:
    return np.asarray(np.linalg.lstsq(design, target, rcond=None)[0], dtype=np.float64)


def standard_errors(design: Floats, residuals: Floats, scale: float, lags: int) -> Floats:
    """Newey and West's, of the scores of Huber's estimate; without outliers those of OLS."""
    days, width = design.shape
    limit = HUBER * scale if scale > 1e-12 else np.inf
    scores = design * np.clip(residuals, -limit, limit)[:, None]
    bread = design.T @ (design * (np.abs(residuals) <= limit)[:, None])
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        both = scores[lag:].T @ scores[:-lag]
        meat = meat + (1 - lag / (lags + 1)) * (both + both.T)
    inverse = np.linalg.pinv(bread)
    variance = np.diag(inverse @ meat @ inverse) * days / (days - width)
    return np.asarray(np.sqrt(np.maximum(variance, 0)), dtype=np.float64)


def _autocorrelation(residuals: Floats, scale: float) -> float:
    limit = CLIPPED * scale if scale > 1e-12 else np.inf
    kept = np.clip(residuals, -limit, limit)
    kept = kept - kept.mean()
    whole = float(kept @ kept)
    if whole <= 1e-18:
        return 0.0
    rho = float(kept[1:] @ kept[:-1]) / whole
    return float(min(max(rho + (1 + 4 * rho) / len(kept), 0.0), HIGHEST_RHO))


def _without(values: Floats, rho: float) -> Floats:
    first = values[:1] * np.sqrt(1 - rho**2)
    return np.concatenate([first, values[1:] - rho * values[:-1]])

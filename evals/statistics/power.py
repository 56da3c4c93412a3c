"""What a run of so many items can see, and how many items it takes. Without numpy."""

from __future__ import annotations

from math import ceil, inf, sqrt

from kit.intervals.laws import normal_quantile

ALPHA, POWER = 0.05, 0.8


def _quantiles(alpha: float, power: float) -> float:
    return normal_quantile(1 - alpha / 2) + normal_quantile(power)


def detectable(
    deviation: float, n: float, *, alpha: float = ALPHA, power: float = POWER
) -> float | None:
    """The least true difference that a paired test of `n` items finds with this power.

    `deviation` is that of the differences of items. None of nothing.

    Source: E. Miller, Adding Error Bars to Evals, arXiv:2411.00640 (2024), section 5.
    """
    return _quantiles(alpha, power) * deviation / sqrt(n) if n > 0 else None


def items_for(
    deviation: float, difference: float, *, alpha: float = ALPHA, power: float = POWER
) -> int | None:
    """How many items it takes to find `difference`; None for one of 0, which nothing finds.

    Source: as `detectable`.
    """
    if not difference:
        return None
    exact = (_quantiles(alpha, power) * deviation / difference) ** 2
    return ceil(exact - 1e-9) if exact < inf else None


def questions_for(
    difference: float, *, between: float, within_old: float, within_new: float,
    repeats_old: float = 1, repeats_new: float = 1, alpha: float = ALPHA, power: float = POWER,
) -> float | None:  # fmt: skip
    """How many items find `difference` when each is answered several times; not rounded.

    `between` is the variance of the true differences of items, `within_…` the mean variance of
    repeats of an item. Repeats lower only the latter. None for a difference of 0.

    Source: E. Miller (2024), section 5: n = (z_{α/2} + z_β)² (ω² + σ²_A / K_A + σ²_B / K_B) / δ².
    """
    if not difference or repeats_old <= 0 or repeats_new <= 0:
        return None
    variance = between + within_old / repeats_old + within_new / repeats_new
    return (_quantiles(alpha, power) / difference) ** 2 * variance

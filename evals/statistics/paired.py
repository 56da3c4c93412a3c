"""Two versions over the same items: the mean difference, its error and its interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from evals.statistics.arrays import Z95, Values, deviation, differences, floats, mean
from kit.intervals import Interval, wilson
from kit.intervals.laws import t_tail


@dataclass(frozen=True, slots=True)
class Paired:
    """New less old over `n` items. `se` and `low` to `high` (95 %, normal) are None for n < 2.

    `se_unpaired` is what the error would be if the arms had answered different items: what pairing
    spares.
    """

    n: int
    old: float | None
    new: float | None
    difference: float | None
    deviation: float | None
    se: float | None
    se_unpaired: float | None
    low: float | None
    high: float | None


def compare(old: Values, new: Values) -> Paired:
    """The paired comparison of two lists that hold the same items in the same order.

    Source: E. Miller, Adding Error Bars to Evals, arXiv:2411.00640 (2024), section 4.

    Raises: BadValues.
    """
    change = differences(old, new)
    before, after = floats(old), floats(new)
    found = interval(change)
    spreads = (deviation(before), deviation(after))
    unpaired = None
    if spreads[0] is not None and spreads[1] is not None:
        unpaired = sqrt((spreads[0] ** 2 + spreads[1] ** 2) / change.size)
    return Paired(
        n=change.size, old=mean(before), new=mean(after), difference=mean(change),
        deviation=deviation(change), se=standard_error(change), se_unpaired=unpaired,
        low=found.low if found else None, high=found.high if found else None,
    )  # fmt: skip


def standard_error(values: Values) -> float | None:
    """Of the mean of independent values; None of fewer than two."""
    array = floats(values)
    spread = deviation(array)
    return None if spread is None else spread / sqrt(array.size)


def interval(values: Values) -> Interval | None:
    """The mean and its normal interval of 95 %; None of fewer than two values.

    For differences of pairs, or for scores of one version.
    """
    array = floats(values)
    centre, error = mean(array), standard_error(array)
    if centre is None or error is None:
        return None
    return Interval(centre, centre - Z95 * error, centre + Z95 * error)


def t_test(values: Values) -> float | None:
    """The two-sided p that the mean of the differences is 0; None where nothing varies around 0.

    Source: Student, Biometrika 6 (1908). Equal differences other than 0 have p = 0.
    """
    array = floats(values)
    error = standard_error(array)
    if error is None:
        return None
    if error == 0:
        return None if array[0] == 0 else 0.0
    return min(2 * t_tail(abs(float(array.mean())) / error, array.size - 1), 1.0)


def cohen_dz(values: Values) -> float | None:
    """The mean difference in its own standard deviations; None where they do not vary.

    Source: J. Cohen, Statistical Power Analysis for the Behavioral Sciences (1988), 2.3.5.
    """
    array = floats(values)
    spread = deviation(array)
    return float(array.mean()) / spread if spread else None


def proportion(values: Values) -> Interval | None:
    """The Wilson interval of the share of ones; None of nothing, or of values but 0 and 1."""
    array = floats(values)
    if not ((array == 0) | (array == 1)).all():
        return None
    return wilson(float(array.sum()), array.size)

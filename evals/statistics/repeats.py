"""Several answers to the same item: how they vary, how often all pass, how often they flip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from evals.statistics.arrays import deviation, differences, floats

Repeats = Sequence[Sequence[float]]  # of each item, the values of its repeats


def pass_hat(passes: int, repeats: int, k: int) -> float | None:
    """The chance that k answers drawn from the repeats all pass; None with fewer repeats than k.

    Source: pass^k of S. Yao et al., τ-bench, arXiv:2406.12045 (2024): C(c, k) / C(n, k).
    """
    if not 0 < k <= repeats:
        return None
    return comb(passes, k) / comb(repeats, k)


def pass_hat_of(items: Repeats, k: int) -> float | None:
    """The mean of pass^k over items of ones and zeros; None where one has fewer repeats than k."""
    found = [pass_hat(sum(value > 0 for value in item), len(item), k) for item in items]
    if not found or any(one is None for one in found):
        return None
    return sum(one for one in found if one is not None) / len(found)


def flips(values: Sequence[float]) -> float | None:
    """The share of pairs of repeats that differ: 0 for a steady item; None of fewer than two.

    Source: Gini's index of heterogeneity, without bias.
    """
    n = len(values)
    if n < 2:
        return None
    equal = sum(count * (count - 1) for count in _counts(values))
    return 1 - equal / (n * (n - 1))


def flip_rate(items: Repeats) -> float | None:
    """The share of items that did not get the same value in every repeat; None without repeats."""
    repeated = [item for item in items if len(item) > 1]
    if not repeated:
        return None
    return sum(len(set(item)) > 1 for item in repeated) / len(repeated)


def _counts(values: Sequence[float]) -> list[int]:
    return [list(values).count(value) for value in set(values)]


@dataclass(frozen=True, slots=True)
class Components:
    """What the variance of paired differences consists of, each part at least 0.

    `between`: of the true differences of items. `within_…`: the mean variance of repeats of an
    item; None where no item was repeated, so that the parts cannot be told apart.
    """

    total: float  # variance of the observed differences of means
    between: float
    within_old: float | None
    within_new: float | None


def components(old: Repeats, new: Repeats) -> Components | None:
    """Variance components of two versions over the same items; None of fewer than two items.

    Source: E. Miller, Adding Error Bars to Evals, arXiv:2411.00640 (2024), section 3: what repeats
    can still lower.

    Raises: BadValues.
    """
    means_old = [sum(item) / len(item) for item in old]
    means_new = [sum(item) / len(item) for item in new]
    spread = deviation(differences(means_old, means_new))
    if spread is None:
        return None
    total = spread**2
    within_old, within_new = within(old), within(new)
    noise = _noise(within_old, old) + _noise(within_new, new)
    return Components(total, max(total - noise, 0.0), within_old, within_new)


def within(items: Repeats) -> float | None:
    """The mean variance (n − 1) of the repeats of an item; None where no item was repeated."""
    spreads = [deviation(floats(item)) for item in items]
    known = [spread**2 for spread in spreads if spread is not None]
    return sum(known) / len(known) if known else None


def _noise(variance: float | None, items: Repeats) -> float:
    """What repeats add to the variance of the means of items."""
    if variance is None:
        return 0.0
    return variance * sum(1 / len(item) for item in items) / len(items)

"""Several tests at once. Without numpy."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p in the order given: of those below alpha, the chance of a false one is alpha.

    Source: S. Holm, Scandinavian Journal of Statistics 6 (1979).
    """
    count = len(p_values)
    adjusted = [0.0] * count
    highest = 0.0
    for rank, place in enumerate(sorted(range(count), key=lambda one: p_values[one])):
        highest = max(highest, min((count - rank) * p_values[place], 1.0))
        adjusted[place] = highest
    return adjusted


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p in the order given: of those below alpha at most a share of alpha is false.

    Source: Y. Benjamini, Y. Hochberg, JRSS B 57 (1995).
    """
    count = len(p_values)
    adjusted = [0.0] * count
    lowest = 1.0
    order = sorted(range(count), key=lambda one: p_values[one], reverse=True)
    for behind, place in enumerate(order):
        lowest = min(lowest, p_values[place] * count / (count - behind))
        adjusted[place] = lowest
    return adjusted

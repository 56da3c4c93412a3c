"""How a selection differs from the rest: shares of values compared, tested and ranked. Pure.

The measure is Cohen's h, 2·asin√p - 2·asin√q of the two shares: it grows with the distance between
them and weighs 1 % against 12 % more than 45 % against 56 %. Only what chance hardly explains is
ranked: two-proportion z-tests, held to a false discovery rate of 5 % by Benjamini and Hochberg.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import asin, erfc, sqrt

LEAST = 5  # traces with the value, on the side that has more of them
LEAST_SELECTED = 5  # traces on either side, else nothing is said
RATE = 0.05


@dataclass(frozen=True)
class Counted:
    """A value and how many traces have it in the selection and in the rest.

    `inside_of` and `rest_of` are how many were looked at, where not all were.
    """

    field: str
    value: str
    inside: int
    rest: int
    inside_of: int
    rest_of: int
    key: str = ""


@dataclass(frozen=True)
class Difference:
    """A value with its shares, the effect (Cohen's h), and p after all comparisons."""

    counted: Counted
    share: float
    rest: float
    effect: float
    p: float
    adjusted: float


def compared(values: Iterable[Counted]) -> list[Difference]:
    """Every value that is frequent enough to compare, the largest effect first.

    `adjusted` is at most RATE where the difference is hardly chance.
    """
    tested = []
    for counted in values:
        if min(counted.inside_of, counted.rest_of) < LEAST_SELECTED:
            continue
        if max(counted.inside, counted.rest) < LEAST:
            continue
        share, rest = counted.inside / counted.inside_of, counted.rest / counted.rest_of
        tested.append((counted, share, rest, p_value(counted)))
    adjusted = benjamini_hochberg([p for *_, p in tested])
    found = [
        Difference(counted, share, rest, effect(share, rest), p, level)
        for (counted, share, rest, p), level in zip(tested, adjusted, strict=True)
    ]
    return sorted(found, key=lambda one: (-abs(one.effect), one.counted.field, one.counted.value))


def different(values: Iterable[Counted]) -> list[Difference]:
    """What differs, the most different first."""
    return [one for one in compared(values) if one.adjusted <= RATE and one.effect]


def effect(share: float, rest: float) -> float:
    """Cohen's h of two shares, positive where the first is larger."""
    return 2 * asin(sqrt(share)) - 2 * asin(sqrt(rest))


def p_value(counted: Counted) -> float:
    """Two-sided p of the two-proportion z-test with a pooled variance; 1 where both are alike."""
    n, m = counted.inside_of, counted.rest_of
    pooled = (counted.inside + counted.rest) / (n + m)
    variance = pooled * (1 - pooled) * (1 / n + 1 / m)
    if variance <= 0:
        return 1.0
    z = (counted.inside / n - counted.rest / m) / sqrt(variance)
    return erfc(abs(z) / sqrt(2))


def benjamini_hochberg(values: Sequence[float]) -> list[float]:
    """The p-values adjusted for the false discovery rate, in the order given."""
    order = sorted(range(len(values)), key=lambda place: -values[place])
    adjusted = [1.0] * len(values)
    least = 1.0
    for behind, place in enumerate(order):
        rank = len(values) - behind
        least = min(least, values[place] * len(values) / rank)
        adjusted[place] = least
    return adjusted

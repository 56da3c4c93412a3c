"""The sign-flip test: if neither version were better, each difference could as well be reversed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evals.statistics.arrays import Floats, Ints, Values, floats

DRAWS = 10_000
SEED = 20_241_101
EXACT_UP_TO = 16  # items: 65,536 patterns of signs
# Scores mostly lie on a grid (0 and 1, 1 to 5, thirds of three repeats). There the law of the sum
# is a convolution and exact at any number of items. Beyond so many steps it would take over 0.2 s.
_FINEST = 120  # parts of 1
_MOST_STEPS = 50_000_000
_CHUNK = 4_000_000  # values drawn at a time: 32 MB


@dataclass(frozen=True, slots=True)
class SignFlip:
    """The two-sided p, and where it comes from; `seed` and `draws` are None where it is exact."""

    p: float
    method: Literal["exact", "draws"]
    draws: int | None = None
    seed: int | None = None


def sign_flip(values: Values, *, draws: int = DRAWS, seed: int = SEED) -> SignFlip | None:
    """The p that the mean of these differences is 0, with nothing assumed but symmetry.

    Exact up to 16 differences that are not 0, and for any number of them on a grid; else from
    `draws` random patterns, with p = (as far or farther + 1) / (draws + 1). None of nothing.

    Source: R. A. Fisher, The Design of Experiments (1935), 21; B. Phipson, G. K. Smyth,
    Permutation P-values Should Never Be Zero, SAGMB 9 (2010).

    Raises: BadValues.
    """
    array = floats(values)
    if not array.size:
        return None
    sizes = np.abs(array[array != 0])  # an item that did not change is the same under both signs
    if not sizes.size:
        return SignFlip(1.0, "exact")
    total = abs(float(array.sum()))
    steps = _on_grid(sizes)
    if steps is not None and int(steps.sum()) * steps.size <= _MOST_STEPS:
        signed = int(np.where(array[array != 0] > 0, steps, -steps).sum())
        return SignFlip(_by_convolution(steps, abs(signed)), "exact")
    bound = total - 1e-9 * float(sizes.sum())  # sums that rounding moved apart are equal
    if sizes.size <= EXACT_UP_TO:
        return SignFlip(float((np.abs(_all_sums(sizes)) >= bound).mean()), "exact")
    return SignFlip(_by_draws(sizes, bound, draws, seed), "draws", draws, seed)


def _on_grid(sizes: Floats) -> Ints | None:
    """The sizes as whole multiples of a common step; None where there is no such step."""
    for parts in range(1, _FINEST + 1):
        scaled = sizes * parts
        steps = np.rint(scaled)
        if (np.abs(scaled - steps) < 1e-7).all():
            whole = steps.astype(np.int64)
            return whole // int(np.gcd.reduce(whole)) if whole.min() > 0 else None
    return None


def _by_convolution(steps: Ints, total: int) -> float:
    """How often |± steps| sums to at least `total`; sums stand at places 0 to Σ steps."""
    law = np.zeros(int(steps.sum()) + 1)
    law[0] = 1.0
    reached = 0
    for step in np.sort(steps):  # the smallest first, so that the array fills late
        reached += int(step)
        part = law[: reached + 1]
        part[step:] = 0.5 * (part[step:] + part[: part.size - step].copy())
        part[:step] *= 0.5
    # Place k is the sum of the positive ones: the signed sum is 2 k − Σ steps.
    sums = np.abs(2 * np.arange(law.size) - int(steps.sum()))
    return min(float(law[sums >= total].sum()), 1.0)


def _all_sums(sizes: Floats) -> Floats:
    sums = np.zeros(1)
    for size in sizes:
        sums = np.concatenate([sums + size, sums - size])
    return sums


def _by_draws(sizes: Floats, bound: float, draws: int, seed: int) -> float:
    random = np.random.default_rng(seed)
    total, far, left = float(sizes.sum()), 0, draws
    at_once = max(_CHUNK // sizes.size, 1)
    while left:
        many = min(left, at_once)
        positive = random.integers(0, 2, size=(many, sizes.size), dtype=np.int8)
        sums = 2 * (positive @ sizes) - total
        far += int((np.abs(sums) >= bound).sum())
        left -= many
    return (far + 1) / (draws + 1)

"""Cohen's kappa of a judge with people, with an interval by bootstrap over answers.

Cohen, J. (1960): A coefficient of agreement for nominal scales; (1968): Weighted kappa. Quadratic
weights for ordered scales, on the values themselves, so that a free number needs no bins.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

DRAWS = 10_000
CHUNK = 500
SEED = 20260101
LEAST_DEFINED = 0.5  # of the draws; an interval from fewer would say too much

Floats = NDArray[np.float64]


def kappa(people: Floats, judge: Floats, *, is_ordered: bool) -> float | None:
    """Agreement beyond chance of two raters of the same answers; None where chance is all."""
    found = _kappas(np.ones((1, len(people))), people, judge, is_ordered=is_ordered)[0]
    return None if np.isnan(found) else float(found)


def kappa_interval(
    people: Floats, judge: Floats, *, is_ordered: bool, draws: int = DRAWS, seed: int = SEED
) -> tuple[float, float] | None:
    """The 95 % interval by bootstrap over answers (percentiles); None where it is undefined.

    Equal pairs are drawn together, by a multinomial, so that it takes time by different pairs.
    """
    total = len(people)
    if total < 2:
        return None
    pairs, counts = np.unique(np.stack([people, judge], axis=1), axis=0, return_counts=True)
    rng = np.random.default_rng(seed)
    found: list[Any] = []
    for start in range(0, draws, CHUNK):
        size = min(CHUNK, draws - start)
        weights = rng.multinomial(total, counts / total, size=size).astype(np.float64)
        found.append(_kappas(weights, pairs[:, 0], pairs[:, 1], is_ordered=is_ordered))
    every = np.concatenate(found)
    defined = every[~np.isnan(every)]
    if len(defined) < LEAST_DEFINED * draws:
        return None
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)


def _kappas(weights: Floats, people: Floats, judge: Floats, *, is_ordered: bool) -> Floats:
    """One kappa a row of `weights`, which say how often each pair counts; nan is undefined."""
    totals = weights.sum(axis=1)
    if is_ordered:
        observed = weights @ (people - judge) ** 2 / totals
        mean_p, mean_j = weights @ people / totals, weights @ judge / totals
        squares = weights @ (people**2 + judge**2) / totals
        expected = squares - 2 * mean_p * mean_j
    else:
        values = np.unique(np.concatenate([people, judge]))
        share_p = weights @ (people[:, None] == values) / totals[:, None]
        share_j = weights @ (judge[:, None] == values) / totals[:, None]
        observed = 1 - weights @ (people == judge) / totals
        expected = 1 - (share_p * share_j).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 1 - observed / expected
    found[np.abs(expected) < 1e-12] = np.nan
    return np.asarray(found, dtype=np.float64)

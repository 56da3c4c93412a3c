"""Rollouts that never happened: requests of two arms by the minute, drawn from a seed.

Five metrics as guards watch them, and what the new version adds to each: nothing, exactly what the
margin allows ("edge"), or more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import log
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kit.intervals import Bin, Guard, Sums

Values = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int, float], Values]
STAGES = (0.05, 0.10, 0.25, 0.50)
MOST_OF_MEAN = 10.0  # where costs and latencies are cut, as a multiple of the old mean


@dataclass(frozen=True)
class Metric:
    """A guard, how its values are drawn, and by how much they may differ.

    `draw` takes what the new version adds (0: an old one); `edge` is what the margin allows;
    `share` of the requests have a value.
    """

    guard: Guard
    draw: Draw
    edge: float
    share: float = 1.0


@dataclass(frozen=True)
class Traffic:
    """Requests a minute, minutes of each stage, and minutes of the old version before."""

    a_minute: float
    stage_minutes: int
    stages: Sequence[float] = STAGES
    before: int = 60


def rate(level: float) -> Draw:
    """Values 0 and 1."""
    return lambda chance, n, added: (chance.random(n) < level + added).astype(float)


def score(mean: float, spread: float) -> Draw:
    """Values between 0 and 1; the new version's are lower by what it adds."""

    def draw(chance: np.random.Generator, n: int, added: float) -> Values:
        lower = mean - added
        firm = mean * (1 - mean) / spread**2 - 1
        return chance.beta(lower * firm, (1 - lower) * firm, n)

    return draw


def skewed(sigma: float) -> Draw:
    """Log-normal values of mean 1, cut at ten; the new version's are higher by a share."""

    def draw(chance: np.random.Generator, n: int, added: float) -> Values:
        values = chance.lognormal(-(sigma**2) / 2, sigma, n) * (1 + added)
        return np.minimum(values, MOST_OF_MEAN)

    return draw


def edge_of_ratio(sigma: float, margin: float) -> float:
    """What must be added before the cut so that the means after the cut are at the margin."""
    wanted = _mean_of_cut(sigma, 1.0) * (1 + margin)
    low, high = margin, 2 * margin
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if _mean_of_cut(sigma, 1 + middle) < wanted else (low, middle)
    return low


def _mean_of_cut(sigma: float, mean: float) -> float:
    """The mean of log-normal values with this mean, after the cut."""
    law = NormalDist(log(mean) - sigma**2 / 2, sigma)
    cut = log(MOST_OF_MEAN)
    return mean * law.cdf(cut - sigma**2) + MOST_OF_MEAN * (1 - law.cdf(cut))


@cache
def metrics() -> dict[str, Metric]:
    """What a guarded rollout watches."""
    latency = Guard("latency", "ratio", 0.2, ceiling=MOST_OF_MEAN)
    cost = Guard("cost", "ratio", 0.25, ceiling=MOST_OF_MEAN)
    return {
        "errors": Metric(Guard("errors", "rate", 0.01), rate(0.02), 0.01),
        "thumbs down": Metric(Guard("thumbs down", "rate", 0.03), rate(0.15), 0.03, share=0.05),
        "score": Metric(Guard("score", "mean", 0.03, worse="lower"), score(0.8, 0.15), 0.03),
        "latency": Metric(latency, skewed(0.8), edge_of_ratio(0.8, latency.margin)),
        "cost": Metric(cost, skewed(1.2), edge_of_ratio(1.2, cost.margin)),
    }


def arrivals(
    chance: np.random.Generator, traffic: Traffic
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Requests of the old and of the new arm by the minute; a day's ebb and flow in it."""
    shares = np.concatenate(
        [np.zeros(traffic.before), np.repeat(traffic.stages, traffic.stage_minutes)]
    )
    day = 1 + 0.6 * np.sin(2 * np.pi * (np.arange(len(shares)) / 1440 + chance.random()))
    total = chance.poisson(traffic.a_minute * day)
    new = chance.binomial(total, shares)
    return total - new, new


def bins_of(
    chance: np.random.Generator,
    metric: Metric,
    counts: tuple[NDArray[np.int64], NDArray[np.int64]],
    added: float,
) -> list[Bin]:
    """The bins of one metric, whose new version adds `added`."""
    old, new = (chance.binomial(arm, metric.share) for arm in counts)
    return bins_from(by_minute(chance, metric, old, 0.0), by_minute(chance, metric, new, added))


def by_minute(
    chance: np.random.Generator, metric: Metric, counts: NDArray[Any], added: float
) -> list[Sums]:
    """The sums of each minute."""
    values = metric.draw(chance, int(counts.sum()), added)
    return summed(values, np.repeat(np.arange(len(counts)), counts), len(counts))


def summed(values: Values, minute: NDArray[Any], minutes: int) -> list[Sums]:
    """Values that belong to minutes, as sums of each minute."""
    columns = (
        np.bincount(minute, minlength=minutes),
        np.bincount(minute, values, minutes),
        np.bincount(minute, values * values, minutes),
    )
    return [Sums(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def bins_from(old: list[Sums], new: list[Sums]) -> list[Bin]:
    """Both arms side by side."""
    return [Bin(*arms) for arms in zip(old, new, strict=True)]

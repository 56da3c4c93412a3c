"""Intervals hold the truth as often as they say, from the least counts that a verdict asks for."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS

from bench.rollouts import Traffic, arrivals, bins_of, metrics
from kit.intervals import (
    LEAST,
    Cell,
    Effect,
    KeySums,
    Sums,
    design_effect,
    mean_difference,
    mean_ratio,
    quantile_interval,
    rate_difference,
    wilson,
)


def test_rates_cover_on_average() -> None:
    n = LEAST["rate"]
    hits = np.arange(n + 1)
    singles = [wilson(int(hit), n) for hit in hits]
    covered = []
    for rate in np.linspace(0.01, 0.99, 99):
        chances = stats.binom.pmf(hits, n, rate)
        covered.append(
            sum(c for c, i in zip(chances, singles, strict=True) if not i.excludes(rate))
        )
    assert np.mean(covered) == pytest.approx(0.95, abs=0.01)
    pairs = [[rate_difference(old, n, new, n) for new in range(n + 1)] for old in range(n + 1)]
    for old, new in ((0.02, 0.02), (0.1, 0.2), (0.5, 0.3), (0.95, 0.99)):
        chance = np.outer(stats.binom.pmf(hits, n, old), stats.binom.pmf(hits, n, new))
        holds = [[not pair.excludes(new - old) for pair in row] for row in pairs]
        assert (chance * holds).sum() > 0.94


def test_means_and_ratios_cover_where_values_are_skewed() -> None:
    chance = np.random.default_rng(7)
    runs = 1500
    n = LEAST["mean"]
    old, new = chance.beta(8, 2, (runs, n)), chance.beta(4, 2, (runs, n))
    found = [mean_difference(Sums.of(a), Sums.of(b)) for a, b in zip(old, new, strict=True)]
    assert covered_share(found, 4 / 6 - 0.8) == pytest.approx(0.95, abs=0.02)
    n = LEAST["ratio"]
    old, new = chance.lognormal(0, 0.8, (runs, 4 * n)), chance.lognormal(0.2, 0.8, (runs, n))
    ratios = [mean_ratio(Sums.of(a), Sums.of(b)) for a, b in zip(old, new, strict=True)]
    assert covered_share(ratios, math.exp(0.2)) == pytest.approx(0.95, abs=0.02)


def test_quantiles_cover_whatever_the_cells_are() -> None:
    chance = np.random.default_rng(8)
    edges = 1000 * 2 ** (np.arange(60) / 4)
    truth = 50_000 * math.exp(1.2 * stats.norm.ppf(0.95))
    found = []
    for _ in range(400):
        counts, _ = np.histogram(50_000 * chance.lognormal(0, 1.2, 150), edges)
        cells = [Cell(*cell) for cell in zip(edges, edges[1:], counts.tolist(), strict=False)]
        found.append(quantile_interval(cells, 0.95))
    assert covered_share(found, truth) >= 0.94


@pytest.mark.parametrize("name", ["errors", "score", "cost"])
def test_the_range_of_an_effect_holds_at_every_look(name: str) -> None:
    """All looks of a rollout, from the least count on: the truth may be left out by one in 20."""
    metric, left_out = metrics()[name], 0
    runs = 120
    sign = -1 if metric.guard.worse == "lower" else 1
    truth = metric.guard.margin * sign
    for seed in range(runs):
        chance = np.random.default_rng(seed)
        effect, wrong = Effect(), False
        counts = arrivals(chance, Traffic(40, 60))
        for old, new in bins_of(chance, metric, counts, metric.edge):
            effect.add(old, new)
            if effect.new.n >= LEAST[metric.guard.measure]:
                found = effect.interval(metric.guard.measure)
                wrong = wrong or found is None or found.excludes(truth)
        left_out += wrong
    assert left_out / runs <= 0.05 + 0.03


def test_the_design_effect_is_that_of_a_clustered_mean() -> None:
    chance = np.random.default_rng(9)
    key = chance.integers(0, 40, 600)
    values = chance.random(40)[key] + chance.normal(0, 0.3, 600)
    sums = [Sums.of(values[key == one]) for one in range(40)]
    found = design_effect(Sums.of(values), KeySums.of(sums))
    model = OLS(values, np.ones(600))
    clustered = model.fit(cov_type="cluster", cov_kwds={"groups": key}).bse[0]
    assert found == pytest.approx((clustered / model.fit().bse[0]) ** 2)
    assert design_effect(Sums.of([1.0, 1.0]), KeySums.of([Sums.of([1.0]), Sums.of([1.0])])) == 1
    assert design_effect(Sums.of([]), KeySums.of([])) == 1


def covered_share(found: list[object], truth: float) -> float:
    """How many of the intervals hold it."""
    return float(np.mean([one is not None and not one.excludes(truth) for one in found]))

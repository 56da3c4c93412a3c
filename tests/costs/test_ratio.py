"""Ranges of a ratio hold for skewed costs, and noise is told from a difference."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from scipy import stats

from costs.economy.ratio import Difference, difference, range_of, spread_of, stand_out
from costs.economy.ratio import _t_quantile as t_quantile


def test_a_symmetric_sample_has_the_usual_interval() -> None:
    costs = np.concatenate([np.linspace(5, 15, 101)])
    spread = spread_of(costs, np.ones(101))
    bounds = range_of(spread)
    assert spread is not None
    assert bounds is not None
    assert abs(spread.skew) < 1e-9
    low, high = stats.t.interval(0.95, 100, costs.mean(), stats.sem(costs))
    assert bounds.low * costs.mean() == pytest.approx(low, rel=1e-4)
    assert bounds.high * costs.mean() == pytest.approx(high, rel=1e-4)


@pytest.mark.parametrize("freedom", [19, 40, 400])
@pytest.mark.parametrize("share", [0.9, 0.975, 0.995])
def test_quantiles_are_those_of_student(freedom: int, share: float) -> None:
    assert t_quantile(share, freedom) == pytest.approx(stats.t.ppf(share, freedom), abs=2e-3)


@pytest.mark.parametrize(
    ("sigma", "cases", "resolved", "least"),
    [(1.0, 100, 1.0, 0.91), (1.5, 100, 0.6, 0.89), (1.5, 400, 1.0, 0.91), (0.5, 30, 0.7, 0.92)],
)
def test_the_range_covers_what_is_true(
    sigma: float, cases: int, resolved: float, least: float
) -> None:
    """Of lognormal costs; the t interval covers 0.85 to 0.90 of the skewed ones."""
    random = np.random.default_rng(5)
    true, covered, by_t, trials = float(np.exp(sigma**2 / 2)) / resolved, 0, 0, 500
    for _ in range(trials):
        costs = random.lognormal(0, sigma, cases)
        good = (random.random(cases) < resolved).astype(float)
        ratio, spread = costs.sum() / good.sum(), spread_of(costs, good)
        bounds = range_of(spread)
        assert spread is not None
        assert bounds is not None
        covered += ratio * bounds.low <= true <= ratio * bounds.high
        by_t += abs(true - ratio) <= 1.96 * spread.deviation / sqrt(cases) * ratio
    assert least <= covered / trials <= 0.985
    assert covered >= by_t


def test_no_difference_is_seldom_called_one() -> None:
    random = np.random.default_rng(7)
    called = 0
    for _ in range(400):
        one, other = random.lognormal(0, 1, 150), random.lognormal(0, 1, 300)
        found = difference(
            one.mean(), other.mean(), spread_of(one, np.ones(150)), spread_of(other, np.ones(300))
        )
        assert found is not None
        called += found.p < 0.05
        assert (found.low <= 0 <= found.high) == (found.p >= 0.05) or abs(found.p - 0.05) < 0.01
    assert 0.02 <= called / 400 <= 0.09
    twice = random.lognormal(0, 1, 300) * 2
    found = difference(
        twice.mean(), other.mean(), spread_of(twice, np.ones(300)), spread_of(other, np.ones(300))
    )
    assert found is not None
    assert found.p < 0.001
    assert found.low > 0.4


def test_too_little_has_no_range() -> None:
    assert spread_of([1.0] * 19, [1] * 19) is None, "too few cases"
    assert spread_of([1.0] * 50, [1] * 4 + [0] * 46) is None, "too few good ends"
    assert spread_of([0.0] * 50, [1] * 50) is None, "nothing was spent"
    assert range_of(None) is None
    assert difference(1, 1, None, None) is None
    same = range_of(spread_of([2.0] * 50, [1] * 50))
    assert same is not None
    assert (same.low, same.high) == (1, 1)


def test_a_part_of_many_cases_tells_of_them_all() -> None:
    spread = spread_of(np.random.default_rng(3).lognormal(0, 1, 400), np.ones(400))
    part, whole = range_of(spread), range_of(spread, 40_000)
    assert part is not None
    assert whole is not None
    assert (part.high - part.low) / (whole.high - whole.low) == pytest.approx(10, rel=0.1)
    assert part.around(1000)[0] < 1000 < part.around(1000)[1]


def test_many_comparisons_are_looked_at_together() -> None:
    found = [Difference(0.1, 0, 0, p) for p in (0.04, 0.001, 0.03)]
    assert stand_out([*found, None]) == [False, True, False, False]
    assert stand_out([found[0]]) == [True]

"""Intervals, quantiles and power agree with SciPy and statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats
from statsmodels.stats.power import NormalIndPower, TTestIndPower
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    power_proportions_2indep,
    proportion_confint,
)

from kit.intervals import (
    Cell,
    Sums,
    mean_difference,
    mean_interval,
    mean_ratio,
    normal_quantile,
    plan,
    power_of,
    quantile_interval,
    rate_difference,
    t_quantile,
    wilson,
)
from kit.intervals.laws import beta_share, binomial_share, normal_share, t_tail

SHARES = (1e-9, 0.0005, 0.025, 0.2, 0.5, 0.7, 0.975, 0.9999, 1 - 1e-9)


def test_normal_quantiles() -> None:
    for share in SHARES:
        assert normal_quantile(share) == pytest.approx(stats.norm.ppf(share), rel=1e-13, abs=1e-15)
    for z in (-8.0, -1.5, 0.0, 0.3, 5.0):
        assert normal_share(z) == pytest.approx(stats.norm.cdf(z), rel=1e-12)


@pytest.mark.parametrize("freedom", [0.7, 1, 2, 3.5, 10, 29.3, 200, 5e4, 1e7, math.inf])
def test_t_quantiles_and_tails(freedom: float) -> None:
    for share in SHARES:
        expected = stats.t.ppf(share, freedom)
        assert t_quantile(share, freedom) == pytest.approx(expected, rel=1e-8, abs=1e-12)
    for share in (0.9, 0.975, 0.995):  # those that intervals use
        assert t_quantile(share, freedom) == pytest.approx(
            stats.t.ppf(share, freedom), rel=1e-10, abs=1e-12
        )
    if freedom < math.inf:
        for t in (0.0, 0.4, 2.0, 6.0, 40.0):
            assert t_tail(t, freedom) == pytest.approx(stats.t.sf(t, freedom), rel=1e-8)


def test_beta_and_binomial_shares() -> None:
    chance = np.random.default_rng(3)
    for _ in range(300):
        a, b = chance.uniform(0.3, 1, 2) * 10 ** chance.uniform(0, 5, 2)
        x = chance.beta(a, b)
        assert beta_share(x, a, b) == pytest.approx(special.betainc(a, b, x), rel=1e-8)
    for n, share in ((1, 0.5), (40, 0.95), (1000, 0.01), (2_000_000, 0.5), (10_000_000, 0.95)):
        middle, spread = n * share, math.sqrt(n * share * (1 - share))
        for k in {-1, 0, n, n + 1, *(int(middle + step * spread) for step in (-3, -1, 0, 2))}:
            expected = stats.binom.cdf(k, n, share)
            assert binomial_share(k, n, share) == pytest.approx(expected, rel=1e-7, abs=1e-12)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_rates_and_their_differences(level: float) -> None:
    for hits, n in ((0, 1), (0, 40), (1, 40), (20, 40), (40, 40), (1234, 99_000)):
        found = wilson(hits, n, level=level)
        low, high = proportion_confint(hits, n, alpha=1 - level, method="wilson")
        assert found is not None
        assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)
    for old, old_n, new, new_n in ((5, 100, 9, 30), (0, 50, 0, 50), (0, 9, 4, 8), (30, 30, 1, 30)):
        difference = rate_difference(old, old_n, new, new_n, level=level)
        low, high = confint_proportions_2indep(
            new, new_n, old, old_n, method="newcomb", compare="diff", alpha=1 - level
        )
        assert difference is not None
        assert (difference.low, difference.high) == pytest.approx((low, high), abs=1e-12)


def test_means_their_differences_and_ratios() -> None:
    chance = np.random.default_rng(1)
    old, new = chance.lognormal(0, 0.7, 60), chance.lognormal(0.3, 0.5, 25)
    old_sums, new_sums = Sums.of(old), Sums.of(new)
    one, two = mean_interval(old_sums), mean_difference(old_sums, new_sums, level=0.9)
    assert one is not None
    assert two is not None
    assert (one.low, one.high) == pytest.approx(
        stats.t.interval(0.95, 59, old.mean(), stats.sem(old)), rel=1e-10
    )
    welch = stats.ttest_ind(new, old, equal_var=False).confidence_interval(0.9)
    assert (two.low, two.high) == pytest.approx((welch.low, welch.high), rel=1e-9)
    # The delta method: the same as Welch's interval of values divided by their means.
    ratio = mean_ratio(old_sums, new_sums)
    apart = stats.ttest_ind(new / new.mean(), old / old.mean(), equal_var=False)
    half = apart.confidence_interval(0.95).high
    assert ratio is not None
    assert ratio.value == pytest.approx(new.mean() / old.mean())
    assert (math.log(ratio.low), math.log(ratio.high)) == pytest.approx(
        (math.log(ratio.value) - half, math.log(ratio.value) + half), rel=1e-9
    )


def test_integers_of_any_size_keep_their_variance() -> None:
    sums = Sums.of([10**15 + step for step in (0, 1, 2, 3)])
    assert sums.variance == pytest.approx(5 / 3)


@pytest.mark.parametrize(("share", "least"), [(0.5, 6), (0.95, 72), (0.99, 368)])
def test_quantiles_of_a_histogram(share: float, least: int) -> None:
    chance = np.random.default_rng(5)
    for n in (least, 1_000, 40_000):
        values = np.sort(chance.permutation(n))
        cells = [Cell(float(value), value + 0.5, 1) for value in values]
        found = quantile_interval(cells, share)
        exact = stats.quantile_test(values, q=0, p=share).confidence_interval(0.95)
        assert found is not None
        assert (found.low, found.high - 0.5) == (exact.low, exact.high)
        assert found.value == pytest.approx(np.quantile(values, share), abs=1)
    assert quantile_interval([Cell(0, 1, least - 1)], share) is None
    assert quantile_interval([], share) is None
    assert quantile_interval([Cell(0, 1, 0), Cell(1, 2, 500), Cell(2, 4, 500)], 0.5) is not None


def test_power_and_planned_numbers() -> None:
    for base, effect, n, ratio in ((0.1, 0.02, 3000, 1), (0.02, 0.03, 400, 9), (0.5, -0.2, 60, 2)):
        ours = power_of("rate", base=base, effect=effect, n_old=n * ratio, n_new=n)
        theirs = power_proportions_2indep(effect, base, n, ratio=ratio).power
        assert ours == pytest.approx(theirs, abs=1e-12)
    for base, effect, n, ratio in ((1.0, 0.1, 1500, 1), (0.2, -0.05, 200, 4)):
        ours = power_of("mean", base=base, effect=effect, n_old=n * ratio, n_new=n)
        args = {"effect_size": effect / base, "nobs1": n, "alpha": 0.05, "ratio": ratio}
        assert ours == pytest.approx(NormalIndPower().power(**args), abs=1e-12)
        assert ours == pytest.approx(TTestIndPower().power(**args), abs=0.003)
    found = plan("mean", base=1.0, effect=0.2, share_new=0.2, power=0.9)
    exact = NormalIndPower().solve_power(0.2, alpha=0.05, power=0.9, ratio=4)
    assert (found.n_new, found.n_old) == (math.ceil(exact), 4 * math.ceil(exact))
    rates = plan("rate", base=0.02, effect=0.01)
    assert rates.power >= 0.8
    assert power_proportions_2indep(0.01, 0.02, rates.n_new - 1).power < 0.8

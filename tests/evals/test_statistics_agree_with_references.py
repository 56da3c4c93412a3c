"""Statistics agree with SciPy, statsmodels, scikit-learn and krippendorff."""

from __future__ import annotations

import itertools

import krippendorff as reference
import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import cohen_kappa_score
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

from evals.statistics import (
    agreement,
    clustering,
    discordant,
    krippendorff,
    multiple,
    paired,
    permutation,
    power,
    ranks,
    resampling,
)

SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_tests_of_pairs(seed: int) -> None:
    chance = np.random.default_rng(seed)
    n = int(chance.integers(3, 80))
    old, new = chance.integers(1, 6, n).astype(float), chance.integers(1, 6, n).astype(float)
    change = new - old
    assert paired.t_test(change) == pytest.approx(stats.ttest_rel(new, old).pvalue, rel=1e-9)
    wanted = stats.wilcoxon(change, method="approx", correction=False).pvalue
    assert ranks.wilcoxon(change) == pytest.approx(wanted, rel=1e-9)
    up, down = int((change > 0).sum()), int((change < 0).sum())
    table = [[0, up], [down, 0]]
    exact = mcnemar(table, exact=True).pvalue
    assert discordant.mcnemar_exact(up, down) == pytest.approx(exact, rel=1e-7)
    if up + down:
        corrected = mcnemar(table, exact=False, correction=True).pvalue
        assert discordant.mcnemar_corrected(up, down) == pytest.approx(corrected, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_sign_flips_count_every_pattern(seed: int) -> None:
    chance = np.random.default_rng(seed)
    change = chance.normal(0.3, 1, int(chance.integers(1, 11)))
    if seed % 2:
        change = np.round(change * 3) / 3  # on a grid, by convolution
    patterns = np.array(list(itertools.product([1, -1], repeat=change.size)))
    far = np.abs(patterns @ np.abs(change)) >= abs(change.sum()) - 1e-9
    found = permutation.sign_flip(change)
    assert found is not None
    assert (found.p, found.method) == (pytest.approx(far.mean(), rel=1e-9), "exact")


def test_sign_flips_of_ones_are_mcnemars_and_draws_come_near() -> None:
    change = [1.0] * 40 + [-1.0] * 25 + [0.0] * 100
    exact = permutation.sign_flip(change)
    assert exact is not None
    assert exact.p == pytest.approx(discordant.mcnemar_exact(40, 25), rel=1e-7)
    values = np.random.default_rng(3).normal(0.15, 1, 200)
    drawn = permutation.sign_flip(values)
    assert drawn is not None
    assert (drawn.method, drawn.draws) == ("draws", 10_000)
    assert drawn.p == pytest.approx(stats.ttest_1samp(values, 0).pvalue, abs=0.01)


@pytest.mark.parametrize("seed", SEEDS)
def test_clustered_errors(seed: int) -> None:
    chance = np.random.default_rng(seed)
    groups = chance.integers(0, 15, 90)
    values = chance.normal(0, 1, 15)[groups] + chance.normal(0, 1, 90)
    fit = OLS(values, np.ones(90)).fit(cov_type="cluster", cov_kwds={"groups": groups})
    plain = OLS(values, np.ones(90)).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    found = clustering.clustered_mean(values, groups.tolist())
    assert found.cr0 == pytest.approx(plain.bse[0], rel=1e-9)
    # statsmodels also corrects by (n − 1) / (n − 1) for one coefficient.
    assert found.cr1 == pytest.approx(fit.bse[0], rel=1e-9)
    alone = clustering.clustered_mean(values, range(90))
    assert alone.miller == pytest.approx(alone.naive, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_agreement(seed: int) -> None:
    chance = np.random.default_rng(seed)
    first = chance.integers(0, 4, 50)
    second = np.where(chance.random(50) < 0.6, first, chance.integers(0, 4, 50))
    for weights, name in (("none", None), ("linear", "linear"), ("quadratic", "quadratic")):
        wanted = cohen_kappa_score(first, second, weights=name)
        found = agreement.kappa(first.tolist(), second.tolist(), weights=weights)  # type: ignore[arg-type]
        assert found == pytest.approx(wanted, rel=1e-9)
    third = chance.integers(0, 4, 50)
    raters = [first.tolist(), second.tolist(), third.tolist()]
    table, _ = aggregate_raters(np.array(raters).T)
    assert agreement.fleiss(raters) == pytest.approx(fleiss_kappa(table), rel=1e-9)
    holes = [[None if chance.random() < 0.2 else one for one in rater] for rater in raters]
    data = np.array([[np.nan if one is None else one for one in rater] for rater in holes])
    for level in ("nominal", "ordinal", "interval"):
        wanted = reference.alpha(reliability_data=data, level_of_measurement=level)
        found = krippendorff.alpha(holes, level)  # type: ignore[arg-type]
        assert found == pytest.approx(wanted, rel=1e-9)


def test_intervals_of_agreement_hold_it() -> None:
    chance = np.random.default_rng(5)
    first = chance.integers(0, 2, 120).tolist()
    second = [one if chance.random() < 0.9 else 1 - one for one in first]
    fast = agreement.kappa_interval(first, second)
    slow = agreement.interval_over_items(
        first,
        lambda at: agreement.kappa([first[i] for i in at], [second[i] for i in at]),
        draws=400,
    )
    assert fast is not None
    assert slow is not None
    assert fast.low < fast.value < fast.high
    assert (slow.low, slow.high) == (
        pytest.approx(fast.low, abs=0.03),
        pytest.approx(fast.high, abs=0.03),
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_several_tests_and_power(seed: int) -> None:
    p_values = np.random.default_rng(seed).random(20) ** 3
    for method, found in (
        ("holm", multiple.holm(p_values)),
        ("fdr_bh", multiple.benjamini_hochberg(p_values)),
    ):
        assert found == pytest.approx(multipletests(p_values, method=method)[1], rel=1e-12)
    mde = power.detectable(1.0, 4000)
    assert mde == pytest.approx(
        TTestPower().solve_power(nobs=4000, alpha=0.05, power=0.8), rel=1e-3
    )
    assert power.items_for(0.4, 0.05) == 503


def test_bootstrap_is_near_scipys() -> None:
    values = np.random.default_rng(1).gamma(2, 1, 200)
    wanted = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=10_000, rng=np.random.default_rng(2)
    ).confidence_interval
    found = resampling.bootstrap_mean(values)
    assert found is not None
    assert (found.low, found.high) == (
        pytest.approx(wanted.low, rel=0.01),
        pytest.approx(wanted.high, rel=0.01),
    )
    again = resampling.bootstrap_mean(values)
    assert again == found
    single = resampling.bootstrap_mean(values, clusters=[0] * 200)
    assert single is not None
    assert single.low == single.high == pytest.approx(found.value)

"""Intervals cover the truth and tests keep their size: a slice of `make trial NAME=statistics`."""

from __future__ import annotations

import time

import numpy as np
import pytest

from bench import statistics as trial
from evals.statistics import correction, power, repeats, resampling
from evals.statistics.arrays import BadValues, floats


@pytest.mark.slow
def test_intervals_of_pairs_cover() -> None:
    for shape in trial.PAIRS:
        covered = trial.paired_coverage(shape, n=50, runs=1500, seed=3)
        assert 0.925 < covered < 0.97, shape


@pytest.mark.slow
def test_intervals_over_clusters_cover_where_naive_ones_do_not() -> None:
    clustered, naive = trial.clustered_coverage(clusters=20, each=8, runs=800, seed=4)
    assert 0.90 < clustered < 0.97
    assert naive < 0.8
    few, _ = trial.clustered_coverage(clusters=6, each=8, runs=800, seed=5)
    assert 0.90 < few < 0.98  # by Student's law


@pytest.mark.slow
def test_tests_reject_true_equality_at_most_as_often_as_they_say() -> None:
    assert trial.mcnemar_size(n=100, runs=2000, seed=6) <= 0.055
    assert trial.permutation_size(n=40, runs=800, seed=7) <= 0.065  # 0.05 and two deviations


def test_ten_thousand_draws_of_a_thousand_take_less_than_a_second() -> None:
    values = np.random.default_rng(8).normal(size=1000)
    start = time.process_time()
    resampling.bootstrap_mean(values)
    assert time.process_time() - start < 1.0


def test_repeats_lower_only_what_varies_within_an_item() -> None:
    single = power.questions_for(0.03, between=1 / 36, within_old=1 / 6, within_new=1 / 6)
    repeated = power.questions_for(
        0.03, between=1 / 36, within_old=1 / 6, within_new=1 / 6, repeats_old=5, repeats_new=5
    )
    assert single == pytest.approx(3149, abs=1)
    assert repeated == pytest.approx(824, abs=1)
    chance = np.random.default_rng(9)
    truth = chance.beta(4, 2, 4000)
    old = [chance.binomial(1, p, 4).tolist() for p in truth]
    new = [chance.binomial(1, p, 4).tolist() for p in truth]
    parts = repeats.components(old, new)
    assert parts is not None
    assert parts.within_old == pytest.approx((truth * (1 - truth)).mean(), rel=0.05)
    assert parts.between < 0.01  # both versions are as good on every item


def test_passing_every_repeat_is_rarer_than_passing_one() -> None:
    assert repeats.pass_hat(3, 4, 1) == 0.75
    assert repeats.pass_hat(3, 4, 2) == 0.5
    assert repeats.pass_hat(3, 4, 5) is None
    assert repeats.pass_hat_of([[1, 1], [1, 0]], 2) == 0.5
    assert repeats.flip_rate([[1, 1], [1, 0], [0, 0], [0]]) == pytest.approx(1 / 3)
    assert repeats.flips([1, 1, 0, 0]) == pytest.approx(2 / 3)
    assert repeats.flip_rate([[1], [0]]) is None


def test_a_lenient_judge_is_corrected() -> None:
    chance = np.random.default_rng(12)
    truth = chance.binomial(1, 0.6, 5000)
    judged = np.where(truth == 1, 1, chance.binomial(1, 0.3, 5000))
    found = correction.correct(truth[:300], judged[:300], judged[300:])
    assert found.naive == pytest.approx(0.72, abs=0.02)
    assert found.ppi is not None
    assert found.ppi_plus is not None
    assert found.classical is not None
    assert found.ppi.low < 0.6 < found.ppi.high
    assert found.ppi_plus.high - found.ppi_plus.low < found.classical.high - found.classical.low
    assert found.rogan_gladen == pytest.approx(0.6, abs=0.06)


@pytest.mark.parametrize("values", [[float("nan")], [[1.0]], ["a"], [None], [10**400]])
def test_what_is_no_finite_number_is_refused(values: list[float]) -> None:
    with pytest.raises(BadValues):
        floats(values)

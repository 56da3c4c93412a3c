"""Measures of rankings agree with trec_eval (by ir-measures) and scikit-learn."""

from __future__ import annotations

import math

import ir_measures
import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from evals.metrics import retrieval

SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_rankings(seed: int) -> None:
    chance = np.random.default_rng(seed)
    documents = [f"d{number:02d}" for number in range(40)]
    grades = {one: int(chance.integers(0, 4)) for one in documents[:25] if chance.random() < 0.5}
    ranked = chance.permutation(documents)[: int(chance.integers(1, 40))].tolist()
    run = {"q": {one: float(-place) for place, one in enumerate(ranked)}}
    names = "AP RR P@5 P@20 R@5 R@20 nDCG nDCG@3 nDCG@20 Success@5 RR@5 Judged@5 AP@10"
    measures = [ir_measures.parse_measure(name) for name in names.split()]
    wanted = ir_measures.calc_aggregate(measures, {"q": grades or {"none": 0}}, run)
    both = (ranked, grades)
    own = {
        "AP": retrieval.average_precision(*both), "AP@10": retrieval.average_precision(*both, 10),
        "RR": retrieval.reciprocal_rank(*both), "RR@5": retrieval.reciprocal_rank(*both, 5),
        "nDCG": retrieval.ndcg(*both), "Success@5": retrieval.success(*both, 5),
        "Judged@5": retrieval.judged(*both, 5),
    }  # fmt: skip
    for k in (5, 20):
        own |= {
            f"P@{k}": retrieval.precision(ranked, grades, k),
            f"R@{k}": retrieval.recall(ranked, grades, k),
        }
    own |= {f"nDCG@{k}": retrieval.ndcg(ranked, grades, k) for k in (3, 20)}
    for measure, value in wanted.items():
        assert own[str(measure)] == pytest.approx(value, abs=1e-6), str(measure)
    assert math.isclose(own["P@5"] * 5, sum(grades.get(one, 0) >= 1 for one in ranked[:5]))


@pytest.mark.parametrize("seed", SEEDS)
def test_exponential_gains(seed: int) -> None:
    chance = np.random.default_rng(seed)
    grades = chance.integers(0, 4, 30)
    names = [f"d{number}" for number in range(30)]
    gains = (2.0**grades - 1)[None, :]
    wanted = ndcg_score(gains, -np.arange(30.0)[None, :], k=10)
    given = dict(zip(names, grades.tolist(), strict=True))
    found = retrieval.ndcg(names, given, 10, gain=retrieval.exponential)
    assert found == pytest.approx(wanted, rel=1e-9)

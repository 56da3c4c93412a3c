"""Guards hold cost, latency, refusals and other scores; what may not gate only informs."""

from __future__ import annotations

import numpy as np
import pytest

from evals.deciding.inputs import Measure, Metric
from evals.deciding.verdict import reckon
from tests.evals.deciding_cases import case, scores

N = 200
FINE = [1, 0] * (N // 2)


def costs(chance: np.random.Generator, factor: float = 1.0) -> list[float]:
    return (chance.lognormal(14, 0.4, N) * factor).tolist()


def test_cost_within_its_margin_passes_and_beyond_it_fails() -> None:
    chance = np.random.default_rng(1)
    old = costs(chance)
    near = Measure("cost", scores([one * 1.04 for one in old]), scores(old), margin=0.10)
    found = reckon(case(FINE, FINE, measures=[near]))
    assert found["state"] == "pass"
    guard = found["guards"][0]
    assert guard["state"] == "pass"
    assert guard["change"] == pytest.approx(0.04)
    far = Measure("cost", scores([one * 1.4 for one in old]), scores(old), margin=0.10)
    dear = reckon(case(FINE, FINE, measures=[far]))
    assert dear["state"] == "fail"
    assert dear["summary"].startswith("Cost per answer is worse: +40%")
    row = dear["rows"][-1]
    assert (row["name"], row["bar"], row["result"]) == ("Cost per answer", "≤ +10%", "fail")
    assert row["old"].startswith("$0.00")


def test_the_p95_has_a_bootstrap_interval_and_may_have_a_limit() -> None:
    chance = np.random.default_rng(2)
    old = chance.gamma(4, 500, N).tolist()
    new = chance.gamma(4, 500, N).tolist()
    guard = Measure("p95_latency", scores(new), scores(old), margin=0.5, limit=8_000)
    told = reckon(case(FINE, FINE, measures=[guard]))["guards"][0]
    assert told["state"] == "pass"
    assert told["interval"][0] < told["change"] < told["interval"][1]
    assert told["own"][0] < told["new"] < told["own"][1] < 8_000
    tight = Measure("p95_latency", scores(new), scores(old), margin=0.5, limit=2_000)
    assert reckon(case(FINE, FINE, measures=[tight]))["state"] == "fail"


def test_refusals_are_absolute_shares() -> None:
    new = [1] * 40 + [0] * 160
    guard = Measure("refusals", scores(new), scores([0] * N), margin=0.02, kind="absolute")
    found = reckon(case(FINE, FINE, measures=[guard]))
    assert found["state"] == "fail"
    assert "+20 points" in found["rows"][-1]["change"]


def test_without_a_serving_version_only_limits_guard() -> None:
    good = [1] * 99 + [0]
    free = Measure("cost", scores([1e6] * 100))
    found = reckon(case(None, good, bar=0.8, measures=[free]))
    assert found["state"] == "pass"
    assert found["guards"][0]["state"] is None
    limited = Measure("cost", scores([1e6] * 100), limit=500_000)
    assert reckon(case(None, good, bar=0.8, measures=[limited]))["state"] == "fail"


def test_of_many_guards_one_that_is_worse_by_chance_fails_nothing() -> None:
    chance = np.random.default_rng(3)
    slightly = chance.normal(-0.02, 0.12, N)  # p about 0.02, which Holm over six does not uphold
    slightly += -0.02 - slightly.mean()
    others = [
        Metric(f"tone{at}", scores([0.5] * N), scores([0.5] * N), role="guard", margin=0.02)
        for at in range(5)
    ]
    odd = Metric(
        "odd", scores((0.5 + slightly).tolist()), scores([0.5] * N), role="guard", margin=0.02
    )
    alone = reckon(case(FINE, FINE, others=[odd]))
    assert alone["state"] == "fail"
    among = reckon(case(FINE, FINE, others=[*others, odd]))
    assert among["guards"][-1]["adjusted"] > 0.05
    assert among["state"] == "inconclusive"


def test_a_judge_that_may_not_gate_informs_and_decides_nothing() -> None:
    bad = Metric(
        "tone", scores([0.0] * N), scores([1.0] * N), role="guard", may_gate=False,
        why_not="40 labels; a gate needs 100.",
    )  # fmt: skip
    found = reckon(case(FINE, FINE, others=[bad]))
    assert found["state"] == "pass"
    assert found["warnings"][-1] == "tone informs only: 40 labels; a gate needs 100."
    assert found["rows"][-1]["name"] == "tone (informs only)"
    primary = reckon(case(FINE, FINE, may_gate=False, why_not="nobody labelled anything."))
    assert primary["state"] == "inconclusive"
    assert primary["summary"] == "quality may not gate: nobody labelled anything."


def test_what_could_not_be_measured_blocks() -> None:
    unpriced = Measure("cost", scores([]), scores([]))
    found = reckon(case(FINE, FINE, measures=[unpriced]))
    assert found["state"] == "inconclusive"
    assert found["summary"] == "Cost per answer was not measured."
    from_nothing = Measure("cost", scores([1e6] * N), scores([0] * N))
    assert reckon(case(FINE, FINE, measures=[from_nothing]))["state"] == "inconclusive"
    free = Measure("cost", scores([0] * N), scores([0] * N))
    assert reckon(case(FINE, FINE, measures=[free]))["state"] == "pass"

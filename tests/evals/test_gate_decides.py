"""A gate passes, fails or says that it cannot tell, and what would decide."""

from __future__ import annotations

import json

import numpy as np
import pytest

from evals.deciding.inputs import CannotDecide, Case, Metric
from evals.deciding.verdict import reckon
from tests.evals.deciding_cases import case, scores


def flips(n: int, improved: int, regressed: int, passing: int | None = None) -> tuple[list, list]:
    """Old and new outcomes of n items, of which so many improved and regressed."""
    passing = n // 2 if passing is None else passing
    old = [1] * passing + [0] * (n - passing)
    new = list(old)
    for at in range(regressed):
        new[at] = 0
    for at in range(improved):
        new[n - 1 - at] = 1
    return old, new


def test_a_version_that_is_as_good_passes_and_flips_are_named() -> None:
    found = reckon(case(*flips(400, improved=14, regressed=8, passing=320), margin=0.03))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["state"] == "pass"
    assert found["primary"]["method"] == "normal"
    assert found["primary"]["p_method"] == "McNemar, exact"
    assert found["primary"]["change"] == pytest.approx(6 / 400)
    assert found["primary"]["mde"] == pytest.approx(2.8016 * found["primary"]["error"], rel=1e-4)
    assert (len(found["to_pass"]), len(found["to_fail"]), found["same"]) == (14, 8, 378)
    assert found["to_fail"][0] == "i000"
    assert found["summary"].startswith("quality +0.01 (")
    assert "0.03 worse is ruled out" in found["summary"]
    assert found["rows"][0]["result"] == "pass"
    assert found["rows"][1] == {
        "name": "Regressed items", "old": "", "new": "8 of 400", "change": "14 improved",
        "bar": "", "result": "",
    }  # fmt: skip


def test_a_version_that_is_surely_worse_fails() -> None:
    found = reckon(case(*flips(200, improved=2, regressed=30)))
    assert found["state"] == "fail"
    assert found["summary"].startswith("quality is worse: −0.14")
    assert found["needs"] == {}


def test_what_cannot_be_told_says_how_many_items_would_decide() -> None:
    found = reckon(case(*flips(60, improved=6, regressed=7)))
    assert found["state"] == "inconclusive"
    more = found["needs"]["items"]
    assert more > 60
    assert f"About {more:,} items would decide ({more - 60:,} more)" in found["summary"]
    old, new = flips(60, improved=6, regressed=7)
    times = more // 60 + 1
    again = reckon(case(old * times, new * times))
    assert again["state"] != "inconclusive"


def test_repeats_decide_where_answers_vary_within_items() -> None:
    chance = np.random.default_rng(6)
    truth = chance.beta(5, 2, 300)
    old = [chance.binomial(1, p, 2).tolist() for p in truth]
    new = [chance.binomial(1, p, 2).tolist() for p in truth]
    found = reckon(case(old, new, repeats=2, margin=0.05))
    assert found["state"] == "inconclusive"
    times = found["needs"]["repeats"]
    assert 2 < times <= 20
    assert f"or {times} repeats of each instead of 2" in found["needs"]["text"]


def test_small_samples_are_flagged_and_bootstrapped() -> None:
    found = reckon(case(*flips(20, improved=1, regressed=0)))
    assert found["primary"]["method"] == "bootstrap"
    assert found["warnings"] == [
        "Small sample (20 items, 1 changed): the interval is by the bootstrap."
    ]
    few_changed = reckon(case(*flips(300, improved=3, regressed=1)))
    assert few_changed["primary"]["method"] == "bootstrap"


def test_the_sample_that_the_target_asks_for() -> None:
    found = reckon(case(*flips(90, improved=20, regressed=0), smallest_sample=100))
    assert found["state"] == "inconclusive"
    assert found["needs"]["items"] == 100
    assert "at least 100 are asked for" in found["summary"]


def test_clusters_widen_the_interval_and_few_of_them_warn() -> None:
    chance = np.random.default_rng(3)
    shared = np.repeat(chance.normal(0, 0.3, 25), 8)
    new = (shared + chance.normal(0.02, 0.1, 200)).tolist()
    names = [f"doc{number // 8}" for number in range(200)]
    alone = reckon(case([0.0] * 200, new))
    together = reckon(case([0.0] * 200, new, clusters=names))
    assert together["primary"]["method"] == "clustered"
    assert together["primary"]["clusters"] == 25
    assert together["primary"]["error"] > 2 * alone["primary"]["error"]
    few = reckon(case([0.0] * 40, new[:40], clusters=names[:40]))
    assert few["primary"]["method"] == "student"
    assert "Only 5 clusters" in few["warnings"][0]


def test_without_a_version_that_serves_the_lower_bound_must_reach_the_bar() -> None:
    good = [1] * 95 + [0] * 5
    found = reckon(case(None, good, bar=0.85))
    assert (found["state"], found["mode"]) == ("pass", "absolute")
    assert found["primary"]["method"] == "wilson"
    assert (
        found["summary"] == "quality is 0.95, at least 0.89 with 95 % confidence, over 100 items."
    )
    unsure = reckon(case(None, good, bar=0.90))
    assert unsure["state"] == "inconclusive"
    assert unsure["needs"]["items"] > 100
    assert reckon(case(None, [1] * 60 + [0] * 40, bar=0.85))["state"] == "fail"
    with pytest.raises(CannotDecide, match="no bar"):
        reckon(case(None, good))


def test_beside_a_serving_version_the_bar_must_be_reached_too() -> None:
    old, new = flips(400, improved=5, regressed=0, passing=240)
    found = reckon(case(old, new, bar=0.9))
    assert found["primary"]["states"] == {"change": "pass", "bar": "fail"}
    assert found["state"] == "fail"
    assert "misses its bar of at least 0.90" in found["summary"]


def test_less_is_better_where_the_bar_is_a_ceiling() -> None:
    chance = np.random.default_rng(4)
    old = chance.normal(0.30, 0.05, 100).tolist()
    better = reckon(case(old, [one - 0.05 for one in old], direction="at_most", bar=0.4))
    assert better["state"] == "pass"
    assert better["primary"]["change"] == pytest.approx(-0.05)
    assert len(better["improved"]) == 100
    worse = reckon(case(old, [one + 0.05 for one in old], direction="at_most"))
    assert worse["state"] == "fail"
    assert "+0.05" in worse["summary"]


def test_too_few_items_in_common_are_an_error_and_no_verdict() -> None:
    new, old = scores([1] * 100), scores([1] * 70)
    both = Case(
        Metric("quality", new, old), planned=new.keys, new_items=new.keys, old_items=old.keys
    )
    with pytest.raises(CannotDecide, match="Only 70 of 100 items were answered by both versions"):
        reckon(both)
    enough = scores([1] * 85)
    found = reckon(
        Case(Metric("q", new, enough), planned=new.keys, new_items=new.keys, old_items=enough.keys)
    )
    assert found["items"] == {"planned": 100, "common": 85}
    assert found["primary"]["n"] == 85


def test_undefined_values_are_counted_apart() -> None:
    new = scores([1] * 60, undefined=40)
    old = scores([1] * 100)
    found = reckon(
        Case(Metric("q", new, old), planned=old.keys, new_items=old.keys, old_items=old.keys)
    )
    assert found["primary"]["n"] == 60
    assert found["undefined"] == {"new": 40, "old": 0}
    assert any("undefined for 40 answers" in warning for warning in found["warnings"])


def test_slices_that_are_asked_for_must_hold_by_themselves() -> None:
    old, new = flips(400, improved=0, regressed=12, passing=400)
    slices = ["edge"] * 40 + [""] * 360
    assert reckon(case(old, new, slices=slices, margin=0.06))["state"] == "pass"
    found = reckon(case(old, new, slices=slices, margin=0.06, asked_slices=["edge"]))
    assert found["state"] == "fail"
    assert "The slice edge is worse" in found["summary"]
    assert found["rows"][2]["name"] == "Slice edge (40)"
    missing = reckon(case(old, new, asked_slices=["messy"], margin=0.06))
    assert missing["state"] == "inconclusive"
    assert "No item of the slice messy has a score." in missing["reasons"]

"""A held A/B test says one thing at its end, and "not yet" before."""

from __future__ import annotations

import random

import pytest

from kit.intervals import Bin, Plan, Sums, decide, difference, mean_ratio, plan


def bins(old: float, new: float, *, count: int, n: int = 50, seed: int = 2) -> list[Bin]:
    chance = random.Random(seed)

    def arm(rate: float) -> Sums:
        return Sums.of_hits(sum(chance.random() < rate for _ in range(n)), n)

    return [Bin(arm(old), arm(new)) for _ in range(count)]


PLAN = plan("rate", base=0.2, effect=0.05)


def test_before_its_end_it_says_nothing() -> None:
    found = decide(PLAN, bins(0.2, 0.9, count=20))
    assert (found.state, found.effect, found.power) == ("not yet", None, None)
    assert found.why == "Not yet: 1,000 of 1,094 on the old, 1,000 of 1,094 on the new."


def test_at_its_end_it_says_the_same_whenever_it_is_asked() -> None:
    data = bins(0.2, 0.25, count=22)
    found = decide(PLAN, data)
    assert (found.state, found.n_new) == ("worse", 1100)
    assert found.low > 0
    assert found.power == pytest.approx(0.8, abs=0.01)
    assert decide(PLAN, data + bins(0.2, 0.0, count=50)) == found
    assert decide(PLAN, data, worse="lower").state == "better"


def test_no_difference_is_said_with_its_power() -> None:
    found = decide(PLAN, bins(0.2, 0.2, count=22, seed=3))
    assert found.state == "no difference shown"
    assert found.low < 0 < found.high
    assert found.why.endswith("would have been found with a chance of 80%.")


@pytest.mark.parametrize("share", [0.5, 0.1])
@pytest.mark.parametrize(
    ("measure", "base", "effect"), [("rate", 0.02, 0.01), ("mean", 0.3, -0.02), ("ratio", 1.1, 0.1)]
)
def test_plans_are_the_smallest_with_their_power(
    measure: str, base: float, effect: float, share: float
) -> None:
    found = plan(measure, base=base, effect=effect, share_new=share, power=0.9)
    assert 0.9 <= found.power < 0.901
    assert found.n_new / (found.n_old + found.n_new) == pytest.approx(share, abs=0.001)
    clustered = plan(measure, base=base, effect=effect, share_new=share, power=0.9, design_effect=3)
    assert clustered.n_new == pytest.approx(3 * found.n_new, abs=3)


def test_a_planned_effect_is_found_about_as_often_as_planned() -> None:
    small = plan("rate", base=0.3, effect=0.15)
    runs = [
        decide(small, bins(0.3, 0.45, count=small.n_new // 10 + 1, n=10, seed=seed))
        for seed in range(300)
    ]
    assert sum(one.state == "worse" for one in runs) / 300 == pytest.approx(0.8, abs=0.07)
    same = [
        decide(small, bins(0.3, 0.3, count=small.n_new // 10 + 1, n=10, seed=seed))
        for seed in range(300)
    ]
    assert sum(one.state != "no difference shown" for one in same) / 300 <= 0.05 + 0.04


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("share", {"share_new": 0.0}),
        ("nothing", {"effect": 0.0}),
        ("between 0 and 1", {"effect": 0.95}),
        ("deviation", {"measure": "mean", "base": 0.0}),
        ("100%", {"measure": "ratio", "effect": -1.0}),
        ("More than", {"effect": 1e-7}),
    ],
)
def test_impossible_plans_are_refused_in_words(words: str, wrong: dict[str, object]) -> None:
    asked = {"measure": "rate", "base": 0.2, "effect": 0.05, **wrong}
    with pytest.raises(ValueError, match=words):
        plan(asked.pop("measure"), **asked)


def test_dependence_widens_every_measure() -> None:
    old, new = Sums.of([0.1, 0.9, 0.4, 0.8] * 30), Sums.of([0.3, 0.9, 0.7, 0.8] * 30)
    for measure in ("rate", "mean", "ratio"):
        alone = difference(measure, old, new)
        dependent = difference(measure, old, new, design_effect=4.0)
        assert dependent.value == pytest.approx(alone.value)
        wider = (dependent.high - dependent.low) / (alone.high - alone.low)
        assert wider == pytest.approx(2, abs=0.1)


def test_a_ratio_to_nothing_is_none() -> None:
    nothing, some = Sums.of([0.0, 0.0, 0.0]), Sums.of([1.0, 2.0, 3.0])
    assert mean_ratio(nothing, some) is None
    held = Plan("ratio", 1.0, 0.1, n_old=3, n_new=3, alpha=0.05, power=0.8)
    assert decide(held, [Bin(nothing, some)]).effect is None

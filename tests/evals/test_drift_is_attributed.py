"""Whose change a drop was: said where it can be told, with the numbers, and else not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evals.drift.arms import arm_of
from evals.drift.attribution import Attribution, Pair, Replay, attribute
from evals.drift.reference import Sums
from evals.drift.runs import Scale
from evals.drift.segments import Fingerprint, across, changed, segments

BASE = 0.9


def drawn(chance: float, runs: int, *, items: int = 100, seed: int = 0) -> Sums:
    """Runs over items that all pass with this chance."""
    random = np.random.default_rng([seed, items, runs, int(chance * 1000)])
    return Sums.of((random.random((runs, items)) < chance).astype(float))


def replay(old: float, current: float, items: int = 100) -> Replay:
    return Replay(
        drawn(BASE, 7, items=items), drawn(old, 4, items=items, seed=1),
        drawn(current, 4, items=items, seed=2),
    )  # fmt: skip


def said(found: Attribution) -> str:
    return " ".join(found.sentences)


@pytest.mark.parametrize(
    ("old", "current", "verdict", "words"),
    [
        (BASE, BASE, "none", "Nothing that was run again"), (0.7, 0.7, "upstream", "provider"),
        (BASE, 0.7, "own", "Our own change"), (0.75, 0.5, "both", "Both changed"),
    ],
)  # fmt: skip
def test_a_replay_names_the_cause(old: float, current: float, verdict: str, words: str) -> None:
    found = attribute(Scale(), replay=replay(old, current))
    assert found.verdict == verdict
    assert words in said(found)
    assert "100 items, 7 and 4 runs" in said(found)
    assert [arm.name for arm in found.arms] == ["old configuration", "current configuration"]
    assert [arm.fell for arm in found.arms] == [verdict in ("upstream", "both"), verdict in ("own", "both")]  # noqa: E501  # fmt: skip


def test_a_judge_that_fell_comes_before_all_that_it_judged() -> None:
    judge = Pair(drawn(BASE, 7, items=40), drawn(0.6, 3, items=40))
    found = attribute(Scale(), replay=replay(0.7, 0.7), judge=judge)
    assert found.verdict == "judge"
    assert found.confidence == "strong"
    steady = Pair(drawn(BASE, 7, items=40), drawn(BASE, 3, items=40))
    assert attribute(Scale(), replay=replay(0.7, 0.7), judge=steady).verdict == "upstream"


def test_a_judge_that_explains_less_than_half_is_told_beside_the_cause() -> None:
    judge = Pair(drawn(BASE, 30), drawn(BASE - 0.08, 30, seed=4))
    found = attribute(Scale(), drop=0.3, replay=replay(0.6, 0.6), judge=judge)
    assert found.verdict == "upstream"
    assert "The judge is harsher, too" in said(found)
    alone = attribute(Scale(), drop=0.1, replay=replay(0.6, 0.6), judge=judge)
    assert alone.verdict == "judge"


def test_without_a_replay_the_canary_speaks_for_the_provider() -> None:
    fell = Pair(drawn(BASE, 7), drawn(0.7, 3))
    stood = Pair(drawn(BASE, 7), drawn(BASE, 3))
    assert attribute(Scale(), canary=fell).verdict == "upstream"
    assert "hardly the provider" in said(attribute(Scale(), canary=stood))
    assert "speaks for the provider" in said(attribute(Scale(), replay=replay(BASE, 0.7), canary=fell))  # noqa: E501  # fmt: skip
    assert "canary fell too" in said(attribute(Scale(), replay=replay(0.7, 0.7), canary=fell))


def test_too_little_is_said_and_not_guessed() -> None:
    few = attribute(Scale(), replay=replay(BASE, 0.7, items=20))
    assert (few.verdict, few.confidence, few.replays) == ("not enough items", "", None)
    assert "at least 30" in said(few)
    small = attribute(Scale(), drop=0.02, replay=replay(BASE, 0.88))
    assert small.verdict == "not enough items"
    assert small.replays is not None
    assert f"{small.replays} times" in said(small)
    enough = Replay(
        drawn(BASE, 60), drawn(BASE, 2 * small.replays, seed=1),
        drawn(BASE, 2 * small.replays, seed=2),
    )  # fmt: skip
    assert attribute(Scale(), drop=0.02, replay=enough).verdict != "not enough items"
    nothing = attribute(Scale())
    assert nothing.verdict == "not enough items"
    assert "three times each" in said(nothing)


def test_an_arm_is_the_sum_of_welchs_differences_within_items() -> None:
    random = np.random.default_rng(3)
    before, after = random.integers(1, 6, (5, 40)), random.integers(1, 6, (5, 40))
    arm = arm_of("judge", Sums.of(before), Sums.of(after), Scale(1, 5, 1))
    assert arm is not None
    errors = [
        (after[:, item].mean() - before[:, item].mean())
        / stats.ttest_ind(after[:, item], before[:, item]).statistic
        for item in range(40)
        if after[:, item].mean() != before[:, item].mean()
    ]
    same = [item for item in range(40) if after[:, item].mean() == before[:, item].mean()]
    pooled = [(before[:, i].var(ddof=1) + after[:, i].var(ddof=1)) / 2 * (2 / 5) for i in same]
    assert arm.error * 40 == pytest.approx(np.sqrt(sum(e**2 for e in errors) + sum(pooled)))
    assert arm.change == pytest.approx(after.mean() - before.mean())
    assert arm.z == pytest.approx(arm.change / arm.error)


def test_of_nothing_that_changed_one_in_forty_is_below_the_threshold() -> None:
    random = np.random.default_rng(6)
    truth = random.beta(0.8, 0.2, (1500, 50))
    fell = 0
    for chances in truth:
        before, after = random.random((7, 50)) < chances, random.random((3, 50)) < chances
        arm = arm_of("canary", Sums.of(before * 1.0), Sums.of(after * 1.0), Scale())
        fell += arm is not None and arm.fell
    assert 0.012 < fell / 1500 < 0.036


def test_no_repeats_and_no_common_items_make_no_arm() -> None:
    one = Sums.of([np.ones(3)])
    assert arm_of("judge", one, one, Scale()) is None
    first, last = np.array([1.0, np.nan]), np.array([np.nan, 1.0])
    assert arm_of("judge", Sums.of([first] * 3), Sums.of([last] * 3), Scale()) is None


def test_a_history_is_cut_where_what_it_was_made_with_changes() -> None:
    first = Fingerprint(prompt="7", model_returned="m-0301", system="")
    later = Fingerprint(prompt="7", model_returned="", system="fp_1")
    moved = Fingerprint(prompt="7", model_returned="m-0612", system="fp_1")
    assert changed(first, later) == ()
    found = segments([first, first, later, moved, moved])
    assert [(one.start, one.end, one.changed) for one in found] == [
        (0, 3, ()), (3, 5, ("model_returned",)),
    ]  # fmt: skip
    assert segments([]) == ()


def test_what_answers_in_turns_is_cut_once_nothing_of_it_is_left() -> None:
    told = ["fp_1", "fp_1, fp_2", "", "fp_2", "fp_2, fp_3", "fp_2", "fp_3"]
    found = segments([Fingerprint(prompt="7", system=one) for one in told])
    assert [(one.start, one.end, one.changed) for one in found] == [
        (0, 3, ()), (3, 6, ("system",)), (6, 7, ("system",)),
    ]  # fmt: skip


def test_both_sides_of_an_edge_are_compared_within_items() -> None:
    sharp = np.array([1.0] * 40 + [0.0] * 10)
    broken = sharp.copy()
    broken[:5] = 0
    edge = across([sharp] * 7, [broken] * 3, Scale())
    assert edge is not None
    assert edge.fell, "five of fifty that all break are no chance"
    assert (edge.counts.regressed, edge.counts.improved) == (5, 0)
    assert edge.arm.change == pytest.approx(-0.1)
    assert edge.arm.low < -0.1 < edge.arm.high
    assert across([], [sharp], Scale()) is None
    alone = across([np.array([1.0, np.nan])], [np.array([np.nan, 1.0])], Scale())
    assert alone is None


def test_an_edge_of_nothing_falls_once_in_two_hundred_and_a_drop_is_seen() -> None:
    generator = np.random.default_rng(3)
    fell = found = 0
    for _ in range(400):
        chance = generator.beta(0.8 * 0.6, 0.2 * 0.6, 50)  # sharp items
        runs = [(generator.random(50) < chance).astype(float) for _ in range(13)]
        quiet = across(runs[:7], runs[7:10], Scale())
        worse = chance.copy()
        worse[np.argsort(-chance)[:5]] = 0
        dropped = [(generator.random(50) < worse).astype(float) for _ in range(3)]
        edge = across(runs[:7], dropped, Scale())
        fell += quiet is not None and quiet.fell
        found += edge is not None and edge.fell
    assert fell <= 400 * 0.02
    assert found >= 400 * 0.7


def test_one_that_barely_fell_beside_one_that_nearly_did_names_nobody() -> None:
    found = [
        attribute(
            Scale(),
            replay=Replay(
                drawn(0.8, 7), drawn(0.73, 3, seed=seed), drawn(0.67, 3, seed=seed + 500)
            ),
        )
        for seed in range(60)
    ]
    torn = [one for one in found if one.verdict == "not enough items"]
    assert torn
    for one in torn:
        assert one.replays == 6
        assert "either step" in said(one)
        assert sum(arm.fell for arm in one.arms) == 1
        assert all(-2.5 < arm.z < -1 for arm in one.arms)

"""Guards halt what is worse than their margin, and say why; when one looks does not matter."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from kit.intervals import NOTHING, Bin, Guard, Sums, Verdict, Watch, judge, judge_all

ERRORS = Guard("errors", "rate", 0.01)
SCORE = Guard("score", "mean", 0.3, worse="lower", floor=1, ceiling=5)
LATENCY = Guard("latency", "ratio", 0.2, ceiling=20_000_000)


def minutes(old: float, new: float, *, count: int = 120, few: int = 10, seed: int = 1) -> list[Bin]:
    """Error rates of 190 old and 10 new requests a minute, after 10 minutes of the old alone."""
    chance = random.Random(seed)

    def arm(rate: float, n: int) -> Sums:
        return Sums.of_hits(sum(chance.random() < rate for _ in range(n)), n)

    before = [Bin(arm(old, 200), NOTHING) for _ in range(10)]
    return before + [Bin(arm(old, 200 - few), arm(new, few)) for _ in range(count)]


def values(mean: float, spread: float, n: int, chance: random.Random, most: float) -> Sums:
    return Sums.of(min(max(chance.gauss(mean, spread), 0), most) for _ in range(n))


def test_a_small_difference_is_fine() -> None:
    found = judge(ERRORS, minutes(0.02, 0.021))
    assert (found.state, found.is_early, found.halted_at) == ("fine", False, None)
    assert (found.n_old, found.n_new) == (190 * 120, 10 * 120)
    assert found.low < found.effect < found.high < 0.03
    assert found.why.endswith("the old version (allowed: 1 point).")


def test_a_great_one_halts_at_once_and_the_verdict_stays() -> None:
    bins = minutes(0.02, 0.5)
    found = judge(ERRORS, bins, alpha=0.01)
    assert found.state == "halt"
    assert found.halted_at is not None
    assert found.n_new <= 20
    assert found.evidence == 1
    assert "points higher than the old version (allowed: 1 point)." in found.why
    assert judge(ERRORS, bins[: found.halted_at + 1], alpha=0.01) == found
    assert judge(ERRORS, [*bins, *minutes(0.02, 0.0)], alpha=0.01) == found
    assert judge(ERRORS, bins[: found.halted_at], alpha=0.01).state == "watch"


def test_one_beyond_the_margin_that_may_be_chance_is_watched() -> None:
    found = judge(ERRORS, minutes(0.02, 0.08, count=6), alpha=0.01)
    assert (found.state, found.is_early) == ("watch", False)
    assert 0 < found.evidence < 1
    assert "This may be chance" in found.why


def test_too_few_are_too_early() -> None:
    found = judge(ERRORS, minutes(0.02, 0.02, count=2))
    assert (found.state, found.is_early) == ("watch", True)
    assert found.why == "Too early: 20 of at least 30 on the new version."
    empty = judge(ERRORS, [])
    assert (empty.state, empty.is_early, empty.effect) == ("watch", True, None)


def test_lower_scores_and_longer_latencies_are_worse() -> None:
    chance = random.Random(4)

    def bins(old: tuple[float, float], new: tuple[float, float], most: float) -> list[Bin]:
        return [
            Bin(values(*old, 30, chance, most), values(*new, 10, chance, most)) for _ in range(60)
        ]

    fine = judge(SCORE, [Bin(o.plus(Sums(5, 20, 80)), n) for o, n in bins((4, 0.3), (4.2, 0.3), 5)])
    worse = judge(SCORE, bins((4, 0.3), (3.3, 0.3), 5))
    assert (fine.state, worse.state) == ("fine", "halt")
    assert worse.effect == pytest.approx(-0.7, abs=0.2)
    slower = judge(LATENCY, bins((2e6, 5e5), (3e6, 5e5), 2e7))
    same = judge(LATENCY, bins((2e6, 5e5), (2e6, 5e5), 2e7))
    assert (same.state, slower.state) == ("fine", "halt")
    assert slower.effect == pytest.approx(0.5, abs=0.1)
    assert "% higher than the old version (allowed: 20%)." in slower.why


def test_neither_a_raised_share_nor_a_bad_hour_of_both_arms_counts_as_a_difference() -> None:
    """Summed over time the new arm fails far more often: most of its traffic came in a bad hour."""
    bins = minutes(0.01, 0.01, count=90, few=10) + minutes(0.3, 0.3, count=90, few=100, seed=2)[10:]
    old = sum(one.old.total for one in bins) / sum(one.old.n for one in bins)
    new = sum(one.new.total for one in bins) / sum(one.new.n for one in bins)
    assert new - old > 0.1
    found = judge(replace(ERRORS, margin=0.02), bins)
    assert found.state == "fine"
    assert found.effect == pytest.approx(0, abs=0.015)


def test_a_watch_goes_on_from_its_stored_state() -> None:
    bins = minutes(0.02, 0.06)
    whole = Watch(ERRORS, 0.01).take(bins)
    half = Watch(ERRORS, 0.01).take(bins[:40])
    stored = json.loads(json.dumps(half.state()))
    assert Watch.resumed(ERRORS, 0.01, stored).take(bins[40:]).verdict() == whole.verdict()
    minute_by_minute = Watch(ERRORS, 0.01)
    for one in bins:
        minute_by_minute.take([one]).verdict()
    assert minute_by_minute.verdict() == whole.verdict()


def test_late_data_change_what_they_change_and_nothing_else() -> None:
    bins = minutes(0.02, 0.02)
    late = [*bins[:50], Bin(bins[50].old, bins[50].new.plus(Sums.of_hits(1, 1))), *bins[51:]]
    before, after = judge(ERRORS, bins), judge(ERRORS, late)
    assert after.n_new == before.n_new + 1
    assert (before.state, after.state) == ("fine", "fine")


def test_guards_share_alpha() -> None:
    bins = {guard: minutes(0.02, 0.06) for guard in (ERRORS, replace(ERRORS, name="thumbs down"))}
    found = judge_all(bins, alpha=0.05)
    assert all(found[guard] == judge(guard, some, alpha=0.025) for guard, some in bins.items())
    assert judge_all({}) == {}


def test_dependent_values_count_for_less() -> None:
    bins = minutes(0.02, 0.08)
    alone, dependent = judge(ERRORS, bins), judge(replace(ERRORS, design_effect=4.0), bins)
    assert isinstance(dependent, Verdict)
    assert alone.halted_at is not None
    assert dependent.halted_at is None or dependent.halted_at > alone.halted_at


@pytest.mark.parametrize(
    "wrong",
    [
        {"margin": -0.1},
        {"floor": 1.0},
        {"ceiling": 2.0},
        {"design_effect": 0.5},
        {"measure": "ratio", "worse": "lower"},
        {"measure": "ratio", "floor": 0.5},
        {"margin": float("nan")},
    ],
)
def test_impossible_guards_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="errors: "):
        replace(ERRORS, **wrong)


def test_values_beyond_the_ceiling_are_left_out_and_silence_nothing() -> None:
    uncut = Bin(Sums.of([3e7] * 30), Sums.of([1e6]))
    same = [Bin(Sums.of([2e6, 3e6] * 15), Sums.of([2e6, 3e6])) for _ in range(60)]
    found = judge(LATENCY, [uncut, *same])
    assert (found.state, found.n_old, found.n_new) == ("watch", 1800, 120)
    assert found.why.endswith(" Values outside of the metric's bounds were left out.")
    slow = [Bin(Sums.of([2e6, 3e6] * 15), Sums.of([8e6, 9e6])) for _ in range(60)]
    assert judge(LATENCY, [uncut, *slow]).state == "halt"

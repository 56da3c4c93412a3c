"""A series that fell alarms once, with reruns; one that misses items says nothing of them."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from evals.drift import detector
from evals.drift.reference import Reference, is_shared, place
from evals.drift.runs import BadRun, Run, Scale, run_of, scale_of
from evals.drift.settings import Settings, settings_for
from evals.drift.state import State
from tests.evals.drifting import fed, row, runs, series


def by_hand(reference: np.ndarray, run: np.ndarray, floor: float) -> float:
    """z by its definition, item by item."""
    common = [
        (reference[:, item][~np.isnan(reference[:, item])], run[item])
        for item in range(run.size)
        if not np.isnan(run[item]) and (~np.isnan(reference[:, item])).sum() > 1
    ]
    n = len(common)
    change = sum(score - past.mean() for past, score in common) / n
    v = max(sum(past.var(ddof=1) for past, _ in common), floor) / n**2
    levels = reference.mean(axis=1)
    b = levels.var(ddof=1)
    many = len(reference)
    pooled = (20 * v + (many - 1) * b) / (20 + many - 1)
    return change / (sqrt(max(v, pooled)) * sqrt(1 + 1 / many))


@pytest.mark.parametrize("seed", range(4))
def test_z_is_what_its_definition_says(seed: int) -> None:
    chance = np.random.default_rng(seed)
    for scale in (Scale(), Scale(1, 5, 1)):
        scores = np.rint(scale.low + chance.random((8, 30)) * scale.span)
        found = place(Reference.of_runs(list(scores[:7])), scores[7], scale, Settings())
        assert found is not None
        assert found.z == pytest.approx(by_hand(scores[:7], scores[7], scale.floor))
        some = scores[7].copy()
        some[:5] = np.nan
        found = place(Reference.of_runs(list(scores[:7])), some, scale, Settings())
        assert found is not None
        assert found.items == 25
        assert found.z == pytest.approx(by_hand(scores[:7], some, scale.floor))


def test_a_reference_that_grows_is_that_of_all_its_runs() -> None:
    scores = np.random.default_rng(2).integers(0, 2, (12, 20)).astype(float)
    grown = Reference.of_runs(list(scores[:7]))
    for run in scores[7:]:
        grown = grown.joined(run)
    whole = Reference.of_runs(list(scores))
    assert grown.means == pytest.approx(whole.means)
    assert grown.variances == pytest.approx(scores.var(axis=0, ddof=1))
    assert grown.levels == pytest.approx(scores.mean(axis=1))
    assert grown.between == pytest.approx(scores.mean(axis=1).var(ddof=1))


def test_items_that_never_varied_are_not_believed_to_be_certain() -> None:
    steady = Reference.of_runs([row(40, 50)] * 7)
    one_less = place(steady, row(39, 50), Scale(), Settings())
    assert one_less is not None
    assert one_less.z == pytest.approx(-1 / sqrt(0.5 * (1 + 1 / 7)))
    assert Scale(1, 5, 1).floor == 1.0
    assert scale_of(0, 1, [row(1, 2)]) == Scale(0, 1, 1)
    assert scale_of(1, 5, [np.array([1.0, 4.0])]) == Scale(1, 5, 1)
    assert scale_of(0, 1, [np.array([0.3, np.nan])]) == Scale(0, 1, 0.25)


def test_a_drop_alarms_within_the_day_by_reruns_and_only_once() -> None:
    falling = series(falls=30)
    state = fed(falling, 30)
    assert state.alarm is None
    state, step = detector.feed(state, Run(30, falling.run(30)))
    while step.wants_rerun:
        assert step.verdict == "warning"
        state, step = detector.feed(state, Run(30, falling.run(30), is_rerun=True))
    assert (step.verdict, step.raised) == ("alarm", True)
    assert state.alarm is not None
    assert (state.alarm.day, state.alarm.stretch.day) == (30, 30)
    for day in range(31, 40):
        state, step = detector.feed(state, Run(day, falling.run(day)))
        assert (step.verdict, step.raised, step.wants_rerun) == ("alarm", False, False)
    assert state.alarm is not None
    assert state.alarm.day == 30
    assert state.alarm.stretch.runs >= 10


def test_no_day_has_more_reruns_than_allowed() -> None:
    state = fed(series(), 20)
    low = replace(state, low=1.5)
    asked = 0
    step = detector.Step("warning", wants_rerun=True)
    steady = Reference.of_runs([row(40, 50)] * 7)
    low = replace(low, reference=steady)
    while step.wants_rerun or not asked:
        low, step = detector.feed(replace(low, low=2.5), Run(20, row(40, 50), is_rerun=asked > 0))
        asked += 1
    assert asked == 1 + 3
    moody = [row(40 + shift, 50) for shift in (-6, 6, -5, 5, -6, 6, 0)]
    shared = Reference.of_runs(moody)
    assert is_shared(shared, Scale(), Settings()) is True
    assert detector.reruns_allowed(replace(low, reference=shared)) == 1


def test_what_comes_back_is_told_and_a_repaired_series_begins_at_nought() -> None:
    state = fed(series(falls=20, seed=3), 24)
    assert state.alarm is not None
    good = series(seed=3)
    for day in range(24, 34):
        state, _ = detector.feed(state, Run(day, good.run(day)))
    assert state.alarm is not None
    assert state.alarm.recovered is not None
    closed = detector.close(state)
    assert (closed.alarm, closed.low, closed.recent) == (None, 0.0, ())
    assert closed.reference is state.reference


def test_after_a_dismissal_the_last_ten_runs_are_reference_and_pin() -> None:
    state = fed(series(falls=20), 40)
    assert state.alarm is not None
    before = state.reference
    dismissed = detector.dismiss(state)
    assert dismissed.alarm is None
    assert dismissed.reference is dismissed.pin
    assert dismissed.reference is not None
    assert before is not None
    assert dismissed.reference.runs == 10
    assert dismissed.reference.mean < before.mean - 0.1
    few = detector.dismiss(replace(state, recent=state.recent[-3:]))
    assert few.is_calibrating
    assert len(few.recent) == 3


def test_a_run_that_misses_a_fifth_of_its_items_has_no_verdict() -> None:
    state = fed(series(), 10)
    scores = row(40, 50)
    scores[:11] = np.nan
    after, step = detector.feed(state, Run(10, scores))
    assert step.verdict == "no verdict"
    assert (after.low, after.without_verdict) == (state.low, 1)
    scores[10] = 1.0
    assert detector.feed(state, Run(10, scores))[1].verdict in ("quiet", "warning")


def test_better_runs_inform_and_raise_nothing() -> None:
    state = fed(series(), 20)
    told = []
    for day in range(20, 26):
        state, step = detector.feed(state, Run(day, row(50, 50)))
        told.append(step.improved)
        assert step.verdict == "quiet"
    assert any(told)
    assert state.alarm is None
    assert state.improved is not None


def test_a_slow_decay_is_found_against_the_pin() -> None:
    state: State = detector.begin(200, None, Settings(limit=50))
    chance = np.random.default_rng(5)
    for day in range(-7, 200):
        worse = max(day, 0) * 0.0006
        state, step = detector.feed(state, Run(day, (chance.random(200) < 0.9 - worse) * 1.0))
        if step.raised:
            break
    assert state.alarm is not None
    assert state.alarm.kind == "decay"
    assert day < 150


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ([0.5, 2], "between 0 and 1"), ([10**400, 1], "list of numbers"), ("ab", "list of numbers"),
        ([[1.0], [0.0]], "list of numbers"), ([float("inf"), 1], "finite"), (None, "list of"),
    ],
)  # fmt: skip
def test_what_is_no_run_is_refused(scores: list[float], said: str) -> None:
    with pytest.raises(BadRun, match=said):
        run_of(1, scores, Scale())


def test_runs_of_other_items_and_of_days_gone_by_are_refused() -> None:
    state = fed(series(), 3)
    with pytest.raises(BadRun, match="50 items, not 2"):
        detector.feed(state, Run(3, np.zeros(2)))
    with pytest.raises(BadRun, match="earlier day"):
        detector.feed(state, Run(1, np.zeros(50)))
    for low, high, step in ((1, 1, 1), (0, float("nan"), 1), (0, 1, 2)):
        with pytest.raises(BadRun):
            Scale(low, high, step)
    with pytest.raises(BadRun):
        detector.begin(0)


def test_many_series_have_a_higher_limit() -> None:
    assert (settings_for(20).limit, settings_for(21).limit) == (4.0, 5.0)
    assert len(list(runs(series(), 2))) == 9


def test_a_sudden_drop_on_the_day_of_the_weekly_check_is_no_decay() -> None:
    state = detector.begin(30)
    for day in range(7):
        state, _ = detector.feed(state, Run(day, row(30, 30)))
    for day in range(7, 13):
        state, _ = detector.feed(state, Run(day, row(30, 30)))
    state, first = detector.feed(state, Run(13, row(20, 30)))  # a week after the baseline
    assert (first.raised, first.wants_rerun) == (False, True)
    state, _ = detector.feed(state, Run(13, row(20, 30), is_rerun=True))
    assert state.alarm is not None
    assert (state.alarm.kind, state.alarm.stretch.day) == ("drop", 13)


def test_a_baseline_is_of_three_days_and_its_repeats_are_spread() -> None:
    state, made = detector.begin(30), []
    for day in range(3):
        state, _ = detector.feed(state, Run(day, row(28, 30)))
        made.append(1)
        while detector.wants_repeat(state):
            state, _ = detector.feed(state, Run(day, row(28, 30), is_rerun=True))
            made[-1] += 1
    assert made == [3, 2, 2]
    assert not state.is_calibrating
    hasty = detector.begin(30)
    for _ in range(9):
        hasty, step = detector.feed(hasty, Run(0, row(28, 30)))
        assert step.verdict == "calibrating"
    assert hasty.is_calibrating

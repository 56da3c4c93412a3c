"""A state that was put away as JSON goes on alike, and one that is lost is recomputed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from evals.drift import detector
from evals.drift.reports import level, report
from evals.drift.runs import Run
from evals.drift.state import State
from evals.drift.storing import BadState, put_away, take_up
from tests.evals.drifting import fed, series


def stored(state: State) -> State:
    return take_up(json.loads(json.dumps(put_away(state), allow_nan=False)))


def history(seed: int) -> list[Run | detector.Act]:
    """Two alarms, a dismissal, a repair, runs that miss items, reruns."""
    falling, chance = series(falls=25, seed=seed), np.random.default_rng(seed)
    events: list[Run | detector.Act] = []
    for day in range(-7, 60):
        if day in (35, 45):
            events.append("dismiss" if day == 35 else "close")
        for rerun in range(2 if day % 5 == 0 and day > 0 else 1):
            scores = falling.run(day)
            scores[chance.random(50) < 0.05] = np.nan
            events.append(Run(day, scores, is_rerun=rerun > 0))
    return events


@pytest.mark.parametrize("seed", [1, 2])
def test_a_state_that_is_put_away_after_each_run_ends_alike(seed: int) -> None:
    events = history(seed)
    acts = {"dismiss": detector.dismiss, "close": detector.close}
    state = detector.begin(50)
    alarms = 0
    for event in events:
        if isinstance(event, Run):
            state, step = detector.feed(stored(state), event)
            alarms += step.raised
        else:
            state = acts[event](stored(state))
    assert alarms
    whole = detector.recompute(50, events)
    assert json.dumps(put_away(whole)) == json.dumps(put_away(state))


def test_a_state_does_not_grow_with_the_history() -> None:
    short, long = (len(json.dumps(put_away(fed(series(), days)))) for days in (70, 200))
    assert long < short * 1.2 < 50 * 350


@pytest.mark.parametrize("document", [None, {}, {"form": 99}, {"form": 1}, {"form": 1, "alarm": 3}])
def test_what_is_no_state_is_refused(document: object) -> None:
    with pytest.raises(BadState):
        take_up(document)


def test_a_report_says_since_when_how_much_and_which_items() -> None:
    right, held, worst = 0, 0, 0
    for seed in range(20):
        falling = series(falls=20, seed=seed)
        state = fed(falling, 24)
        found = report(state)
        assert found is not None
        right += abs(found.since - 20) <= 3
        held += found.effect.low < -0.2 < found.effect.high
        broken = {int(one) for one in np.flatnonzero(falling.new < falling.old)}
        worst += sum(one.item in broken for one in found.items[:5])
        assert found.items == tuple(sorted(found.items, key=lambda one: one.z))
        assert found.after < found.before
        assert found.after - found.before == pytest.approx(found.effect.value)
        assert found.runs >= found.reruns
        assert found.detectable is not None
        assert 0.03 < found.detectable < 0.15
    assert right >= 19
    assert held >= 16
    assert worst >= 85


def test_without_an_alarm_there_is_a_band_and_no_report() -> None:
    state = fed(series(), 30)
    assert report(state) is None
    band = level(state)
    assert band is not None
    assert band.low < 0.8 < band.high
    assert level(detector.begin(3)) is None

"""Few false alarms, quick true ones, the right cause: a slice of `make trial NAME=drift`."""

from __future__ import annotations

import pytest

from bench import drift as trial

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", trial.BOUNDS)
def test_histories_keep_the_bounds(name: str) -> None:
    found = trial.histories(trial.SHAPES[name], years=3, falls=15, seed=7)
    assert trial.holds(name, found), found


def test_a_replay_names_the_right_cause() -> None:
    for cause in trial.CAUSES:
        found = trial.replayed(cause, items=50, runs=120, seed=7)
        assert trial.is_right_named(cause, found), (cause, found)
        assert trial.replayed(cause, items=20, runs=5, seed=7) == {"not enough items": 1.0}


def test_new_topics_are_seen_and_others_are_not() -> None:
    for kind in ("vectors", "texts"):
        for share in (0.0, 0.2):
            found = trial.differing(kind, share, windows=4, seed=3)
            assert trial.is_seen(share, found), (kind, share, found)

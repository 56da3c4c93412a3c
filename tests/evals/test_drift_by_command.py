"""`roadworthy engine drift` answers histories, and reads no future and no rerun in vain."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from evals.drift import detector
from evals.engines.drift import answer
from kit.cases import BadCase
from tests.evals.drifting import series


def history(*, falls: int = 40, days: int = 50, seed: int = 1, **shape: Any) -> dict[str, Any]:
    of = series(falls=falls, seed=seed, **shape)
    return {
        "id": f"s{seed}", "scale": [0, 1] if of.shape.kind == "passes" else [1, 5],
        "baseline": [of.run(-1).tolist() for _ in range(7)],
        "days": [[of.run(day).tolist() for _ in range(4)] for day in range(days)],
    }  # fmt: skip


def test_a_drop_is_found_on_its_day_and_the_detector_carries_on() -> None:
    cases = [history(seed=seed) for seed in range(5)] + [history(seed=9, kind="scores", shift=0.3)]
    found = answer({"series": cases})
    assert set(found) == {"s0", "s1", "s2", "s3", "s4", "s9"}
    for one in found.values():
        assert next(day for day in one["alarms"] if day >= 40) in (40, 41, 42)
        assert 0 < one["reruns"] < 40


def test_what_comes_later_and_reruns_that_were_not_wanted_change_nothing() -> None:
    case = history(days=60)
    whole = answer({"series": [case]})["s1"]
    cut = answer({"series": [case | {"days": case["days"][:45]}]})["s1"]
    assert cut["alarms"] == [day for day in whole["alarms"] if day < 45]
    read = 0
    days = case["days"][:45]
    for day in days[38:]:
        for place in range(1, 4):
            spoiled = [*day]
            spoiled[place] = "not read"
            changed = [spoiled if one is day else one for one in days]
            try:
                assert answer({"series": [case | {"days": changed}]})["s1"] == cut
            except BadCase:
                read += 1
    assert 0 < read < 7 * 3
    before = answer({"series": [case | {"days": days[:38]}]})["s1"]["reruns"]
    assert read == cut["reruns"] - before


def test_days_without_runs_and_items_without_scores_are_missed() -> None:
    case = history(days=45)
    case["days"][3], case["days"][4], case["days"][5] = [], [None], [[None] * 50]
    case["days"][6][0][:5] = [None] * 5
    assert answer({"series": [case]})["s1"]["alarms"][-1] >= 40


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cases": []}, '"series"'), ({"series": [3]}, "an object with an id"),
        ({"series": [{"id": "a"}]}, "baseline must be a list"),
        ({"series": [{"id": "a", "baseline": [[1]]}]}, "at least two runs"),
        ({"series": [{"id": "a", "baseline": [[1], [0]]}]}, "days must be a list"),
        ({"series": [{"id": "a", "baseline": [[1], [0]], "days": [3]}]}, "a list of runs"),
        ({"series": [{"id": "a", "baseline": [[1], [0, 1]], "days": []}]}, "1 items, not 2"),
        ({"series": [{"id": "a", "baseline": [[], []], "days": []}]}, "at least one item"),
        ({"series": [{"id": "a", "scale": [1], "baseline": [[1], [0]]}]}, "two numbers"),
        ({"series": [{"id": "a", "scale": [1, 1], "baseline": [[1], [1]], "days": []}]}, "lower"),
        ({"series": [{"id": "a", "baseline": [[7], [0]], "days": []}]}, "between 0 and 1"),
    ],
)  # fmt: skip
def test_refusals_say_what_is_wrong(given: Any, said: str) -> None:
    with pytest.raises(BadCase, match=said):
        answer(given)


def test_the_command_reads_and_writes_json_without_django() -> None:
    script = (
        "import sys; sys.argv = ['roadworthy', 'engine', 'drift']\n"
        "from config.cli import main\n"
        "try: main()\n"
        "finally: print('django' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps({"series": [history()]}).encode(),
        capture_output=True, env={}, check=True,
    )  # fmt: skip
    assert set(json.loads(done.stdout)["s1"]) == {"alarms", "reruns"}
    assert done.stderr.decode().strip() == "False"
    assert detector.begin(1).is_calibrating

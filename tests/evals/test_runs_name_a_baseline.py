"""A run names its baseline: in a plan, over REST, pushed; what cannot be one is refused."""

from __future__ import annotations

import json

import pytest

from accounts.models import Project
from evals.queries.planning import BadPlan
from evals.services.experiments import start_experiment
from evals.values.plans import Plan
from tests.evals.pairs import BEATEN, BEATS, planned
from tests.evals.planned import planned_dataset, questions
from tests.evals.ran import make_experiment
from tests.evals.running import run, upstream
from tests.factories import Key, make_project
from tests.prompts.asking import Api
from tests.provider import ANSWER, Provider

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_what_cannot_be_a_baseline_is_refused_in_words(
    project: Project, upstream: Provider
) -> None:
    plan, baseline = planned(project, upstream, [[BEATEN]])
    elsewhere = planned_dataset(project, questions(1), "other")
    strange = make_project("strange", "strange")
    running = make_experiment(project, plan.dataset, state="running")
    for changes, words in (
        ({"dataset": elsewhere}, "Run 1 is not over this dataset."),
        ({"baseline": make_experiment(strange)}, "There is no such run here"),
        ({"baseline": running}, "Run 2 is not over yet"),
        ({"evaluators": []}, "Nothing would compare with run 1"),
        ({"purpose": "gate"}, "no such judge can be calibrated"),
    ):
        with pytest.raises(BadPlan, match=words):
            start_experiment(project, Plan(**{**vars(plan), **changes}), actor=None)
    assert baseline.number == 1


def test_over_rest_a_run_names_its_baseline(project: Project, upstream: Provider, key: Key) -> None:
    plan, _ = planned(project, upstream, [[BEATEN], [BEATS], [BEATEN]])
    api = Api(headers=key.headers)
    asked = {
        "dataset": plan.dataset.name, "prompt": {"name": plan.prompt_version.prompt.name},
        "evaluators": [{"name": "preferred"}], "baseline": 1,
    }  # fmt: skip
    for wrong in (99, "x", -1):
        assert "baseline" in json.dumps(api.post("experiments", {**asked, "baseline": wrong}, 400))
    made = api.post("experiments", asked)
    assert (made["number"], made["baseline"], made["comparisons"]) == (2, 1, [])
    run()
    (told,) = api.get("experiments/2")["comparisons"]
    assert {name: told[name] for name in ("wins", "ties", "losses", "without_counterpart")} == {
        "wins": 2, "ties": 0, "losses": 1, "without_counterpart": 1,
    }  # fmt: skip
    assert told["low"] < told["win_rate"] < told["high"]
    scores = [one["scores"][0] for one in api.get("experiments/2/results")["data"]]
    assert scores[0]["compared_with"] == {"experiment": 1, "repeat": 1}
    assert scores[3]["compared_with"] is None
    assert api.get("experiments/1")["baseline"] is None


def test_what_a_runner_pushed_is_compared_once_it_is_finished(
    project: Project, upstream: Provider, key: Key
) -> None:
    plan, _ = planned(project, upstream, [[BEATEN], [BEATS]])
    api = Api(headers=key.headers)
    asked = {
        "origin": "pushed", "dataset": plan.dataset.name, "baseline": 1,
        "evaluators": [{"name": "preferred"}],
    }  # fmt: skip
    refused = api.post("experiments", {**asked, "evaluators": []}, 400)
    assert "choose a pairwise judge" in json.dumps(refused)
    assert api.post("experiments", asked)["baseline"] == 1
    results = [{"item": f"g-000{place}", "output": ANSWER} for place in range(2)]
    api.post("experiments/2/results", {"results": results, "finish": True}, 200)
    run()
    (told,) = api.get("experiments/2")["comparisons"]
    assert (told["wins"], told["losses"], told["win_rate"]) == (1, 1, 0.5)

"""Experiments over REST: run, read, pushed by somebody else's runner."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import Project
from evals.models import Experiment
from evals.queries.paired import outcomes
from evals.running.runner import run_due
from gateway import client
from tests.evals.planned import connected, contains, planned_dataset, questions
from tests.evals.running import in_a_thread, run
from tests.factories import Key, make_key
from tests.prompts.asking import Api
from tests.prompts.making import chat, make_version
from traces.models import Score, Span

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api(key: Key) -> Api:
    return Api(headers=key.headers)


def furnished(project: Project) -> None:
    connected(project)
    planned_dataset(project, questions(4), name="golden/refunds")
    make_version(project, "refund-agent", chat(("user", "{{question}}"), model="gpt-4o-mini"))
    contains(project, "says-way")


ASKED: dict[str, Any] = {
    "dataset": "golden/refunds",
    "prompt": {"name": "refund-agent"},
    "evaluators": [{"name": "says-way"}],
    "repeats": 2,
}


@commits
def test_an_experiment_is_run_read_and_deleted(project: Project, api: Api) -> None:
    furnished(project)
    assert api.post("experiments/estimate", ASKED, 200)["calls"] == 8
    made = api.post("experiments", {**ASKED, "name": "First"})
    assert made["state"] == "due"
    assert made["evaluators"] == [{"name": "says-way", "kind": "code", "version": 1}]
    run()
    client.close()
    read = api.get("experiments/1")
    assert (read["state"], read["progress"]["done"], read["progress"]["judged"]) == ("done", 8, 8)
    assert read["figures"]["scores"][0]["name"] == "says-way"
    listed = api.get("experiments?dataset=golden/refunds")
    assert [one["name"] for one in listed["data"]] == ["First"]
    first = api.get("experiments/1/results?limit=5")
    rest = api.get(f"experiments/1/results?limit=5&cursor={first['next_cursor']}")
    assert len(first["data"]) == 5
    assert len(rest["data"]) == 3
    assert rest["next_cursor"] is None
    one = first["data"][0]
    assert one["input"] == {"question": "Where is order 0?"}
    assert one["scores"][0]["name"] == "says-way"
    assert one["trace_id"]
    api.post("experiments/1/cancel", {}, 409)
    api.delete("experiments/1")
    api.get("experiments/1", 404)


def pushed(**more: Any) -> dict[str, Any]:
    return {
        "item": "golden/refunds-0001",
        "output": "It is on its way.",
        "duration_ms": 812.5,
        "cost_usd": "0.00031",
        "input_tokens": 120,
        "output_tokens": 30,
        "scores": [
            {"name": "faithfulness", "value": 0.9, "reason": "All is said.", "passed": True},
            {"name": "tone", "value": "polite"},
        ],
        **more,
    }


@commits
def test_results_are_pushed_and_pushed_again(project: Project, api: Api) -> None:
    furnished(project)
    body = {"origin": "pushed", "id": "run-7", "dataset": "golden/refunds", "name": "Nightly"}
    assert api.post("experiments", body)["number"] == 1
    assert api.post("experiments", body)["number"] == 1
    own = pushed(item="mine", input="?", trace_id="a-trace", scores=[])
    for score in (0.5, 0.9):
        results = [pushed(), pushed(repeat=2, scores=[{"name": "faithfulness", "value": score}])]
        told = api.post("experiments/1/results", {"results": [*results, own]}, 200)
    experiment = Experiment.objects.get()
    assert told["stored"] == 3
    assert (experiment.total, experiment.done, experiment.judged) == (3, 3, 3)
    assert outcomes(experiment, "faithfulness").values == ((0.9, 0.9),)
    row = experiment.results.get(item_key="golden/refunds-0001", repeat=1)
    assert row.revision is not None
    assert row.cost_nano == 310_000
    span = Span.objects.get(project_id=project.pk, trace_id=row.trace_id)
    assert (span.environment, span.duration_us, span.cost_nano) == (
        "sdk-experiment", 812_500, 310_000,
    )  # fmt: skip
    assert not Span.objects.filter(trace_id="a-trace").exists()
    scores = Score.objects.filter(project_id=project.pk, run_id="run-7")
    assert scores.count() == 3
    assert experiment.state == Experiment.State.RUNNING
    assert api.post("experiments/1/finish", {}, 200)["state"] == "done"


@commits
def test_what_is_pushed_is_judged_here_too(project: Project, api: Api) -> None:
    furnished(project)
    body = {"origin": "pushed", "name": "x", "evaluators": [{"name": "says-way"}]}
    api.post("experiments", body)
    told = api.post(
        "experiments/1/results",
        {"results": [pushed(), pushed(item="b", output="No.")], "finish": True},
        200,
    )
    assert told["experiment"]["state"] == "due"
    in_a_thread(run_due)
    experiment = Experiment.objects.get()
    assert (experiment.state, experiment.error) == ("done", "")
    assert outcomes(experiment, "says-way").means == (0.0, 1.0)
    assert Score.objects.filter(name="says-way").count() == 2


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("", {**ASKED, "dataset": "none"}, "no dataset"),
        ("", {**ASKED, "prompt": {"name": "refund-agent", "version": 9}}, "has no v9"),
        ("", {**ASKED, "evaluators": [{"name": "none"}]}, "no version in use"),
        ("", {**ASKED, "repeats": 10**9}, "100"),
        ("", {**ASKED, "slices": ["none"]}, "No item"),
        ("", {**ASKED, "oddity": 1}, "No such field"),
        ("", {**ASKED, "name": "a\0b"}, "Null characters"),
        ("/1/results", {"results": []}, "not be empty"),
        ("/1/results", {"results": [pushed(scores=[{"name": "x", "value": [1]}])]}, "A number"),
        ("/1/results", {"results": [pushed(scores=[{"name": " ", "value": 1}])]}, "blank"),
        ("/1/results", {"results": [pushed(duration_ms=-1)]}, "greater"),
        ("/1/results", {"results": [pushed(scores=[{"name": "n", "value": ""}])]}, "category"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    project: Project, api: Api, path: str, body: dict[str, Any], said: str
) -> None:
    furnished(project)
    api.post("experiments", {"origin": "pushed", "name": "x"})
    refused = api.post(f"experiments{path}", body, 400)
    assert said in json.dumps(refused)


@commits
def test_odd_content_is_kept_without_what_cannot_be(project: Project, api: Api) -> None:
    furnished(project)
    api.post("experiments", {"origin": "pushed", "name": "x"})
    told = api.post("experiments/1/results", {"results": [pushed(output={"a\0": "b\0"})]}, 200)
    assert told["stored"] == 1
    assert Experiment.objects.get().results.get().output == {"a": "b"}


def test_a_key_needs_its_scope(project: Project) -> None:
    furnished(project)
    reads = Api(headers=make_key(project, scopes=["read"]).headers)
    reads.get("experiments")
    reads.post("experiments", ASKED, 403)
    nothing = Api(headers=make_key(project, scopes=["ingest"]).headers)
    nothing.get("experiments", 403)

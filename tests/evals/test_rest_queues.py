"""Review queues over REST: programs fill them, people label."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Project, User
from evals.services.calibrating import calibrate
from tests.evals.labelled import TABLE, calibrated, make_judge, make_queue, say, states
from tests.factories import Key
from tests.prompts.asking import Api
from tests.traces.seeing import call, store

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(key: Key) -> Api:
    return Api(headers=key.headers)


def test_a_program_makes_and_fills_a_queue(api: Api, project: Project) -> None:
    make_judge(project)
    made = api.post(
        "queues",
        {
            "name": "Weekly", "evaluator": "faithfulness", "people_each": 2, "blind": False,
            "fields": [{"name": "tone", "data_type": "category", "categories": ["warm", "cold"]}],
        },
    )  # fmt: skip
    assert [one["name"] for one in made["fields"]] == ["faithfulness", "tone"]
    store(project, call("t1", input="Why?", output="So."), call("t2"))
    at = f"queues/{made['id']}"
    sent = {"traces": ["t1", "unknown"]}
    assert api.post(f"{at}/items", sent, 200) == {"added": 1, "known": 0, "missing": 1}
    sampled = api.post(f"{at}/items", {"reason": "sampled", "evaluator": ""}, 200)
    assert sampled["added"] == 0  # the judge judged nothing
    (item,) = api.get(f"{at}/items?state=open")["data"]
    assert item["snapshot"]["output"] == "So."
    assert api.get(at)["open"] == 1
    assert [one["name"] for one in api.get("queues")["data"]] == ["Weekly"]


def test_only_people_label(api: Api, project: Project, bob: User) -> None:
    queue = make_queue(project, traces=1)
    at = f"queues/{queue.pk}"
    assert "Labels come from people" in api.post(f"{at}/next", None, 403)["detail"]
    person = Api(user=bob)
    item = person.post(f"{at}/next", None, 200)
    label = {"labels": [{"name": "tone", "value": "warm", "reason": "Kind"}], "seconds": 3}
    api.post(f"{at}/items/{item['id']}/labels", label, 403)
    done = person.post(f"{at}/items/{item['id']}/labels", label, 200)
    assert done["state"] == "done"
    assert states(queue) == ["done"]
    assert person.post(f"{at}/next", None, 204) is None
    (kept,) = api.get("labels?name=tone")["data"]
    assert (kept["author"], kept["value"], kept["reason"]) == (bob.email, "warm", "Kind")


def test_odd_input_is_refused_in_words(api: Api, project: Project, bob: User) -> None:
    queue = make_queue(project, traces=1)
    at = f"queues/{queue.pk}"
    for body in (
        {}, {"traces": []}, {"traces": ["a"], "reason": "sampled"}, {"traces": ["\0"]},
        {"reason": "because"}, {"reason": "sampled", "most": 10**9}, {"traces": [{"a": 1}]},
        {"reason": "sampled", "evaluator": "none"}, {"reason": "sampled", "experiment": 9},
    ):  # fmt: skip
        api.post(f"{at}/items", body, 400)
    for body in ({"name": ""}, {"name": "x"}, {"name": "x\0"}, {"name": "x", "fields": [{}]}):
        api.post("queues", body, 400)
    person = Api(user=bob)
    item = person.post(f"{at}/next", None, 200)["id"]
    for value in (None, [], {}, "", "tepid", 3):
        body = {"labels": [{"name": "tone", "value": value}]}
        person.post(f"{at}/items/{item}/labels", body, 400)
    person.post(f"{at}/items/{item}/labels", {"labels": [{"name": "x", "value": 1}]}, 400)
    person.post(f"{at}/items/999/labels", {"labels": [{"name": "tone", "value": "warm"}]}, 404)
    api.get("queues/99999999999999999999", 404)
    api.get("labels?name=%00", 400)


def test_judges_say_whether_they_may_gate(api: Api, project: Project, bob: User) -> None:
    judge = make_judge(project)
    calibrated(judge, bob, TABLE)
    calibrate(judge.pk)
    make_judge(project, "support/tone")
    first, second = api.get("judges")["data"]
    assert (first["judge"], first["may_gate"], first["labels"]) == ("faithfulness", True, 130)
    assert (second["state"], second["kappa"]) == ("uncalibrated", None)
    one = api.get("judges/faithfulness?version=1")
    assert one["figures"]["confusion"] == [[59, 5, 1], [5, 22, 3], [1, 4, 30]]
    assert "disagreements" not in one["figures"]
    assert api.get("judges/support%2Ftone")["version"] == 1
    api.get("judges/faithfulness?version=2", 404)
    api.get("judges/none", 404)
    say(judge, "t", "faithful")
    assert Client().get("/api/v1/judges").status_code == 401

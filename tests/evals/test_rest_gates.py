"""Gates over REST: proposed, decided by persons, asked with a wait, and read."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Project, Scope, User
from evals.models import Gate
from tests.evals.gating import answer, approved_gate, golden, good_or_bad
from tests.evals.planned import MODEL, connected
from tests.factories import make_key
from tests.prompts.asking import Api, where
from tests.prompts.making import chat, make_reviewer, make_version, serve

pytestmark = pytest.mark.django_db
BODY: dict[str, Any] = {
    "prompt": "refund-agent", "dataset": "golden", "dataset_version": 1,
    "evaluators": [{"name": "contains", "version": 1}],
    "guards": [{"metric": "cost", "margin": 0.2}], "cost_cap_usd": "2.50",
}  # fmt: skip


@pytest.fixture
def api(project: Project) -> Api:
    return Api(headers=make_key(project, scopes=[Scope.EVALS]).headers)


@pytest.fixture
def served(project: Project) -> None:
    """v1 serves, v2 is there; experiments could run."""
    connected(project)
    golden(project)
    for said in ("{{question}}", "{{question}} Be brief."):
        version = make_version(project, content=chat(("user", said), model=MODEL))
    serve(version.prompt, 1)


def test_a_gate_is_proposed_by_a_key_and_approved_by_a_person(
    project: Project, api: Api, served: None, bob: User
) -> None:
    made = api.post("gates", {**BODY, "reason": "Golden cases"})
    assert (made["state"], made["weakens"], made["before"]) == ("open", [], None)
    assert made["after"]["guards"] == [
        {"metric": "cost", "margin": 0.2, "kind": "relative", "limit": None}
    ]
    assert made["after"]["cost_cap_usd"] == "2.5"
    at = f"gate-proposals/{made['id']}"
    assert "A person decides" in api.post(f"{at}/approve", status=403)["detail"]
    engineer = Api(user=bob)
    assert "role reviewer" in engineer.post(f"{at}/approve", status=403)["detail"]
    reviewer = Api(user=make_reviewer(project, "ada"))
    assert reviewer.post(f"{at}/approve", {"note": "Good"}, 200)["state"] == "approved"
    told = api.get("gates")["data"][0]
    assert (told["prompt"], told["environment"], told["revision"]) == (
        "refund-agent", "production", 1,
    )  # fmt: skip
    one = api.get(f"gates/{told['id']}")
    assert (one["sight"]["items"], one["sight"]["is_guess"]) == (80, True)
    assert one["sight"]["mde"] == pytest.approx(2.8016 * 0.4 / 80**0.5, rel=1e-3)
    looser = api.post("gates", {**BODY, "margin": 0.5})
    assert looser["weakens"] == ["The margin grows from 0.03 to 0.5."]
    reviewer.post(f"gate-proposals/{looser['id']}/reject", {}, 400)
    reviewer.post(f"gate-proposals/{looser['id']}/reject", {"note": "No"}, 200)
    assert [one["state"] for one in api.get("gate-proposals")["data"]] == ["rejected", "approved"]


def test_one_call_asks_and_another_reads_the_answer(
    project: Project, api: Api, served: None
) -> None:
    from prompts.queries.resolving import get_prompt

    prompt = get_prompt(project.pk, "refund-agent")
    assert prompt is not None
    gate = approved_gate(prompt)
    asked = {"prompt": "refund-agent", "version": 2}
    begun = api.post("gates/run", asked, 202)
    assert (begun["state"], begun["version"], begun["baseline"]) == ("running", 2, 1)
    assert api.post("gates/run", asked, 202)["id"] == begun["id"]
    answer(good_or_bad({1: 0.8, 2: 0.9}))
    told = api.get(f"gates/runs/{begun['id']}?wait=5")
    assert (told["state"], told["review"]) == ("pass", None)
    assert told["verdict"]["primary"]["change"] == pytest.approx(0.1)
    assert told["verdict"]["to_pass"]
    assert told["progress"] == {
        "answers": 160, "of_answers": 160, "verdicts": 0, "of_verdicts": 160,
    }  # fmt: skip
    assert told["url"].endswith(f"/gates/{gate.pk}/runs/{told['id']}/")
    assert [one["id"] for one in api.get(f"gates/{gate.pk}/runs")["data"]] == [told["id"]]
    assert api.get(f"gates/{gate.pk}")["run"]["state"] == "pass"
    other = api.post("gates/run", {"prompt": "refund-agent", "model": MODEL, "fresh": True}, 202)
    assert (other["version"], other["model"]) == (1, MODEL)
    assert api.post(f"gates/runs/{other['id']}/cancel", None, 200)["state"] == "cancelled"
    api.post(f"gates/runs/{other['id']}/cancel", None, 409)


def test_refusals_say_what_is_wrong(project: Project, api: Api, served: None) -> None:
    assert where(api.post("gates", {**BODY, "margin": "wide"}, 400)) == ["margin"]
    assert where(api.post("gates", {**BODY, "dataset": "silver"}, 400)) == ["dataset"]
    assert where(api.post("gates", {**BODY, "evaluators": []}, 400)) == ["evaluators"]
    assert where(api.post("gates", {**BODY, "guards": [{"metric": "beauty"}]}, 400)) != []
    api.post("gates", {**BODY, "prompt": "nobody"}, 404)
    assert (
        "has no gate"
        in api.post("gates/run", {"prompt": "refund-agent", "version": 2}, 404)["detail"]
    )
    Gate.objects.all().delete()
    api.get("gates/999999999999999999999", 404)
    api.get("gates/runs/7", 404)
    api.get("gate-proposals/7", 404)
    readers = Api(headers=make_key(project, scopes=[Scope.READ]).headers)
    readers.post("gates", BODY, 403)


def test_questions_that_stand_for_nothing(project: Project, api: Api, served: None) -> None:
    from prompts.queries.resolving import get_prompt

    prompt = get_prompt(project.pk, "refund-agent")
    assert prompt is not None
    approved_gate(prompt)
    ask = {"prompt": "refund-agent"}
    assert where(api.post("gates/run", ask, 400)) == ["version"]
    assert where(api.post("gates/run", {**ask, "version": 9}, 400)) == ["version"]
    assert where(api.post("gates/run", {**ask, "version": 2, "baseline": "moon"}, 400)) == [
        "baseline"
    ]
    assert "serves already" in api.post("gates/run", {**ask, "version": 1}, 409)["detail"]
    api.post("gates/run", {**ask, "version": 2, "baseline": "v1", "wait": 10_000}, 400)
    alone = api.post("gates/run", {**ask, "version": 2, "baseline": "none"}, 202)
    assert alone["baseline"] is None
    answer(good_or_bad({1: 0.8, 2: 0.9}))
    told = api.get(f"gates/runs/{alone['id']}")
    assert told["state"] == "error"
    assert "no bar" in told["error"]

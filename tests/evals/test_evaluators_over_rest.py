"""Evaluators over REST: made, versioned, proposed, tried; approved by people alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, Role
from evals.models import Evaluator
from tests.factories import Key, make_user
from tests.traces.seeing import store
from tests.traces.stored import span

pytestmark = pytest.mark.django_db
URL = "/api/v1/evaluators"
SIMILAR = {"kind": "code", "config": {"check": "similarity"}, "bar": 0.7}


@pytest.fixture
def api(key: Key) -> Client:
    return Client(headers=key.headers)


def post(api: Client, path: str, body: Any = None, status: int = 201) -> Any:
    response = api.post(f"{URL}{path}", body or {}, content_type="application/json")
    assert response.status_code == status, response.content
    return response.json()


def get(api: Client, path: str = "") -> Any:
    response = api.get(f"{URL}{path}")
    assert response.status_code == 200, response.content
    return response.json()


def test_one_is_made_read_listed_and_archived(
    api: Client, django_assert_max_num_queries: Any
) -> None:
    made = post(api, "", {"name": "rag/similar", **SIMILAR})
    assert made["current"]["config"]["measure"] == "token_f1"
    assert made["current"]["in_use"] is True
    assert get(api, "/rag/similar")["kind"] == "code"
    assert get(api, "/rag%2Fsimilar")["name"] == "rag/similar"
    patch = {"description": "Near?", "owner": "nobody@x.test"}
    one = f"{URL}/rag/similar"
    assert api.patch(one, patch, content_type="application/json").status_code == 400
    told = api.patch(one, {"description": "Near?"}, content_type="application/json").json()
    assert (told["description"], told["owner"]) == ("Near?", None)
    for number in range(5):
        post(api, "", {"name": f"more {number}", **SIMILAR})
    with django_assert_max_num_queries(4):
        first = get(api, "?limit=4")
    rest = get(api, f"?limit=4&cursor={first['next_cursor']}")
    assert len(first["data"] + rest["data"]) == 6
    assert api.delete(f"{URL}/rag/similar").status_code == 204
    assert get(api, "?search=rag")["data"] == []
    assert len(get(api, "?archived=true")["data"]) == 1
    assert api.get(f"{URL}/nothing").status_code == 404


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"name": "x"}, "kind"),
        ({"name": "x", "kind": "code", "config": {"check": "regex"}}, "config.pattern"),
        ({"name": "x", "kind": "code", "config": []}, "config"),
        ({"name": "x", "kind": "code", "config": None}, "config"),
        ({"name": "x", "kind": "judge", "config": {"rubric": "?"}}, "model"),
        ({"name": "a\0", **SIMILAR}, "name"),
        ({"name": "x", "template": "poem"}, "template"),
        ({"name": "x", **SIMILAR, "bar": 1e300}, "bar"),
        ({"name": "x", **SIMILAR, "colour": 1}, "colour"),
        ({"name": "x", **SIMILAR, "parameters": 5}, "parameters"),
    ],
)
def test_what_is_wrong_is_named(api: Client, body: dict[str, Any], where: str) -> None:
    response = api.post(URL, body, content_type="application/json")
    assert response.status_code == 400, response.content
    assert where in response.content.decode()
    assert not Evaluator.objects.exists()


def test_a_key_proposes_and_a_person_approves(api: Client, project: Project) -> None:
    post(api, "", {"name": "similar", **SIMILAR})
    version = post(api, "/similar/versions", {**SIMILAR, "bar": 0.5} | {"message": "Softer"}, 400)
    assert "kind" in str(version)  # a version has the kind of its evaluator
    body = {"config": {"check": "similarity"}, "bar": 0.5, "message": "Softer"}
    assert post(api, "/similar/versions", body)["state"] == "draft"
    assert post(api, "/similar/versions", body, 409)["status"] == 409
    made = post(api, "/similar/versions/2/propose", {"reason": "Too strict"})
    assert made["weakens"] == ["The bar is lower: 0.5 instead of 0.7."]
    path = f"/similar/proposals/{made['id']}"
    assert "person" in post(api, f"{path}/approve", status=403)["detail"]
    bob = make_user("bob@x.test", organization=project.organization, role=Role.REVIEWER)
    person = Client()
    person.force_login(bob)
    told = post(person, f"{path}/approve?project={project.slug}", {"note": "Fine"}, 200)
    assert (told["state"], told["decided_by"]) == ("approved", "bob@x.test")
    assert get(api, "/similar")["current"]["version"] == 2
    assert [one["version"] for one in get(api, "/similar/versions")["data"]] == [2, 1]
    assert get(api, "/similar/proposals")["data"][0]["note"] == "Fine"
    assert get(api, "/similar/versions/1")["in_use"] is False


def test_one_answer_is_tried(api: Client, project: Project) -> None:
    post(api, "", {"name": "similar", **SIMILAR})
    told = post(api, "/similar/test", {"output": "a b", "expected": "a c"}, 200)
    assert (told["num"], told["passed"], told["cost_nano"]) == (0.5, False, 0)
    assert post(api, "/similar/test", {"output": "a"}, 200)["num"] is None
    store(project, span("root", input="?", output="a b"))
    body = {"trace_id": "t1", "expected": "a b", "version": 1}
    assert post(api, "/similar/test", body, 200)["num"] == 1.0
    assert "trace" in str(post(api, "/similar/test", {"trace_id": "nothing"}, 400))
    assert post(api, "/similar/test", {"output": "x", "version": 9}, 404)["status"] == 404


def test_a_judge_is_made_from_a_template_and_a_secret_is_told_once(api: Client) -> None:
    kinds = api.get("/api/v1/evaluator-kinds").json()
    assert {one["kind"] for one in kinds["kinds"]} == {
        "code", "retrieval", "rag", "agent", "judge", "pairwise", "remote"
    }  # fmt: skip
    assert len(kinds["templates"]) == 6
    made = post(api, "", {"name": "tone", "template": "tone", "model": "gpt-4o-mini"})
    assert (made["kind"], made["template"], made["current"]["bar"]) == ("judge", "tone", 1.0)
    assert "No provider" in post(api, "/tone/test", {"output": "Hi."}, 200)["error"]
    remote = {"name": "mine", "kind": "remote", "config": {"url": "https://example.com/score"}}
    first = post(api, "", remote)["secret"]
    assert first.startswith("whsec_")
    assert "secret" not in get(api, "/mine")
    assert post(api, "/mine/secret", status=200)["secret"] != first
    assert post(api, "/tone/secret", status=409)["status"] == 409

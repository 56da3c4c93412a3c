"""Langfuse's addresses of prompts: what they refuse and how, and what SDKs never see."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import Project, Scope, User
from prompts.models import Prompt
from prompts.services.rolling import Plan, roll_out
from prompts.serving.counts import READS
from tests.factories import Key, make_key
from tests.prompts.making import (
    chat,
    make_request,
    make_reviewer,
    make_version,
    protect,
    serve,
    text,
)

pytestmark = pytest.mark.django_db

AT = "/api/public/v2/prompts"


@pytest.fixture
def call(key: Key) -> Any:
    def ask(method: str, path: str, body: Any = None) -> Any:
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(Client(), method)(path, headers=key.headers, **sent)

    return ask


def test_references_are_put_in_and_told(call: Any, project: Project) -> None:
    make_version(project, "deep", text("Deep."), labels=["production"])
    tag = "@@@langfusePrompt:name=deep|version=1@@@"
    make_version(project, "tone", text(f"Be kind. {tag}"), labels=["production"])
    make_version(project, "whole", chat(("system", "{{> tone}} Help.")), labels=["production"])
    told = call("get", f"{AT}/whole").json()
    assert told["prompt"] == [{"role": "system", "content": "Be kind. Deep. Help."}]
    graph = told["resolutionGraph"]
    assert graph["root"] == {"id": told["id"], "name": "whole", "version": 1}
    (tone,) = graph["dependencies"][told["id"]]
    (deep,) = graph["dependencies"][tone["id"]]
    assert (tone["name"], deep["name"], deep["version"]) == ("tone", "deep", 1)
    assert UUID(deep["id"])
    assert deep["id"] == call("get", f"{AT}/deep").json()["id"]
    raw = call("get", f"{AT}/whole?resolve=false").json()
    assert raw["prompt"] == [{"role": "system", "content": "{{> tone}} Help."}]
    assert raw["resolutionGraph"] is None
    make_version(project, "lost", text("{{> nowhere}}"), labels=["production"])
    broken = call("get", f"{AT}/lost")
    assert (broken.status_code, "there is no nowhere" in broken.json()["message"]) == (400, True)


BAD: list[tuple[Any, str]] = [
    ([], "Expected `object`"),
    ({"prompt": "x"}, "missing required field `name`"),
    ({"name": "a", "prompt": "x", "labels": "production"}, "labels: Expected `array"),
    ({"name": "a", "prompt": "x", "labels": ["No Way"]}, "lower-case letters"),
    ({"name": "a/versions", "prompt": "x"}, "does not end in"),
    ({"name": "a", "prompt": "x", "type": "poem"}, "type: Invalid enum value"),
    ({"name": "a", "prompt": 5}, "prompt: A text prompt is one text."),
    ({"name": "a", "prompt": [{"role": "user"}], "type": "chat"}, "prompt[0].content"),
    ({"name": "a", "prompt": "x\0y"}, "NUL"),
    ({"name": "a", "prompt": "x", "config": [1]}, "config: This is an object."),
    ({"name": "chat", "prompt": "x"}, "is a chat prompt"),
    ({"name": "me", "prompt": "{{> me}}"}, "come into itself"),
]


def test_what_cannot_be_created_is_named_and_leaves_nothing(call: Any, project: Project) -> None:
    make_version(project, "chat", chat())
    for body, told in BAD:
        response = call("post", AT, body)
        assert response.status_code == 400, body
        assert response.json()["error"] == "InvalidRequestError"
        assert told in response.json()["message"], (body, response.json())
    assert list(Prompt.objects.values_list("name", flat=True)) == ["chat"]


def test_a_rollout_is_not_seen_by_reads_without_a_key(
    call: Any, project: Project, bob: User
) -> None:
    READS.take()
    request = make_request(project, bob, label="staging")
    roll_out(request, Plan(share=5_000), actor=bob)
    told = call("get", f"{AT}/refund-agent?label=staging").json()
    assert (told["version"], told["labels"]) == (1, ["staging"])
    read = {(key[2], key[3], key[4]) for key in READS.take()}
    assert read == {("staging", 1, False)}
    # Nor can anything of theirs end it.
    moved = call("patch", f"{AT}/refund-agent/versions/2", {"newLabels": ["staging"]})
    assert moved.status_code == 400
    assert "A rollout of staging runs" in moved.json()["message"]


def test_deleting_archives_what_nothing_points_at(call: Any, project: Project) -> None:
    prompt = make_version(project).prompt
    make_version(project, content=text("two"))
    serve(prompt, 1, "staging")
    for at in ("", "?version=1", "?label=staging"):
        refused = call("delete", f"{AT}/refund-agent{at}")
        assert refused.status_code == 400, at
        assert "the label staging points at it" in refused.json()["message"]
    deleted = call("delete", f"{AT}/refund-agent?label=latest")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert call("get", f"{AT}/refund-agent?label=latest").json()["version"] == 1
    assert call("delete", f"{AT}/refund-agent?version=2").status_code == 404
    assert call("get", f"{AT}/refund-agent?version=1&label=staging").status_code == 400
    assert prompt.versions.count() == 2


def test_a_protected_label_is_refused_with_the_page_that_proposes_it(
    call: Any, project: Project, alice: User
) -> None:
    make_reviewer(project, "jun")
    prompt = make_version(project).prompt
    asked = {"name": "refund-agent", "prompt": "x", "labels": ["canary", "production"]}
    changed = {"newLabels": ["canary", "production"]}
    for response in (
        call("post", AT, asked),
        call("post", "/api/public/prompts", {"name": "a", "prompt": "x", "isActive": True}),
        call("patch", f"{AT}/refund-agent/versions/1", changed),
    ):
        assert response.status_code == 403
        assert "/p/support/reviews/new/?prompt=" in response.json()["message"]
    assert (prompt.versions.count(), prompt.labels.count(), Prompt.objects.count()) == (1, 0, 1)


def test_the_list_is_narrowed_and_paged(call: Any, project: Project) -> None:
    for name in ("a", "b/c", "b/d"):
        make_version(project, name, tags=[name[:1]], labels=["staging"] if name != "a" else [])
    names = lambda query: [row["name"] for row in call("get", f"{AT}?{query}").json()["data"]]  # noqa: E731
    assert names("tag=b") == ["b/c", "b/d"]
    assert names("label=staging&limit=1&page=2") == ["b/d"]
    assert names("label=latest&name=a") == ["a"]
    assert names("fromUpdatedAt=2100-01-01T00:00:00Z") == []
    assert call("get", f"{AT}?limit=2").json()["meta"] == {
        "page": 1, "limit": 2, "totalItems": 3, "totalPages": 2
    }  # fmt: skip


def test_the_address_before_v2(call: Any, project: Project) -> None:
    made = call("post", "/api/public/prompts", {"name": "a b", "prompt": "x", "isActive": True})
    assert (made.status_code, made.json()["isActive"]) == (201, True)
    read = call("get", "/api/public/prompts?name=a%20b&version=1").json()
    assert (read["prompt"], read["isActive"], read["id"]) == ("x", True, made.json()["id"])
    assert call("get", "/api/public/prompts?name=none").status_code == 404
    assert call("get", "/api/public/prompts").status_code == 400


def test_a_key_needs_the_scope_of_prompts(project: Project) -> None:
    protect(project)
    reader = make_key(project, scopes=[Scope.READ, Scope.INGEST])
    for method in ("get", "post"):
        response = getattr(Client(), method)(AT, headers=reader.headers)
        assert response.status_code == 403
        assert "lacks the scope 'prompts'" in response.json()["message"]

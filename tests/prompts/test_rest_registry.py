"""Prompts and versions over REST: made, read, listed, described, compared, archived."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from accounts.models import Project, Role, Scope, User
from prompts.models import Prompt
from tests.factories import Key, make_key
from tests.prompts.asking import Api, where
from tests.prompts.making import chat, make_reviewer, make_version, serve, text
from tests.traces.serving import Web

pytestmark = pytest.mark.django_db

CHAT = {
    "prompt": [
        {"role": "system", "content": "Be {{tone}}. {{> rules#staging}}"},
        {"type": "placeholder", "name": "history"},
    ],
    "tools": [{"type": "function", "function": {"name": "refund"}}],
    "response_schema": {"type": "object"},
    "model": "gpt-4o",
    "parameters": {"temperature": 0.2},
    "config": {"route": ["eu"]},
    "message": "first",
}


def test_a_version_comes_back_as_it_was_sent(api: Api, project: Project) -> None:
    make_version(project, "rules", text("No dates."), labels=["staging"])
    sent = {"name": "support/agent one", **CHAT, "labels": ["staging"], "tags": ["a"]}
    made = api.post("prompts", sent)
    assert {name: made[name] for name in CHAT} == CHAT
    assert (made["version"], made["type"], made["parent"]) == (1, "chat", None)
    assert (made["labels"], made["variables"]) == (["staging", "latest"], ["tone"])
    assert made["references"] == [{"name": "rules", "version": None, "label": "staging"}]
    assert (made["author"], made["origin"]) == ("key tests", "api")
    at = "prompts/support%2Fagent%20one"
    assert api.get(f"{at}/versions/1") == made
    assert api.get(f"{at}?label=staging")["served"]["why"] == "staging is on v1."
    second = api.post(f"{at}/versions", {"prompt": CHAT["prompt"], "description": "Of refunds"})
    assert (second["version"], second["parent"], second["labels"]) == (2, 1, ["latest"])
    listed = api.get(f"{at}/versions?limit=1")
    assert ([row["version"] for row in listed["data"]], "prompt" in listed["data"][0]) == (
        [2],
        False,
    )
    rest = api.get(f"{at}/versions?limit=1&cursor={listed['next_cursor']}")
    assert (rest["data"][0]["version"], rest["next_cursor"]) == (1, None)
    (row,) = api.get("prompts?folder=support")["data"]
    assert (row["name"], row["folder"], row["newest"], row["versions"]) == (
        "support/agent one",
        "support",
        2,
        2,
    )
    assert (row["tags"], row["description"], row["labels"][0]["version"]) == (
        ["a"],
        "Of refunds",
        1,
    )


BAD: list[tuple[Any, list[str]]] = [
    ([], ["non_field_errors"]),
    ({"prompt": "x"}, ["name"]),
    ({"name": "a", "prompt": "x", "lables": []}, ["lables"]),
    ({"name": "a/", "prompt": "x"}, ["name"]),
    ({"name": "a", "prompt": "x", "labels": ["No"]}, ["labels"]),
    (
        {"name": "a", "prompt": [{"role": "", "content": 1}]},
        ["prompt[0].role", "prompt[0].content"],
    ),
    ({"name": "a", "prompt": "x", "tools": {}, "config": []}, ["tools", "config"]),
    ({"name": "a", "prompt": "x", "model": "m" * 201}, ["model"]),
    ({"name": "a", "prompt": "x", "message": "\0"}, ["message"]),
    ({"name": "a", "prompt": "x\0"}, ["prompt"]),
    ({"name": "a", "prompt": "{{> a}}"}, ["prompt"]),
    ({"name": "a", "prompt": "x", "parent": 0}, ["parent"]),
]


def test_what_cannot_be_made_names_its_place_and_leaves_nothing(api: Api) -> None:
    for body, places in BAD:
        assert where(api.post("prompts", body, status=400)) == places, body
    assert not Prompt.objects.exists()
    assert "parent" not in api.post("prompts", {"name": "a", "prompt": "x", "parent": 9}, 409)
    refused = api.ask("post", "prompts", "[" * 5_000, 400)
    assert "not JSON" in refused["detail"]


def test_prompts_are_found(api: Api, project: Project) -> None:
    for name, tags in (("a/one", ["x"]), ("a/b/two", ["x", "y"]), ("three", [])):
        make_version(project, name, tags=tags)
    make_version(project, "gone")
    api.delete("prompts/gone")
    serve(Prompt.objects.get(name="three"), 1, "staging")

    def names(query: str) -> list[str]:
        return [row["name"] for row in api.get(f"prompts?{query}")["data"]]

    assert names("") == ["a/b/two", "a/one", "three"]
    assert names("folder=a") == ["a/b/two", "a/one"]
    assert names("tag=y") == ["a/b/two"]
    assert names("label=staging") == ["three"]
    assert names("search=ON") == ["a/one"]
    assert names("archived=true") == ["gone"]
    page = api.get("prompts?limit=2")
    assert names(f"limit=2&cursor={page['next_cursor']}") == ["three"]
    for query in ("folders=a", "limit=0", "cursor=x", "search=%00"):
        api.get(f"prompts?{query}", status=400)


def test_only_the_owner_or_an_admin_hands_a_prompt_over(
    project: Project, api: Api, alice: User, bob: User
) -> None:
    prompt = make_version(project, actor=alice).prompt
    engineer, admin = Api(user=bob), Api(user=alice)
    mine = {"owner": "bob@example.com"}
    assert "or an admin" in engineer.patch("prompts/refund-agent", mine, 403)["detail"]
    api.patch("prompts/refund-agent", mine, 403)
    assert engineer.patch("prompts/refund-agent", {"tags": ["t"]})["tags"] == ["t"]
    assert prompt.versions.get().tags == ["t"]
    assert admin.patch("prompts/refund-agent", mine)["owner"] == "bob@example.com"
    assert engineer.patch("prompts/refund-agent", {"owner": None})["owner"] is None
    for owner in ("charlie@example.com", ""):
        assert where(admin.patch("prompts/refund-agent", {"owner": owner}, 400)) == ["owner"]
    manager = make_key(project, scopes=[Scope.PROMPTS, Scope.ADMIN])
    assert (
        Api(headers=manager.headers).patch("prompts/refund-agent", mine)["owner"] == mine["owner"]
    )


def test_versions_are_compared(api: Api, project: Project) -> None:
    make_version(project, content=chat(("system", "Be kind.\nSay {{a}}."), ("user", "Hi")))
    make_version(project, content=chat(("system", "Be brief.\nSay {{b}}."), ("user", "Hi")))
    told = api.get("prompts/refund-agent/compare/1..2")
    assert (told["from"], told["to"], told["added"], told["removed"]) == (1, 2, 2, 2)
    assert told["variables"] == {"added": ["b"], "removed": ["a"], "kept": []}
    (part,) = told["parts"]
    row = part["rows"][0]
    assert (part["right_key"], row["kind"], row["left_no"]) == ("message/0", "changed", 1)
    assert [run["text"] for run in row["right"] if run["is_changed"]] == ["brief"]
    assert len(api.get("prompts/refund-agent/compare/1..2?whole=true")["parts"]) == 2
    api.get("prompts/refund-agent/compare/1..9", status=404)


def test_what_is_archived_stays_readable_and_what_is_used_stays(api: Api, project: Project) -> None:
    prompt = make_version(project).prompt
    make_version(project)
    serve(prompt, 1, "staging")
    told = api.delete("prompts/refund-agent/versions/1", status=409)
    assert "the label staging points at it" in told["detail"]
    api.delete("prompts/refund-agent", status=409)
    api.delete("prompts/refund-agent/versions/2")
    api.delete("prompts/refund-agent/versions/2")
    api.delete("prompts/refund-agent/versions/3", status=404)
    api.delete(f"prompts/refund-agent/versions/{10**30}", status=404)
    assert api.get("prompts/refund-agent/versions/2")["archived_at"]
    assert [row["version"] for row in api.get("prompts/refund-agent/versions")["data"]] == [1]
    both = api.get("prompts/refund-agent/versions?archived=true")["data"]
    assert [row["version"] for row in both] == [2, 1]


def test_who_may_do_what(project: Project, bob: User, charlie: User) -> None:
    make_version(project, "a")
    viewer = Api(user=make_reviewer(project, "vera", Role.VIEWER))
    assert viewer.get("prompts/a/versions/1")["version"] == 1
    for method, path in (("post", "prompts"), ("delete", "prompts/a"), ("patch", "prompts/a")):
        viewer.ask(method, path, {}, 403)
        Api(user=charlie).ask(method, path, {}, 404)
    reads = make_key(project, scopes=[Scope.READ, Scope.EVALS])
    Api(headers=reads.headers).get("prompts", status=403)
    assert Api(user=bob).post("prompts/a/versions", {"prompt": "y"})["author"] == "bob"


@pytest.mark.django_db(transaction=True)
def test_a_prompt_may_be_called_like_something_below_another(
    web: Web, project: Project, key: Key
) -> None:
    """Percent-encoded as a whole a name is a name; with a slash it is what stands below."""
    make_version(project, "a")
    make_version(project, "a/history")
    with httpx.Client(base_url=f"{web.url}/api/v1/prompts/", headers=key.headers) as client:
        assert client.get("a/history").json() == {"data": [], "next_cursor": None}
        described = client.patch("a%2Fhistory", json={"description": "Of orders"})
        assert (described.status_code, described.json()["name"]) == (200, "a/history")
        assert client.get("a%2Fhistory/versions/1").json()["name"] == "a/history"
        assert client.delete("a%2Fhistory").status_code == 204
    assert list(Prompt.objects.filter(archived_at=None).values_list("name", flat=True)) == ["a"]
    assert not web.complaints()

"""Discussions over REST: of lines and of the whole, resolved, and suggestions that are applied."""

from __future__ import annotations

import pytest

from accounts.models import Project, User
from prompts.models import ChangeRequest
from tests.prompts.asking import Api, where
from tests.prompts.making import SYSTEM, make_request, make_version, text

pytestmark = pytest.mark.django_db

AT = "change-requests/1/comments"
LINE = {"part": "prompt", "line": 3, "side": "new"}


@pytest.fixture
def change(project: Project, bob: User) -> ChangeRequest:
    return make_request(project, bob)


def test_a_line_is_discussed(api: Api, change: ChangeRequest, bob: User) -> None:
    begun = Api(user=bob).post(AT, {"body": "Why?", "place": LINE})
    assert (begun["place"], begun["now"], begun["is_outdated"]) == (LINE, LINE, False)
    assert (begun["line_text"], begun["version"]) == ("Never promise a day.", 2)
    at = f"{AT}/{begun['id']}"
    told = api.post(f"{at}/reply", {"body": "Because."})
    assert [(c["author"], c["body"]) for c in told["comments"]] == [
        ("bob", "Why?"),
        ("key tests", "Because."),
    ]
    assert api.post(f"{at}/resolve", status=200)["is_resolved"]
    assert not api.post(f"{at}/resolve", {"resolved": False}, 200)["is_resolved"]
    whole = api.post(AT, {"body": "Looks well."})
    assert (whole["place"], whole["is_outdated"]) == (None, False)
    assert [one["id"] for one in api.get(AT)["data"]] == [begun["id"], whole["id"]]
    assert api.get("change-requests/1")["threads"] == {"total": 2, "open": 1}
    # Another version moves the line down, or away.
    make_version(change.project, content=text("First.\n" + SYSTEM.replace("date", "day")))
    api.patch("change-requests/1", {"version": 3})
    assert api.get(AT)["data"][0]["now"] == {**LINE, "line": 4}
    make_version(change.project, content=text("Else."))
    api.patch("change-requests/1", {"version": 4})
    assert api.get(AT)["data"][0]["is_outdated"]


def test_a_suggestion_becomes_the_next_version(api: Api, change: ChangeRequest) -> None:
    begun = api.post(AT, {"place": LINE, "suggestion": "Promise nothing."})
    at = f"{AT}/{begun['id']}"
    version = api.post(f"{at}/apply")
    assert (version["version"], version["origin"]) == (3, "suggestion")
    assert version["prompt"].endswith("\nPromise nothing.")
    assert api.get("change-requests/1")["to"] == 3
    told = api.get(AT)["data"][0]
    assert (told["is_resolved"], told["comments"][0]["applied_as"]) == (True, 3)
    assert "already" in api.post(f"{at}/apply", status=409)["detail"]


def test_what_cannot_be_said_is_refused(api: Api, change: ChangeRequest) -> None:
    api.post(AT, {"body": " "}, 409)
    api.post(AT, {"body": "x", "place": {**LINE, "line": 9}}, 409)
    assert where(api.post(AT, {"body": "x", "place": {"part": "prompt"}}, 400)) == ["place.line"]
    api.post(AT, {"body": "x", "suggestion": "y"}, 409)
    begun = api.post(AT, {"body": "x"})
    api.post(f"{AT}/{begun['id']}/apply", status=404)
    api.post(f"{AT}/{begun['id'] + 1}/reply", {"body": "x"}, 404)

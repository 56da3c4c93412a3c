"""Change requests over REST: proposed, told with what blocks them, judged by persons alone."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Project, Role, Scope, User
from prompts.models import ChangeRequest
from tests.factories import make_key
from tests.prompts.asking import Api, where
from tests.prompts.making import (
    SYSTEM,
    make_request,
    make_reviewer,
    make_version,
    protect,
    serve,
    text,
)

pytestmark = pytest.mark.django_db

AT = "change-requests/1"


@pytest.fixture
def change(project: Project, alice: User, bob: User) -> ChangeRequest:
    """Bob asks to move production, which Alice owns and Jun may review, from v1 to v2."""
    protect(project, required_checks=["golden set"])
    return make_request(project, bob)


@pytest.fixture
def jun(project: Project, alice: User) -> Api:
    return Api(user=make_reviewer(project, "jun"))


def codes(told: Any, share: float = 100.0) -> list[str]:
    (step,) = [step for step in told["steps"] if step["share"] == share]
    return [blocker["code"] for blocker in step["blockers"]]


def test_a_proposal_says_what_it_needs(api: Api, project: Project, jun: Api) -> None:
    protect(project)
    prompt = make_version(project, "support/agent").prompt
    serve(prompt, 1)
    make_version(project, "support/agent", text("two"))
    asked = {
        "prompt": "support/agent",
        "version": 2,
        "title": "Two",
        "reviewers": ["jun@example.com"],
    }
    told = api.post("change-requests", asked)
    assert (told["number"], told["from"], told["to"], told["label"]) == (1, 1, 2, "production")
    assert (told["status"], told["author"], told["url"]) == (
        "open",
        "key tests",
        "/p/support/reviews/1/",
    )
    assert (told["approvals"], told["is_protected"]) == ({"given": 0, "needed": 2}, True)
    assert [(s["share"], s["approvals_needed"]) for s in told["steps"]] == [(10.0, 1), (100.0, 2)]
    assert told["steps"][0]["blockers"] == [
        {
            "code": "approvals",
            "text": "1 approval needed, 0 given. The author's own does not count.",
        }
    ]
    (reviewer,) = told["reviewers"]
    assert (reviewer["email"], reviewer["is_required"]) == ("jun@example.com", False)
    assert api.get(AT) == told
    assert "asks for this already" in api.post("change-requests", asked, 409)["detail"]
    for wrong, place in (
        ({"prompt": "none"}, "prompt"),
        ({"version": 9}, "version"),
        ({"label": "No Way"}, "label"),
        ({"reviewers": ["charlie@example.com"]}, "reviewers[0]"),
        ({"titel": "x"}, "titel"),
    ):
        assert where(api.post("change-requests", {**asked, **wrong}, 400)) == [place]
    api.get("change-requests/2", 404)


def test_only_persons_other_than_the_authors_approve(
    api: Api, change: ChangeRequest, jun: Api, alice: User, bob: User
) -> None:
    verdict = {"verdict": "approve", "version": 2}
    assert "not a key" in api.post(f"{AT}/reviews", verdict, 403)["detail"]
    told = Api(user=bob).post(f"{AT}/reviews", verdict, 403)
    assert "role reviewer" in told["detail"]
    bob.memberships.update(role=Role.REVIEWER)
    told = Api(user=bob).post(f"{AT}/reviews", verdict, 409)
    assert "other than the authors" in told["detail"]
    assert "proposes v2 now" in jun.post(f"{AT}/reviews", {**verdict, "version": 1}, 409)["detail"]
    revision = jun.get(AT)["revision"]
    made = jun.post(f"{AT}/reviews", {**verdict, "revision": revision, "note": "Good."})
    assert (made["verdict"], made["author"], made["version"]) == ("approved", "Jun", 2)
    stale = Api(user=alice).post(f"{AT}/reviews", {**verdict, "revision": revision}, 409)
    assert "changed since you opened it" in stale["detail"]
    assert "already" in jun.post(f"{AT}/reviews", verdict, 409)["detail"]
    # A newer version drops it.
    make_version(change.project, content=text(SYSTEM + "!"), actor=bob)
    told = api.patch(AT, {"version": 3, "title": "Louder"})
    assert (told["to"], told["title"], told["approvals"]["given"]) == (3, "Louder", 0)
    assert told["reviews"][0]["dropped"] == "v3 came after v2 was approved"


def test_a_refusal_stays_until_it_is_dismissed_by_another(
    api: Api, change: ChangeRequest, jun: Api, alice: User
) -> None:
    jun.post(f"{AT}/reviews", {"verdict": "comment", "version": 2}, 400)
    jun.post(f"{AT}/reviews", {"verdict": "comment", "version": 2, "note": "Hm."})
    refused = jun.post(f"{AT}/reviews", {"verdict": "request_changes", "version": 2})
    told = api.get(AT)
    assert (told["status"], codes(told)[0]) == ("changes_requested", "changes_requested")
    at = f"{AT}/reviews/{refused['id']}/dismiss"
    api.post(at, {"reason": "Away."}, 403)
    Api(user=alice).post(at, {}, 409)
    done = Api(user=alice).post(at, {"reason": "Away."}, 200)
    assert "Away." in done["dropped"]
    Api(user=alice).post(f"{AT}/reviews/{refused['id'] + 9}/dismiss", {"reason": "x"}, 404)
    assert "changes_requested" not in codes(api.get(AT))


def test_checks_are_reported_like_commit_statuses(
    api: Api, change: ChangeRequest, jun: Api, alice: User
) -> None:
    (lacking,) = api.get(f"{AT}/checks")["data"]
    assert (lacking["name"], lacking["id"], lacking["is_required"]) == ("golden set", None, True)
    check = {
        "name": "golden set",
        "state": "fail",
        "summary": "3 worse",
        "url": "https://ci.example.com/1",
        "rows": [{"name": "Correct", "old": 95, "new": "94"}],
    }
    made = api.post(f"{AT}/checks", check)
    assert (made["state"], made["version"], made["rows"][0]["old"]) == ("fail", 2, "95")
    told = jun.get(AT)
    assert "check" in codes(told, 10.0)
    assert told["gate"] == "fail"
    # Neither a person nor a key that only reads and proposes says that it passed.
    Api(user=alice).post(f"{AT}/checks", {**check, "state": "pass"}, 403)
    proposer = make_key(change.project, scopes=[Scope.PROMPTS])
    Api(headers=proposer.headers).post(f"{AT}/checks", {**check, "state": "pass"}, 403)
    for wrong, place in (
        ({"url": "javascript:alert(1)"}, "url"),
        ({"state": "green"}, "state"),
        ({"rows": [{"nam": "x"}]}, "rows[0].nam"),
        ({"rows": [{"name": "x"}] * 51}, "rows"),
    ):
        assert where(api.post(f"{AT}/checks", {**check, **wrong}, 400))[0] == place
    api.post(f"{AT}/checks", {**check, "version": 9}, 409)
    # The owner lets it pass, with a reason; a key does not.
    override = {"version": 2, "reason": "The set is wrong."}
    api.post(f"{AT}/override", override, 403)
    jun.post(f"{AT}/override", override, 409)
    told = Api(user=alice).post(f"{AT}/override", override, 200)
    assert told["override"]["reason"] == "The set is wrong."
    assert "check" not in codes(told)
    api.post(f"{AT}/checks", {**check, "state": "pass"})
    assert api.get(AT)["gate"] == "pass"


def test_drafts_open_and_what_is_closed_reopens(api: Api, project: Project, jun: Api) -> None:
    protect(project)
    prompt = make_version(project).prompt
    serve(prompt, 1)
    make_version(project, content=text("two"))
    told = api.post("change-requests", {"prompt": "refund-agent", "version": 2, "draft": True})
    assert (told["status"], codes(told)[0]) == ("draft", "draft")
    assert api.post(f"{AT}/open", status=200)["status"] == "open"
    api.post(f"{AT}/open", status=409)
    asked = api.post(f"{AT}/reviewers", {"reviewers": ["jun@example.com"]}, 200)["data"]
    assert [one["name"] for one in asked] == ["Jun"]
    assert api.get(f"{AT}/reviewers")["data"] == asked
    assert api.post(f"{AT}/close", {"reason": "Later."}, 200)["status"] == "closed"
    assert (
        "closed" in api.post(f"{AT}/reviewers", {"reviewers": ["jun@example.com"]}, 409)["detail"]
    )
    assert api.post(f"{AT}/reopen", status=200)["status"] == "open"
    # What serves moved meanwhile: the base is taken anew, and only the one that was named.
    make_version(project, content=text("three"))
    serve(prompt, 3)
    assert "moved" in codes(api.get(AT))
    assert "is on v3 now" in api.patch(AT, {"base": 1}, 409)["detail"]
    assert api.patch(AT, {"base": 3, "description": "Again."})["from"] == 3


def test_they_are_listed(
    api: Api, change: ChangeRequest, jun: Api, bob: User, project: Project
) -> None:
    jun_asked = api.post(f"{AT}/reviewers", {"reviewers": ["jun@example.com"]}, 200)
    assert len(jun_asked["data"]) == 1
    make_version(project, "other")
    api.post("change-requests", {"prompt": "other", "version": 1, "label": "staging"})

    def numbers(by: Api, query: str = "") -> list[int]:
        return [row["number"] for row in by.get(f"change-requests?{query}")["data"]]

    assert numbers(api) == [2, 1]
    assert numbers(api, "status=open&prompt=other") == [2]
    assert numbers(api, "label=production&which=open") == [1]
    assert numbers(api, "search=say") == [1]
    assert numbers(jun, "which=to_review") == [1]
    assert numbers(Api(user=bob), "which=mine") == [1]
    page = api.get("change-requests?limit=1")
    assert numbers(api, f"limit=1&cursor={page['next_cursor']}") == [1]
    assert page["data"][0]["approvals"] == {"given": 0, "needed": None}
    assert where(api.get("change-requests?which=mine", 400)) == ["which"]
    assert where(api.get("change-requests?state=open", 400)) == ["state"]

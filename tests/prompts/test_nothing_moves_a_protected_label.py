"""Whatever is sent to whatever address: a protected label stays until a review moves it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, User
from audit.models import AuditEntry
from prompts.models import Environment, Label, Prompt, Rollout
from prompts.serving.at_once import read_at_once
from tests.factories import Key
from tests.prompts.making import make_request, make_reviewer, make_version, protect, text

pytestmark = pytest.mark.django_db

REST, LANGFUSE = "/api/v1/", "/api/public/"
P, C = f"{REST}prompts/refund-agent", f"{REST}change-requests/1"
V2 = f"{LANGFUSE}v2/prompts"
ROLLOUT, APPROVE = f"{C}/rollout", {"verdict": "approve", "version": 2}
LABELLED = {"prompt": "x", "labels": ["staging", "production"]}
OFF = {"protected": False}
MOVE = "the-move"  # stands for the key of the move that brought the label where it is
STAGES = [{"share": 1, "soak_minutes": 1}, {"share": 100, "soak_minutes": 1}]

Call = tuple[str, str, Any]
# The last call of each is what must not succeed.
ATTEMPTS: dict[str, list[Call]] = {
    "a version made with the label": [("post", f"{P}/versions", LABELLED)],
    "a prompt made with the label": [("post", f"{REST}prompts", {**LABELLED, "name": "new"})],
    "the prompt made again with it": [
        ("post", f"{REST}prompts", {**LABELLED, "name": "refund-agent"})
    ],
    "the label put": [("put", f"{P}/labels/production", {"version": 2})],
    "the label put, spelled otherwise": [("put", f"{P}/labels/Production", {"version": 2})],
    "the label put, with a space": [("put", f"{P}/labels/production%20", {"version": 2})],
    "the label deleted": [("delete", f"{P}/labels/production", None)],
    "what serves archived": [("delete", f"{P}/versions/1", None)],
    "the prompt archived": [("delete", P, None)],
    "archived and made again": [
        ("delete", P, None),
        ("post", f"{REST}prompts", {**LABELLED, "name": "refund-agent"}),
    ],
    "rolled back to nowhere": [("post", f"{P}/rollback", {"label": "production"})],
    "a move undone that is no rollback": [("post", f"{P}/rollback/{MOVE}/undo", {})],
    "rolled out whole unapproved": [("post", ROLLOUT, {})],
    "rolled out a little unapproved": [("post", ROLLOUT, {"share": 0.01})],
    "rolled out by stages unapproved": [("post", ROLLOUT, {"stages": STAGES})],
    "rolled out as a test": [
        ("post", ROLLOUT, {"share": 50, "test": {"metric": "errors", "effect": 0.1}})
    ],
    "a rollout that never began raised": [("patch", ROLLOUT, {"share": 100})],
    "a rollout that never began completed": [("post", f"{ROLLOUT}/complete", {})],
    "a rollout that never began resumed": [("post", f"{ROLLOUT}/resume", {"reason": "x"})],
    "closed, reopened and rolled out": [
        ("post", f"{C}/close", {}),
        ("post", f"{C}/reopen", {}),
        ("post", ROLLOUT, {}),
    ],
    "pointed elsewhere and rolled out": [
        ("patch", C, {"version": 3}),
        ("post", ROLLOUT, {}),
    ],
    "proposed as a draft and rolled out": [
        ("post", f"{REST}change-requests", {"prompt": "refund-agent", "version": 3, "draft": True}),
        ("post", f"{REST}change-requests/2/rollout", {}),
    ],
    "approved by its author": [("post", f"{C}/reviews", APPROVE)],
    "waved through by its author": [("post", f"{C}/override", {"version": 2, "reason": "x"})],
    "the environment freed": [("put", f"{REST}environments/production", OFF)],
    "the environment deleted": [("delete", f"{REST}environments/production", None)],
    "the owners of folders changed": [
        ("put", f"{REST}folder-owners", {"owners": ["bob@example.com"]})
    ],
    "somebody else's approval delegated": [
        (
            "post",
            f"{REST}delegations",
            {
                "user": "jun@example.com",
                "delegate": "bob@example.com",
                "starts_at": "2026-01-01T00:00:00Z",
                "ends_at": "2099-01-01T00:00:00Z",
            },
        )
    ],
    "the prompt taken over": [("patch", P, {"owner": "bob@example.com"})],
    "Langfuse: a version made": [("post", V2, {**LABELLED, "name": "refund-agent"})],
    "Langfuse: a prompt made": [("post", V2, {**LABELLED, "name": "new"})],
    "Langfuse before v2": [
        ("post", f"{LANGFUSE}prompts", {"name": "refund-agent", "prompt": "x", "isActive": True})
    ],
    "Langfuse: labelled": [
        ("patch", f"{V2}/refund-agent/versions/2", {"newLabels": ["production"]})
    ],
    "Langfuse: deleted by label": [("delete", f"{V2}/refund-agent?label=production", None)],
    "Langfuse: deleted by version": [("delete", f"{V2}/refund-agent?version=1", None)],
    "Langfuse: deleted whole": [("delete", f"{V2}/refund-agent", None)],
}


@pytest.fixture
def prompt(project: Project, alice: User, bob: User) -> Prompt:
    """Production is on v1 from the start, v2 is asked for by Bob, Jun could approve it."""
    protect(project)
    make_reviewer(project, "jun")
    prompt = make_request(project, bob).prompt
    make_version(project, content=text("three"))
    return prompt


@pytest.mark.parametrize("who", ["key", "engineer"])
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_it_stays(
    prompt: Prompt, key: Key, bob: User, project: Project, attempt: str, who: str
) -> None:
    client, before = Client(), AuditEntry.objects.filter(action="prompt_label.moved").count()
    if who == "engineer":
        client.force_login(bob)
    statuses = []
    move = prompt.moves.get(label="production").pk
    for method, path, body in ATTEMPTS[attempt]:
        path = path.replace(MOVE, str(move))
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        if who == "key":
            sent["headers"] = key.headers
        asked = f"{path}{'&' if '?' in path else '?'}project=support" if who != "key" else path
        statuses.append(getattr(client, method)(asked, **sent).status_code)
    # SDKs repeat 409; and where a session is no key, Langfuse's addresses know nobody.
    refusals = {400, 401, 403} if path.startswith(LANGFUSE) else {400, 403, 404, 409}
    assert statuses[-1] in refusals, statuses
    assert max(statuses) < 500
    standing = list(Label.objects.values_list("prompt__name", "name", "version__number"))
    assert standing == [("refund-agent", "production", 1)]
    for reader in ("", "user-1", "user-2"):
        _, body_, choice = read_at_once(project.pk, "refund-agent", key=reader)
        assert (choice.number, choice.arm, body_.version.number) == (1, "only", 1)
    assert not Rollout.objects.exists()
    assert Environment.objects.get().protection == "on"
    assert AuditEntry.objects.filter(action="prompt_label.moved").count() == before


@pytest.mark.parametrize("who", ["key", "engineer"])
def test_a_rollout_that_one_approved_goes_no_further(
    prompt: Prompt, key: Key, bob: User, project: Project, who: str
) -> None:
    """A tenth needs one approval; more needs two, whatever the way and after a halt too."""
    jun = Client()
    jun.force_login(User.objects.get(email="jun@example.com"))
    at = f"{C}/reviews?project=support"
    assert jun.post(at, APPROVE, "application/json").status_code == 201
    client, query, headers = Client(), "?project=support", {}
    if who == "engineer":
        client.force_login(bob)
    else:
        query, headers = "", key.headers

    def ask(method: str, path: str, body: Any) -> int:
        asked = getattr(client, method)
        status: int = asked(path + query, body, "application/json", headers=headers).status_code
        return status

    assert ask("post", ROLLOUT, {"share": 10}) == 201
    for method, path, body in (
        ("patch", ROLLOUT, {"share": 10.01}),
        ("patch", ROLLOUT, {"share": 100}),
        ("post", f"{ROLLOUT}/complete", {}),
        ("put", f"{P}/labels/production", {"version": 2}),
        ("post", f"{P}/versions", LABELLED),
    ):
        assert ask(method, path, body) in {403, 409}
    assert ask("post", f"{ROLLOUT}/halt", {"reason": "x"}) == 200
    assert ask("patch", ROLLOUT, {"share": 100}) == 409
    assert ask("post", f"{ROLLOUT}/complete", {}) == 409
    if who == "key":
        assert ask("post", f"{ROLLOUT}/resume", {"reason": "x"}) == 403
    assert ask("post", f"{P}/rollback", {}) == 201
    assert ask("post", ROLLOUT, {"share": 5}) == 409
    assert Label.objects.get().version.number == 1


def test_files_propose_what_they_may_not_move(prompt: Prompt, key: Key) -> None:
    def ask(method: str, path: str, body: Any = None) -> Any:
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        response = getattr(Client(), method)(f"{REST}{path}", headers=key.headers, **sent)
        assert response.status_code == 200, response.content
        return response.json()

    files = ask("get", "prompts-files")["files"]
    (name,) = [one for one in files if one.endswith("prompt.yaml")]
    files[name] = files[name].replace("production: 1", "production: 3")
    steps = ask("post", "prompts-files/apply", {"files": files})["steps"]
    assert len(steps) == 1
    assert Label.objects.get().version.number == 1
    assert prompt.requests.latest("pk").version.number == 3

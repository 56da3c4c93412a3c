"""Whatever a form or an address of prompts is sent, it is refused or cleaned, and never fails."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import Project, User
from prompts.models import LabelMove, Thread
from prompts.services.discussing import Place, start_thread
from prompts.services.environments import Rules, set_environment
from prompts.services.proposing import Proposal, propose
from prompts.services.reviewing import request_changes
from prompts.services.rolling import Plan, halt, roll_out
from tests.prompts.making import make_request, make_reviewer, make_version, serve, text

pytestmark = pytest.mark.django_db

ODD = {
    "NUL": "a\0b",
    "a digit that is no decimal": "²",
    "digits of another script": "٣",
    "more digits than are read": "9" * 5000,
    "a number beyond all columns": "9" * 17,
}
POSTS: dict[str, str] = {
    "reviews/new/": "prompt label version title description reviewers is_draft",
    "reviews/1/verdict/": "version revision note verdict=comment",
    "reviews/1/verdict/1/dismiss/": "reason",
    "reviews/1/override/": "version=2 reason",
    "reviews/1/comment/": "body part=prompt line side=new suggests=1 suggestion",
    "reviews/1/threads/1/reply/": "body",
    "reviews/1/viewed/": "part viewed=1",
    "reviews/1/rollout/": "share mode metric effect",
    "labels/PROMPT/rollback/": "label reason",
    "labels/PROMPT/rollback/MOVE/why/": "reason",
    "labels/PROMPT/set/": "label version",
    "rollouts/ROLLOUT/share/": "share",
    "rollouts/ROLLOUT/resume/": "reason",
    "settings/environments/": "name protection=on approvals required_checks",
    "settings/owners/": "folder people",
    "settings/delegations/": "user delegate starts_on ends_on reason",
    "prompts/new/": "name kind=text text model parameters tools message",
    "prompts/refund-agent/versions/new/": "parent text message",
    "prompts/refund-agent/versions/about/": "description tags owner",
    "prompts/refund-agent/versions/archive/": "version",
}
ACTS = {"version": "version", "close": "reason", "edit": "title description"}
GETS = {
    "reviews/": "which=all q after prompt",
    "reviews/1/": "tab part=prompt line side=new open",
    "reviews/1/news/": "seen tab",
    "reviews/new/": "prompt=refund-agent version label",
    "prompts/": "q folder tag after",
    "prompts/new/": "folder name kind",
    "prompts/figures/runs/": "id",
    "prompts/refund-agent/": "before tab",
    "prompts/refund-agent/compare/": "a b",
    "prompts/refund-agent/versions/new/": "from",
    "prompts/refund-agent/test/": "version_0 version_1 trace span",
    "find/": "q",
}
PATHS = (
    "prompts/{}/", "prompts/{}/v/1/", "prompts/{}/compare/1..2/", "prompts/{}/versions/new/",
    "settings/environments/{}/", "settings/environments/{}/serving/", "reviews/{}/",
    "reviews/{}/news/", "rollouts/{}/arms/",
)  # fmt: skip
REST = {
    "get": ("prompts/{}", "prompts/{}/versions", "prompts/refund-agent/labels/{}",
            "environments/{}", "prompts?label={}", "change-requests?prompt={}",
            "change-requests/{}"),
    "put": ("prompts/refund-agent/labels/{}", "environments/{}"),
    "delete": ("prompts/refund-agent/labels/{}", "environments/{}", "prompts/{}"),
}  # fmt: skip


@pytest.fixture
def where(project: Project, alice: User, bob: User) -> dict[str, str]:
    """A halted rollout of a review that somebody refused, and what its addresses name."""
    jun = make_reviewer(project, "jun")
    request = make_request(project, bob)
    make_version(project, content=text("third"), actor=bob)
    set_environment(project, "staging", Rules(), actor=alice)
    place = Place("prompt", 1, Thread.Side.NEW)
    thread = start_thread(request, actor=jun, body="Why?", place=place)
    review = request_changes(request, actor=jun, version=2)
    serve(request.prompt, 1, "trial")
    rollout = roll_out(propose(request.prompt, Proposal("trial", 3, "Third"), actor=bob),
                       Plan(share=1000), actor=bob)  # fmt: skip
    assert rollout is not None
    halt(rollout, actor=None, reason="Errors.")
    serve(request.prompt, 2, "other")
    move = LabelMove.objects.filter(label="other").first()
    assert move is not None
    return {
        "PROMPT": str(request.prompt_id), "MOVE": str(move.pk), "ROLLOUT": str(rollout.pk),
        "threads/1": f"threads/{thread.pk}", "verdict/1": f"verdict/{review.pk}",
    }  # fmt: skip


def fields(names: str, odd: str) -> dict[str, str]:
    """Each field with the odd text, but for those that say what they are to hold."""
    return {name: fixed or odd for name, _, fixed in (one.partition("=") for one in names.split())}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_no_form_and_no_address_fails(
    owner_client: Client, where: dict[str, str], odd: str
) -> None:
    owner_client.raise_request_exception = False

    def at(path: str) -> str:
        for name, value in where.items():
            path = path.replace(name, value)
        return f"/p/support/{path}"

    told: dict[str, int] = {}
    for path, names in POSTS.items():
        told[path] = owner_client.post(at(path), fields(names, odd)).status_code
    for act, names in ACTS.items():
        sent = {"act": act, **fields(names, odd)}
        told[act] = owner_client.post(at("reviews/1/change/"), sent).status_code
    for path, names in GETS.items():
        told[f"{path}?"] = owner_client.get(at(path), fields(names, odd)).status_code
    for path in PATHS:
        told[path] = owner_client.get(at(path.format(quote(odd, safe="")))).status_code
    for method, paths in REST.items():
        for path in paths:
            asked = f"/api/v1/{path.format(quote(odd, safe=''))}"
            asked += f"{'&' if '?' in path else '?'}project=support"
            body = {"version": 1} if method == "put" else None
            answer = getattr(owner_client, method)(asked, body, content_type="application/json")
            told[f"{method} {path}"] = answer.status_code
    assert {path: status for path, status in told.items() if status >= 500} == {}

"""Pages of evaluators: the list, one, its versions, the forms and the try-out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, Role, User
from evals.evaluating.settings import Terms
from evals.models import Evaluator, Proposal
from evals.queries.evaluators import terms_of
from evals.services.evaluator_versions import draft_version, propose_version
from evals.services.evaluators import create_evaluator
from tests.factories import make_user

pytestmark = pytest.mark.django_db
BASE = "/p/support/evaluators/"
JUDGE = Terms(
    config={"rubric": "Good is polite.\nBad is rude.", "meanings": {"good": "polite"}},
    data_type="category", categories=("good", "bad"), values=(1.0, 0.0), bar=1.0, model="gpt-4o",
)  # fmt: skip


@pytest.fixture
def alice(project: Project) -> User:
    return make_user("alice@x.test", organization=project.organization, role=Role.OWNER)


@pytest.fixture
def site(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def make(project: Project, actor: User, name: str = "tone", **fields: Any) -> Evaluator:
    terms, kind = fields.pop("terms", JUDGE), fields.pop("kind", "judge")
    return create_evaluator(project, name, kind, terms, actor=actor, **fields)


def propose(evaluator: Evaluator, actor: User, **change: Any) -> Proposal:
    assert evaluator.current is not None
    terms = replace(terms_of(evaluator.current), **change)
    return propose_version(draft_version(evaluator, terms, actor=actor), actor=actor, reason="Why")


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content[:2000]
    return str(response.content.decode())


def test_the_list_says_what_is_in_use_and_grows_by_no_statement(
    project: Project, alice: User, site: Client, django_assert_max_num_queries: Any
) -> None:
    assert "No evaluator yet" in text(site.get(BASE))
    make(project, alice)
    with django_assert_max_num_queries(12):
        said = text(site.get(BASE))
    assert "No labels" in said
    for number in range(4):
        propose(make(project, alice, f"tone {number}", description="Kind?"), alice, bar=0.0)
    with django_assert_max_num_queries(12):
        said = text(site.get(BASE, headers={"HX-Request": "true"}))
    assert "v2 proposed" in said
    assert "<h1" not in said
    assert "tone 3" in text(site.get(f"{BASE}?q=tone+3&kind=judge"))
    assert "No evaluator matches" in text(site.get(f"{BASE}?q=zzz"))
    assert "Nothing is archived" in text(site.get(f"{BASE}?archived=1"))


def test_a_stranger_and_a_viewer(project: Project, alice: User) -> None:
    make(project, alice)
    stranger, viewer = Client(), Client()
    stranger.force_login(make_user("s@x.test"))
    viewer.force_login(make_user("v@x.test", organization=project.organization))
    assert stranger.get(f"{BASE}tone/").status_code == 404
    said = text(viewer.get(f"{BASE}tone/"))
    assert "Testing needs the role engineer" in said
    assert "Archive" not in said
    assert viewer.get(f"{BASE}new/").status_code == 403
    assert viewer.post(f"{BASE}tone/test/").status_code == 403
    assert viewer.get(f"{BASE}nothing/").status_code == 404


def test_one_is_made_by_its_form(project: Project, site: Client) -> None:
    assert "Relevance" in text(site.get(f"{BASE}new/"))
    form = text(site.get(f"{BASE}new/code/regex/"))
    assert "Pattern" in form
    url = f"{BASE}new/code/regex/"
    body = {"name": "has/number", "s_pattern": "(", "s_must": "match"}
    assert "RE2" in text(site.post(url, body), 422)
    made = site.post(url, {**body, "s_pattern": r"\d+"}, follow=True)
    assert "has/number is in use" in text(made)
    assert "May decide in a gate" in text(made)
    assert "already" in text(site.post(url, {**body, "s_pattern": r"\d+"}), 422)
    assert site.get(f"{BASE}new/code/poem/").status_code == 404


def test_a_judge_is_made_from_a_template(project: Project, site: Client) -> None:
    url = f"{BASE}new/judge/rubric/?template=tone"
    assert "No agreement of any model" in text(site.get(url))
    body = {
        "name": "tone", "s_rubric": "Polite?", "s_sees": ["input", "output"], "s_whole": "on",
        "data_type": "category", "steps": "fitting = 1: polite\noff = 0.5\nrude = 0: insults",
        "bar": "1", "bar_direction": "at_least", "model": "gpt-4o",
    }  # fmt: skip
    assert "No labels" in text(site.post(url, body, follow=True))
    version = Evaluator.objects.get(name="tone").current
    assert version is not None
    assert (version.categories, version.values) == (["fitting", "off", "rude"], [1.0, 0.5, 0.0])
    assert version.config["meanings"] == {"fitting": "polite", "rude": "insults"}
    said = text(site.post(f"{BASE}tone/test/examples/", headers={"HX-Request": "true"}))
    assert "0 of 0" in said
    assert "No provider is connected" in said


def test_the_next_version_is_proposed_and_decided(
    project: Project, alice: User, site: Client
) -> None:
    make(project, alice)
    bob = make_user("bob@x.test", organization=project.organization, role=Role.REVIEWER)
    url = f"{BASE}tone/versions/new/"
    assert "Good is polite." in text(site.get(url))
    body = {
        "s_rubric": "Good is very polite.\nBad is rude.", "data_type": "category",
        "steps": "good = 1: polite\nbad = 0", "bar": "", "bar_direction": "at_least",
        "model": "gpt-4o", "s_whole": "on", "propose": "on", "reason": "Clearer",
    }  # fmt: skip
    said = text(site.post(url, body, follow=True))
    assert "v2 waits for a decision" in said
    assert "It has no bar any more; it was 1." in said
    assert "<ins>" in said
    assert "bob@x.test can decide it" in said or "bob can decide it" in said
    assert "says so already" in text(site.post(url, body), 422)
    proposal = Proposal.objects.get()
    act = f"{BASE}tone/proposals/{proposal.pk}/"
    assert "You wrote this" in text(site.post(act, {"approve": "1"}, follow=True))
    other = Client()
    other.force_login(bob)
    assert "Say why" in text(other.post(act, {"reject": "1"}, follow=True))
    assert "v2 is in use" in text(other.post(act, {"approve": "1", "note": "Yes"}, follow=True))
    assert "What differs from v2" in text(site.get(f"{BASE}tone/versions/1/"))
    assert "v1 waits" in text(site.post(f"{BASE}tone/versions/1/propose/", follow=True))


def test_one_answer_is_tried(project: Project, alice: User, site: Client) -> None:
    make(project, alice, "same", kind="code", terms=Terms(config={"check": "exact"}))
    url = f"{BASE}same/test/"
    said = text(site.post(url, {"output": "<b>", "expected": "x"}, headers={"HX-Request": "1"}))
    assert "does not pass" in said
    assert "&lt;b&gt;" in said
    assert "no such trace" in text(site.post(url, {"trace_id": "nothing"}))
    assert "undefined" in text(site.post(url, {"output": "x"}))


def test_it_is_archived_and_restored(project: Project, alice: User, site: Client) -> None:
    make(project, alice)
    act = f"{BASE}tone/runs/act/"
    assert "archived" in text(site.post(act, {"archive": "1"}, follow=True))
    assert "is back" in text(site.post(act, {"restore": "1"}, follow=True))
    said = {"describe": "1", "description": "Is it kind?", "owner": str(alice.pk)}
    assert "Is it kind?" in text(site.post(act, said, follow=True))
    assert "characters" in text(site.post(act, {**said, "description": "x" * 3000}, follow=True))
    assert "Only a remote" in text(site.post(act, {"secret": "1"}, follow=True))

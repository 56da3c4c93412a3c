"""Pages of gates: shown with few queries, in pieces for htmx, and acted upon."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Project, User
from evals.models import Gate, GateRun, Proposal
from evals.services.gate_proposals import approve_gate, propose_gate
from prompts.models import Environment
from tests.evals.gating import answer, approved_gate, golden, good_or_bad, newest, settings
from tests.evals.planned import MODEL, connected
from tests.prompts.making import chat, make_reviewer, make_version, serve

pytestmark = pytest.mark.django_db
AT = "/p/support/gates/"


@pytest.fixture
def people(project: Project) -> tuple[User, User]:
    return make_reviewer(project, "ada"), make_reviewer(project, "ben")


@pytest.fixture
def gate(project: Project, people: tuple[User, User]) -> Gate:
    """v1 serves; the gate was weakened once; v2 was asked about and fails."""
    connected(project)
    golden(project)
    for said in ("{{question}}", "{{question}} Be brief."):
        version = make_version(project, content=chat(("user", said), model=MODEL))
    serve(version.prompt, 1)
    made = approved_gate(version.prompt, by=people, margin=0.02)
    proposal = propose_gate(version.prompt, "production", settings(), actor=people[1])
    approve_gate(proposal, actor=people[0])
    made.refresh_from_db()
    from evals.services.gate_asking import Question, ask_gate

    ask_gate(project, Question("refund-agent", 2), trigger=GateRun.Trigger.PAGE, actor=people[0])
    answer(good_or_bad({1: 0.9, 2: 0.6}))
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form(**more: Any) -> dict[str, Any]:
    """What the form sends."""
    from evals.models import EvaluatorVersion

    pk = EvaluatorVersion.objects.get().pk
    return {
        "prompt": "refund-agent", "environment": "production", "dataset": "golden",
        "dataset_version": "1", "with_held_out": "on", "repeats": "1", "margin": "0.03",
        "smallest_sample": "0", f"role_{pk}": "primary", "guard_cost": "on", "allowed_cost": "15",
        "is_enabled": "on",
    } | more  # fmt: skip


def test_a_member_sees_every_page_and_htmx_a_piece(gate: Gate, member_client: Client) -> None:
    run = newest(gate)
    proposal = Proposal.objects.filter(gate=gate).last()
    assert proposal is not None
    pages = {
        "": "refund-agent", "new/": "What this gate can see", f"{gate.pk}/": "Who weakened it",
        f"{gate.pk}/change/": "Propose", f"{gate.pk}/runs/{run.pk}/": "Pass no more",
        f"proposals/{proposal.pk}/": "It asks less in 1 respect",
    }  # fmt: skip
    for path, said in pages.items():
        page = member_client.get(AT + path)
        assert page.status_code == 200, path
        assert said in page.content.decode(), path
        piece = member_client.get(AT + path, headers={"HX-Request": "true"}).content.decode()
        if path.startswith("proposals"):
            continue
        assert "<html" not in piece, path
    shown = member_client.get(f"{AT}{gate.pk}/runs/{run.pk}/").content.decode()
    number = run.candidate_experiment.number if run.candidate_experiment else 0
    assert f"/p/support/experiments/{number}/items/golden-0048/?with=" in shown
    told = member_client.get(f"{AT}{gate.pk}/").content.decode()
    assert "The margin grows from 0.02 to 0.03." in told
    assert "Proposed by Ben, approved by Ada" in told
    assert "moves without a review" not in told
    Environment.objects.update_or_create(
        project=gate.project, name="production", defaults={"protection": "off"}
    )
    told = member_client.get(f"{AT}{gate.pk}/").content.decode()
    assert "production moves without a review just now" in told


def test_queries_do_not_grow_with_rows(
    gate: Gate, member_client: Client, people: tuple[User, User]
) -> None:
    counted = []
    for times in (0, 3):
        for _ in range(times):
            run = newest(gate)
            run.pk, run._state.adding = None, True
            run.save()
        if times:
            other = make_version(gate.project, "other").prompt
            approved_gate(other, by=people)
        for path in ("", f"{gate.pk}/"):
            with CaptureQueriesContext(
                connection,
            ) as caught:
                member_client.get(AT + path)
            counted.append(len(caught))
    assert counted[0] == counted[2]
    assert counted[1] == counted[3]
    assert max(counted) < 45


def test_a_gate_is_proposed_and_decided_on_its_pages(
    project: Project, people: tuple[User, User]
) -> None:
    golden(project)
    make_version(project)
    ada, ben = (signed_in(one) for one in people)
    blank = ada.get(f"{AT}new/").content.decode()
    assert "is the least true difference that 80 items find" in blank
    wrong = ada.post(f"{AT}new/", form(margin="-1"))
    assert wrong.status_code == 422
    assert "Nothing was proposed." in wrong.content.decode()
    nobody = ada.post(f"{AT}new/", {k: v for k, v in form().items() if not k.startswith("role_")})
    assert "Exactly one evaluator decides" in nobody.content.decode()
    made = ada.post(f"{AT}new/", form(reason="Golden cases"))
    assert made.status_code == 303
    proposal = Proposal.objects.get()
    assert proposal.after is not None
    assert proposal.after["guards"] == [
        {"metric": "cost", "margin": 0.15, "kind": "relative", "limit": None}
    ]
    at = made["Location"]
    assert "You proposed this, so somebody else decides" in ada.get(at).content.decode()
    ada.post(f"{at}decide/", {"act": "approve"})
    assert not Gate.objects.exists()
    ben.post(f"{at}decide/", {"act": "reject", "note": ""})
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.OPEN
    answered = ben.post(f"{at}decide/", {"act": "approve", "note": "Good"})
    gate = Gate.objects.get()
    assert answered["Location"] == f"{AT}{gate.pk}/"
    shown = ada.get(f"{AT}{gate.pk}/change/").content.decode()
    assert 'value="15"' in shown
    ada.post(f"{AT}{gate.pk}/change/", form(allowed_cost="50"))
    second = Proposal.objects.latest("pk")
    assert second.weakens == ["The margin of Cost per answer grows from 0.15 to 0.5."]
    ada.post(f"{AT}proposals/{second.pk}/decide/", {"act": "withdraw"})
    second.refresh_from_db()
    assert second.state == Proposal.State.WITHDRAWN


def test_it_is_asked_and_stopped_on_its_page(gate: Gate, member_client: Client) -> None:
    asked = member_client.post(f"{AT}{gate.pk}/ask/", {"version": "2", "fresh": "on"})
    run = newest(gate)
    assert asked["Location"] == f"{AT}{gate.pk}/runs/{run.pk}/"
    assert (run.state, run.trigger) == ("running", "page")
    assert "It begins." in member_client.get(asked["Location"]).content.decode()
    member_client.post(f"{AT}{gate.pk}/runs/{run.pk}/cancel/")
    run.refresh_from_db()
    assert run.state == "cancelled"
    refused = member_client.post(f"{AT}{gate.pk}/ask/", {"version": "1"}, follow=True)
    assert "serves already" in refused.content.decode()
    unknown = member_client.post(f"{AT}{gate.pk}/ask/", {"version": "99"}, follow=True)
    assert "has no version 99" in unknown.content.decode()


def test_nothing_yet_says_what_a_gate_is(project: Project, member_client: Client) -> None:
    assert "No gate yet" in member_client.get(AT).content.decode()
    assert (
        "A gate needs a dataset and an evaluator" in member_client.get(f"{AT}new/").content.decode()
    )
    assert member_client.get(f"{AT}7/").status_code == 404
    assert member_client.get(f"{AT}proposals/7/").status_code == 404


def test_the_palette_finds_gates(gate: Gate, member_client: Client) -> None:
    found = member_client.get(f"/p/support/find/?q={gate.prompt.name}").content.decode()
    assert f"/p/support/gates/{gate.pk}/" in found
    assert "/p/support/gates/" in member_client.get("/p/support/find/?q=gates").content.decode()

"""A gate changes by another person's approval, is never weaker than its target, and says who."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Project, Role, User
from audit.models import AuditEntry
from evals.deciding.settings import Chosen
from evals.models import Gate, GateRun, Proposal
from evals.queries.gates import CHECK, settings_of, standing_of, weakened_by
from evals.services.errors import NeedsPerson, NothingToDo
from evals.services.gate_errors import BadGate, GateMoved, NotOpen, NotYours, WeakerThanTarget
from evals.services.gate_proposals import approve_gate, propose_gate, reject_gate, withdraw_gate
from features.models import Feature, Target
from prompts.queries.deciding import facts_of
from prompts.rules.blockers import blockers
from tests.evals.gating import answer, approved_gate, golden, good_or_bad, newest, settings
from tests.evals.planned import MODEL, connected
from tests.factories import make_key
from tests.prompts.making import make_request, make_reviewer, make_version, protect

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(project: Project) -> tuple[User, User]:
    return make_reviewer(project, "ada"), make_reviewer(project, "ben")


@pytest.fixture
def prompt(project: Project) -> Any:
    golden(project)
    return make_version(project).prompt


def a_target(project: Project, number: int = 1, **fields: Any) -> Target:
    """An approved target of the feature refunds; the one before is replaced."""
    from django.utils import timezone

    feature, _ = Feature.objects.get_or_create(project=project, name="refunds")
    Target.objects.filter(feature=feature, state="approved").update(state="replaced")
    given = {"metric": "contains", "bar": 0.7, "margin": 0.05} | fields
    return Target.objects.create(
        feature=feature, number=number, state=Target.State.APPROVED, author_label="t",
        decided_at=timezone.now(), **given,
    )  # fmt: skip


def test_a_gate_begins_with_the_approval_of_another_person(
    prompt: Any, people: tuple[User, User]
) -> None:
    ada, ben = people
    proposal = propose_gate(prompt, "production", settings(), actor=ada, reason="Golden cases.")
    assert not Gate.objects.exists()
    with pytest.raises(NotYours, match="You proposed this; Ben"):
        approve_gate(proposal, actor=ada)
    gate = approve_gate(proposal, actor=ben, note="Fine")
    assert settings_of(gate) == settings()
    assert gate.revision == 1
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == (Proposal.State.APPROVED, ben)
    assert AuditEntry.objects.filter(action="gate.approved").get().details["weakens"] == []
    with pytest.raises(NotOpen):
        approve_gate(proposal, actor=ben)


def test_what_is_weakened_is_told_before_and_kept_after(
    prompt: Any, people: tuple[User, User]
) -> None:
    ada, ben = people
    gate = approved_gate(prompt, by=people)
    looser = settings(margin=0.2, with_held_out=False)
    proposal = propose_gate(prompt, "production", looser, actor=ben)
    assert proposal.weakens == [
        "Held-out items are no longer asked.", "The margin grows from 0.03 to 0.2.",
    ]  # fmt: skip
    approve_gate(proposal, actor=ada)
    gate.refresh_from_db()
    assert (gate.margin, gate.revision) == (0.2, 2)
    assert [one.pk for one in weakened_by(gate)] == [proposal.pk]
    assert "margin" in AuditEntry.objects.filter(action="gate.approved").last().details["after"]


def test_refusals(project: Project, prompt: Any, people: tuple[User, User]) -> None:
    ada, ben = people
    for fields, where in (
        ({"dataset": "nothing"}, "dataset"), ({"dataset_version": 9}, "dataset_version"),
        ({"evaluators": (Chosen("contains", 7),)}, "evaluators"), ({"margin": -1}, "margin"),
    ):  # fmt: skip
        with pytest.raises(BadGate) as refused:
            propose_gate(prompt, "production", settings(**fields), actor=ada)
        assert refused.value.where == where
    with pytest.raises(BadGate):
        propose_gate(prompt, "not a label!", settings(), actor=ada)
    proposal = propose_gate(prompt, "production", settings(), actor=ada)
    with pytest.raises(NothingToDo, match="waits for a decision"):
        propose_gate(prompt, "production", settings(margin=0.1), actor=ben)
    with pytest.raises(NeedsPerson):
        approve_gate(proposal, actor=make_key(project).stored)
    with pytest.raises(NotYours, match="role reviewer"):
        approve_gate(proposal, actor=make_reviewer(project, "eve", Role.ENGINEER))
    with pytest.raises(NotYours):
        withdraw_gate(proposal, actor=ben)
    with pytest.raises(BadGate, match="Say why"):
        reject_gate(proposal, actor=ben, note=" ")
    assert reject_gate(proposal, actor=ben, note="Too few items").note == "Too few items"
    second = propose_gate(prompt, "production", settings(), actor=ada)
    assert withdraw_gate(second, actor=ada).state == Proposal.State.WITHDRAWN
    gate = approved_gate(prompt, by=people)
    with pytest.raises(NothingToDo, match="so already"):
        propose_gate(prompt, "production", settings_of(gate), actor=ada)
    stale = propose_gate(prompt, "production", settings(margin=0.1), actor=ada)
    Gate.objects.update(margin=0.01)
    with pytest.raises(GateMoved):
        approve_gate(stale, actor=ben)


def test_a_gate_weaker_than_the_target_is_refused(
    project: Project, prompt: Any, people: tuple[User, User]
) -> None:
    ada, ben = people
    a_target(project, bar=0.8, margin=0.03)
    for fields in (
        {"margin": 0.1},
        {"bar": 0.5},
        {"evaluators": (Chosen("contains", 1, direction="at_most"),)},
    ):
        with pytest.raises(WeakerThanTarget):
            propose_gate(prompt, "production", settings(feature="refunds", **fields), actor=ada)
    gate = approved_gate(prompt, by=people, feature="refunds")
    assert standing_of(gate).settings.bar == 0.8
    with pytest.raises(WeakerThanTarget, match="stays bound"):
        propose_gate(prompt, "production", settings(), actor=ada)
    waiting = propose_gate(prompt, "production", settings(feature="refunds", bar=0.85), actor=ada)
    a_target(project, number=2, bar=0.9)
    with pytest.raises(WeakerThanTarget):
        approve_gate(waiting, actor=ben)


def test_a_changed_target_opens_the_gate_again(project: Project, people: tuple[User, User]) -> None:
    connected(project)
    golden(project)
    protect(project)
    a_target(project, bar=0.6)
    request = make_request(project, people[0])
    gate = approved_gate(request.prompt, by=people, feature="refunds", model=MODEL)
    answer(good_or_bad({1: 0.8, 2: 0.85}))
    assert newest(gate).state == "pass"
    a_target(project, number=2, bar=0.95)
    texts = [one.text for one in blockers(facts_of(request), share=1.0) if one.code == "check"]
    assert texts[0].startswith("evals / gate must run again: what it asks changed")
    answer(good_or_bad({1: 0.8, 2: 0.85}))
    run = newest(gate)
    assert (run.target_number, run.state) == (2, "fail")
    assert "misses its bar of at least 0.95" in run.summary
    states = list(request.checks.order_by("pk").values_list("name", "state"))
    assert states == [(CHECK, "pending"), (CHECK, "pass"), (CHECK, "pending"), (CHECK, "fail")]


def test_an_answer_to_what_is_no_longer_asked_does_not_count(
    project: Project, people: tuple[User, User]
) -> None:
    connected(project)
    golden(project)
    protect(project)
    request = make_request(project, people[0])
    gate = approved_gate(request.prompt, by=people, model=MODEL)
    from evals.services.gate_answers import advance
    from evals.services.gate_runs import start_due_runs

    start_due_runs()
    run = newest(gate)
    advance(run.pk)
    proposal = propose_gate(
        request.prompt, "production", settings(model=MODEL, margin=0.01), actor=people[0]
    )
    approve_gate(proposal, actor=people[1])
    answer(good_or_bad({1: 0.8, 2: 0.9}))
    run.refresh_from_db()
    assert run.state == GateRun.State.CANCELLED
    assert newest(gate).state == "pass"
    assert newest(gate).revision == 2


def test_where_one_person_is_alone_they_may_approve(
    project: Project, prompt: Any, alice: User
) -> None:
    proposal = propose_gate(prompt, "production", settings(), actor=alice)
    assert approve_gate(proposal, actor=alice).revision == 1

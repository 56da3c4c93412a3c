"""An evaluator's first version is in use at once; each later one when another person approves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accounts.models import ApiKey, Project, Role, User
from audit.models import AuditEntry
from evals.evaluating.settings import Terms
from evals.models import Evaluator, EvaluatorVersion
from evals.queries.evaluators import current_version, spec_of, terms_of
from evals.services.errors import InUse, NeedsPerson, NothingToDo
from evals.services.evaluator_errors import BadEvaluator, EvaluatorMoved, NotForYou, ProposalClosed
from evals.services.evaluator_versions import (
    approve_version,
    draft_version,
    propose_version,
    reject_version,
    withdraw_version,
)
from evals.services.evaluators import archive_evaluator, create_evaluator, renew_secret
from notices.models import PersonalNotice
from tests.factories import Key, make_user
from traces.feedback.given import GivenScore
from traces.models import ScoreDefinition
from traces.services.scores import record_scores

pytestmark = pytest.mark.django_db
SIMILAR = Terms(config={"check": "similarity"}, bar=0.7)


@pytest.fixture
def alice(project: Project) -> User:
    return make_user("alice@x.test", organization=project.organization, role=Role.OWNER)


@pytest.fixture
def bob(project: Project) -> User:
    return make_user("bob@x.test", organization=project.organization, role=Role.REVIEWER)


def make(project: Project, actor: User | ApiKey, **fields: Any) -> Evaluator:
    terms = fields.pop("terms", SIMILAR)
    name = fields.pop("name", "similar")
    return create_evaluator(project, name, fields.pop("kind", "code"), terms, actor=actor, **fields)


def softer(evaluator: Evaluator, actor: User, **change: Any) -> EvaluatorVersion:
    assert evaluator.current is not None
    terms = replace(terms_of(evaluator.current), **{"bar": 0.5, **change})
    return draft_version(evaluator, terms, actor=actor, message="Softer")


def test_the_first_version_is_in_use_and_defines_its_score(project: Project, alice: User) -> None:
    evaluator = make(project, alice, description="How near it is.")
    version = current_version(project, "similar")
    assert version is not None
    assert (version.number, version.state, version.config["measure"]) == (1, "approved", "token_f1")
    definition = ScoreDefinition.objects.get(project=project, name="similar")
    assert (definition.data_type, definition.bar, definition.maximum) == ("number", 0.7, 1.0)
    spec = spec_of(version)
    assert (spec.name, spec.kind, spec.check, spec.bar, spec.fault) == (
        "similar", "code", "similarity", 0.7, "",
    )  # fmt: skip
    assert AuditEntry.objects.filter(action="evaluator.created").exists()
    with pytest.raises(BadEvaluator, match="already"):
        make(project, alice)
    record_scores(project.pk, [GivenScore("flag", True, trace_id="t1")])
    ScoreDefinition.objects.create(project=project, name="flag", data_type="boolean")
    with pytest.raises(BadEvaluator, match="defined otherwise"):
        make(project, alice, name="flag")
    assert evaluator.owner == alice


@pytest.mark.parametrize("name", ["", "a\0b", "a\ud800", "x" * 201, "a//b", "a/versions", " a"])
def test_a_bad_name_is_refused(project: Project, alice: User, name: str) -> None:
    with pytest.raises(BadEvaluator) as bad:
        make(project, alice, name=name)
    assert bad.value.faults[0][0] == "name"


def test_another_person_approves_and_sees_what_is_weaker(
    project: Project, alice: User, bob: User
) -> None:
    evaluator = make(project, alice)
    version = softer(evaluator, alice)
    proposal = propose_version(version, actor=alice, reason="Too strict")
    assert proposal.weakens == ["The bar is lower: 0.5 instead of 0.7."]
    with pytest.raises(NotForYou, match="bob"):
        approve_version(proposal, actor=alice)
    with pytest.raises(ProposalClosed):
        propose_version(version, actor=bob)
    approve_version(proposal, actor=bob, note="Fine")
    in_use = current_version(project, "similar")
    assert in_use is not None
    assert (in_use.number, in_use.approved_by, in_use.state) == (2, bob, "approved")
    assert ScoreDefinition.objects.get(project=project, name="similar").bar == 0.5
    told = dict(PersonalNotice.objects.values_list("user__email", "title"))
    assert told["bob@x.test"] == "alice proposes v2 of similar"
    assert told["alice@x.test"] == "v2 of similar is in use, approved by bob"
    entry = AuditEntry.objects.get(action="evaluator.approved")
    assert entry.details["weakens"] == proposal.weakens
    with pytest.raises(ProposalClosed):
        approve_version(proposal, actor=bob)
    with pytest.raises(NothingToDo):
        propose_version(in_use, actor=alice)


def test_whoever_wrote_the_version_does_not_approve_it_where_another_can(
    project: Project, alice: User, bob: User
) -> None:
    version = softer(make(project, alice), bob)
    proposal = propose_version(version, actor=alice)
    carol = make_user("carol@x.test", organization=project.organization, role=Role.REVIEWER)
    with pytest.raises(NotForYou, match="You wrote this; carol"):
        approve_version(proposal, actor=bob)
    carol.is_active = False
    carol.save()
    assert approve_version(proposal, actor=bob).number == 2


def test_one_person_alone_approves_their_own(project: Project, alice: User) -> None:
    proposal = propose_version(softer(make(project, alice), alice), actor=alice)
    assert approve_version(proposal, actor=alice).number == 2


def test_keys_write_and_propose_but_never_approve(project: Project, alice: User, key: Key) -> None:
    stored = key.stored
    evaluator = make(project, stored)
    proposal = propose_version(softer(evaluator, alice), actor=stored)
    with pytest.raises(NeedsPerson):
        approve_version(proposal, actor=stored)


def test_a_proposal_is_refused_withdrawn_or_overtaken(
    project: Project, alice: User, bob: User
) -> None:
    evaluator = make(project, alice)
    version = softer(evaluator, alice)
    proposal = propose_version(version, actor=alice)
    with pytest.raises(BadEvaluator, match="why"):
        reject_version(proposal, actor=bob, note=" ")
    with pytest.raises(NotForYou):
        withdraw_version(proposal, actor=bob)
    reject_version(proposal, actor=bob, note="Keep it")
    version.refresh_from_db()
    assert version.state == "rejected"
    other = propose_version(softer(evaluator, alice, bar=0.6), actor=alice)
    Evaluator.objects.filter(pk=evaluator.pk).update(current=version)
    with pytest.raises(EvaluatorMoved):
        approve_version(other, actor=bob)
    assert withdraw_version(other, actor=alice).state == "withdrawn"


def test_the_same_again_is_no_version(project: Project, alice: User) -> None:
    with pytest.raises(NothingToDo):
        draft_version(make(project, alice), SIMILAR, actor=alice)


def test_one_that_decides_or_scores_is_not_archived(project: Project, alice: User) -> None:
    evaluator = make(project, alice)
    evaluator.online_rules.create(project=project, name="live", share="0.1")
    with pytest.raises(InUse, match="live"):
        archive_evaluator(evaluator, actor=alice)
    evaluator.online_rules.update(is_enabled=False)
    archive_evaluator(evaluator, actor=alice)
    assert current_version(project, "similar") is None
    with pytest.raises(NothingToDo):
        renew_secret(evaluator, actor=alice)


def test_a_category_passes_by_its_number(project: Project, alice: User) -> None:
    terms = Terms(
        config={"rubric": "Is it relevant?"}, data_type="category", model="gpt-4o-mini",
        categories=("yes", "partly", "no"), values=(1.0, 0.5, 0.0), bar=0.5,
    )  # fmt: skip
    evaluator = make(project, alice, name="relevance", kind="judge", terms=terms)
    definition = ScoreDefinition.objects.get(project=project, name="relevance")
    assert (definition.categories, definition.passing) == (
        ["yes", "partly", "no"],
        ["yes", "partly"],
    )
    assert evaluator.current is not None
    assert "No provider" in spec_of(evaluator.current).fault

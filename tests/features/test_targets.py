"""A target is written, proposed and approved by somebody else, and never changes afterwards."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from accounts.models import Project, Role, User
from audit.models import AuditEntry
from features import queries
from features.models import Target
from features.queries.approving import may_decide
from features.services import errors
from features.services import targets as services
from features.signals import target_approved
from notices.models import PersonalNotice
from tests.factories import make_key
from tests.features.making import make_feature, make_person, make_target, terms


def test_the_approved_target_is_what_holds(project: Project, alice: User, bob: User) -> None:
    feature = make_feature(project)
    assert queries.target_of(project, "refund-agent") is None
    proposed = services.propose_target(feature, terms(bad_output_usd=Decimal("41.5")), actor=bob)
    assert queries.target_of(project, "refund-agent") is None
    services.approve_target(proposed, actor=alice, note="Agreed with finance.")
    held = queries.target_of(project, "refund-agent")
    assert held is not None
    assert (held.number, held.metric, held.bar) == (1, "faithfulness", 0.85)
    assert (held.author, held.approver, held.bad_output_usd) == (bob, alice, Decimal("41.5"))
    assert held.approved_at is not None


def test_the_next_approved_one_replaces_it(project: Project, alice: User, bob: User) -> None:
    feature = make_feature(project)
    make_target(feature, bob, alice)
    second = make_target(feature, bob, alice, bar=0.9, slices=["edge", "edge", " messy "])
    assert [one.state for one in queries.list_targets(feature)] == ["approved", "replaced"]
    assert (second.base, second.slices) == (1, ["edge", "messy"])
    entry = AuditEntry.objects.filter(action="feature_target.approved").latest("pk")
    assert entry.details["before"] == {"bar": "0.85", "slices": []}
    assert entry.details["after"] == {"bar": "0.9", "slices": ["edge", "messy"]}
    assert entry.details["by_its_author"] is False


def test_nobody_approves_what_they_wrote(project: Project, alice: User, bob: User) -> None:
    proposed = services.propose_target(make_feature(project), terms(), actor=alice)
    admin = make_person(project, "ada", Role.ADMIN)
    with pytest.raises(errors.SelfApproval, match="Ada can approve it"):
        services.approve_target(proposed, actor=alice)
    with pytest.raises(errors.NotYours, match="An admin approves"):
        services.approve_target(proposed, actor=bob)
    assert services.approve_target(proposed, actor=admin).approver == admin


def test_whoever_changed_a_draft_wrote_it_too(project: Project, alice: User, bob: User) -> None:
    feature = make_feature(project)
    services.draft_target(feature, terms(), actor=bob)
    draft = services.draft_target(feature, terms(bar=0.8), actor=alice)
    assert draft.writers == [bob.pk, alice.pk]
    make_person(project, "ada", Role.ADMIN)
    services.propose_draft(draft, actor=bob)
    with pytest.raises(errors.SelfApproval):
        services.approve_target(draft, actor=alice)


def test_the_only_one_who_could_may_approve_their_own(project: Project, alice: User) -> None:
    proposed = services.propose_target(make_feature(project), terms(), actor=alice)
    services.approve_target(proposed, actor=alice)
    entry = AuditEntry.objects.get(action="feature_target.approved")
    assert entry.details["by_its_author"] is True


def test_the_owner_of_the_feature_approves_from_reviewer(project: Project, bob: User) -> None:
    owner = make_person(project, "rea")
    engineer = make_person(project, "eng", Role.ENGINEER)
    proposed = services.propose_target(make_feature(project, owner=owner), terms(), actor=bob)
    assert may_decide(proposed) == [owner]
    other = make_feature(project, "kb-search", owner=engineer)
    assert may_decide(services.propose_target(other, terms(), actor=bob)) == []
    assert PersonalNotice.objects.filter(user=owner, event="feature.target_proposed").exists()
    services.approve_target(proposed, actor=owner)


def test_a_key_proposes_and_never_approves(project: Project, alice: User) -> None:
    key = make_key(project, created_by=alice).stored
    proposed = services.propose_target(make_feature(project), terms(), actor=key)
    assert (proposed.author, proposed.made_with, proposed.author_label) == (
        alice,
        key,
        "key tests",
    )
    for decide in (services.approve_target, services.decline_target):
        with pytest.raises(errors.NeedsPerson):
            decide(proposed, actor=key, note="yes")


def test_one_change_at_a_time(project: Project, alice: User, bob: User) -> None:
    feature = make_feature(project)
    first = services.propose_target(feature, terms(), actor=bob)
    with pytest.raises(errors.NotOpen, match="Target 1 waits for approval"):
        services.draft_target(feature, terms(bar=0.9), actor=bob)
    services.decline_target(first, actor=alice, note="Too low.")
    second = services.propose_target(feature, terms(bar=0.9), actor=bob)
    services.withdraw_target(second, actor=bob)
    assert [one.state for one in queries.list_targets(feature)] == ["withdrawn", "declined"]
    for again in (first, second):
        with pytest.raises(errors.NotOpen):
            services.approve_target(again, actor=alice)


def test_the_database_refuses_to_change_a_target(project: Project, alice: User, bob: User) -> None:
    held = make_target(make_feature(project), bob, alice)
    for change in ({"bar": 0.1}, {"number": 9}, {"state": "draft"}, {"note": "else"}):
        with pytest.raises(ProgrammingError, match="target"), transaction.atomic():
            Target.objects.filter(pk=held.pk).update(**change)
    Target.objects.filter(pk=held.pk).update(author=None)  # a person may go


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"metric": " \0"}, "metric"),
        ({"metric": "x" * 201}, "metric"),
        ({"bar": float("nan")}, "bar"),
        ({"bar": float("inf")}, "bar"),
        ({"bar_direction": "up"}, "bar_direction"),
        ({"margin": -0.1}, "margin"),
        ({"smallest_sample": 10**9}, "smallest_sample"),
        ({"slices": [str(n) for n in range(51)]}, "slices"),
        ({"tolerated_failure_ratio": 1.2}, "tolerated_failure_ratio"),
        ({"availability_ratio": float("nan")}, "availability_ratio"),
        ({"bad_output_usd": Decimal("-1")}, "bad_output_usd"),
        ({"bad_output_usd": Decimal("1e99")}, "bad_output_usd"),
        ({"blast_radius": ["the moon"]}, "blast_radius"),
        ({"p95_latency_ms": 0}, "p95_latency_ms"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    project: Project, bob: User, said: dict[str, Any], where: str
) -> None:
    with pytest.raises(errors.BadTarget) as refused:
        services.propose_target(make_feature(project), terms(**said), actor=bob)
    assert set(refused.value.faults) == {where}


def test_upper_apps_hear_of_it_once_it_is_committed(
    project: Project, alice: User, bob: User, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[dict[str, Any]] = []

    def hear(sender: Any, **told: Any) -> None:
        heard.append({name: told[name] for name in ("project_id", "feature", "number")})

    target_approved.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            make_target(make_feature(project), bob, alice)
            assert heard == []
    finally:
        target_approved.disconnect(hear)
    assert heard == [{"project_id": project.pk, "feature": "refund-agent", "number": 1}]

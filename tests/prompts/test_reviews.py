"""Verdicts: who may give one, on what, and what makes them count no more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Membership, Project, User
from accounts.services.keys import create_key, rotate_key
from audit.models import AuditEntry
from prompts.models import ChangeRequest, Check, Review
from prompts.queries.reviews import count_waiting
from prompts.services.checking import Report, report_check
from prompts.services.environments import delegate, set_folder_owners
from prompts.services.errors import (
    AlreadyApproved,
    Blocked,
    NeedsPerson,
    NothingToDo,
    NotOpen,
    SelfApproval,
    VersionMoved,
)
from prompts.services.proposing import (
    Proposal,
    close_request,
    open_draft,
    point_at,
    propose,
    reopen_request,
    take_new_base,
)
from prompts.services.reviewing import approve, dismiss, override_checks, request_changes
from prompts.services.rolling import Plan, roll_out, set_share
from tests.factories import Key
from tests.prompts.making import make_request, make_reviewer, make_version, protect, serve, text


@pytest.fixture
def jun(project: Project) -> User:
    return make_reviewer(project, "jun")


@pytest.fixture
def tom(project: Project) -> User:
    return make_reviewer(project, "tom")


@pytest.fixture
def request_(project: Project, bob: User) -> ChangeRequest:
    protect(project)
    return make_request(project, bob)


def again(request: ChangeRequest) -> ChangeRequest:
    return ChangeRequest.objects.get(pk=request.pk)


def test_an_approval_lets_the_label_move(request_: ChangeRequest, jun: User, bob: User) -> None:
    with pytest.raises(Blocked, match="1 approval needed"):
        roll_out(request_, Plan(share=1000), actor=bob)
    approve(request_, actor=jun, version=2, revision=request_.revision, note="Good.")
    assert again(request_).status == "approved"
    assert AuditEntry.objects.filter(action="change_request.approved", reason="Good.").exists()
    roll_out(request_, Plan(share=1000), actor=bob)
    assert again(request_).status == "rolling_out"


def test_no_author_of_any_part_of_the_change_approves_it(
    request_: ChangeRequest, project: Project, bob: User, jun: User, tom: User
) -> None:
    with pytest.raises(NeedsPerson):  # bob is an engineer
        approve(request_, actor=bob, version=2)
    Membership.objects.filter(user=bob).update(role="owner")
    with pytest.raises(SelfApproval):
        approve(request_, actor=bob, version=2)
    # Jun writes the next version on top of it; both are authors of what is proposed now.
    make_version(project, content=text("Jun's"), actor=jun)
    point_at(request_, 3, actor=bob)
    for author in (bob, jun):
        with pytest.raises(SelfApproval):
            approve(request_, actor=author, version=3)
    approve(request_, actor=tom, version=3)
    assert not AuditEntry.objects.filter(
        action="change_request.approved", actor_id=str(bob.pk)
    ).exists()


def test_whoever_made_a_key_is_an_author_of_what_the_key_wrote(
    project: Project, jun: User, tom: User
) -> None:
    """Also by a key that a key of theirs made, or that took the place of one."""
    protect(project)
    serve(make_version(project).prompt, 1)
    first = create_key(project, "ci", actor=jun).key
    by_a_key = create_key(project, "deploy", actor=first).key
    rotated = rotate_key(by_a_key, actor=None).key
    for number, key in enumerate((first, by_a_key, rotated), start=2):
        made = make_version(project, content=text(f"v{number}"), actor=key)
        request = propose(made.prompt, Proposal("production", number, "By CI"), actor=tom)
        with pytest.raises(SelfApproval):
            approve(request, actor=jun, version=number)
        assert (made.author_label, request.author) == (f"key {key.name}", tom)
    request = propose(made.prompt, Proposal("staging", 2, "By CI"), actor=first)
    with pytest.raises(SelfApproval):
        approve(request, actor=jun, version=2)
    approve(request, actor=tom, version=2)


def test_a_key_or_a_stranger_gives_no_verdict(
    request_: ChangeRequest, key: Key, charlie: User
) -> None:
    for actor in (key.stored, charlie, None):
        for verdict in (approve, request_changes):
            with pytest.raises(NeedsPerson):
                verdict(request_, actor=actor, version=2)
    assert not Review.objects.exists()


def test_an_approval_of_what_was_not_seen_is_refused(
    request_: ChangeRequest, project: Project, bob: User, jun: User, tom: User
) -> None:
    seen = request_.revision
    make_version(project, content=text("third"), actor=bob)
    point_at(request_, 3, actor=bob)
    with pytest.raises(VersionMoved, match="proposes v3 now"):
        approve(request_, actor=jun, version=2)
    with pytest.raises(VersionMoved, match="changed since"):
        approve(request_, actor=jun, version=3, revision=seen)
    approve(request_, actor=jun, version=3, revision=again(request_).revision)
    with pytest.raises(AlreadyApproved):
        approve(request_, actor=jun, version=3)
    make_version(project, content=text("fourth"), actor=bob)
    point_at(request_, 4, actor=bob)
    assert again(request_).status == "open"
    assert Review.objects.get(author=jun).dropped == "v4 came after v3 was approved"
    approve(request_, actor=jun, version=4)


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_the_second_looks_again(
    request_: ChangeRequest, jun: User, tom: User, bob: User
) -> None:
    def vote(user: User) -> str:
        try:
            approve(request_, actor=user, version=2, revision=request_.revision)
        except VersionMoved:
            return "refused"
        finally:
            connection.close()
        return "approved"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(vote, [jun, tom])) == ["approved", "refused"]

    def start(user: User) -> str:
        try:
            roll_out(request_, Plan(share=500), actor=user)
        except NotOpen:
            return "refused"
        finally:
            connection.close()
        return "started"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(start, [bob, tom])) == ["refused", "started"]


def test_a_refusal_stands_until_it_is_answered(
    request_: ChangeRequest, project: Project, bob: User, jun: User, tom: User
) -> None:
    approve(request_, actor=jun, version=2)
    refusal = request_changes(request_, actor=tom, version=2, note="Dates again.")
    assert again(request_).status == "changes_requested"
    make_version(project, content=text("third"), actor=bob)
    point_at(request_, 3, actor=bob)
    approve(request_, actor=jun, version=3)
    with pytest.raises(Blocked, match="Tom requested changes"):
        roll_out(request_, Plan(share=100), actor=bob)
    with pytest.raises(NeedsPerson):
        dismiss(refusal, actor=bob, reason="He is away.")
    dismiss(refusal, actor=jun, reason="He is away.")
    assert again(request_).status == "approved"
    roll_out(request_, Plan(share=100), actor=bob)


def test_a_moved_label_asks_for_a_new_base(
    request_: ChangeRequest, project: Project, bob: User, jun: User
) -> None:
    approve(request_, actor=jun, version=2)
    make_version(project, content=text("hotfix"))
    serve(request_.prompt, 3)
    with pytest.raises(Blocked, match="is on v3 now; this review began from v1"):
        roll_out(request_, Plan(), actor=bob)
    take_new_base(request_, actor=bob)
    assert again(request_).from_version.number == 3
    assert again(request_).status == "open"  # what is compared is another: approvals are dropped


def test_checks_block_until_green_or_overridden_by_the_owner(
    request_: ChangeRequest, project: Project, alice: User, bob: User, jun: User, key: Key
) -> None:
    protect(project, required_checks=["gate"], check_max_age_hours=1)
    approve(request_, actor=jun, version=2)
    for state in ("pending", "fail", "inconclusive", "error"):
        report_check(request_, Report("gate", Check.State(state)), actor=key.stored)
        with pytest.raises(Blocked, match="gate"):
            roll_out(request_, Plan(share=100), actor=bob)
    old = report_check(request_, Report("gate", Check.State.PASS), actor=key.stored)
    Check.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(hours=2))
    with pytest.raises(Blocked, match="over 1 hours ago"):
        roll_out(request_, Plan(share=100), actor=bob)
    with pytest.raises(NotOpen, match="owner"):
        override_checks(request_, actor=jun, version=2, reason="It is fine.")
    with pytest.raises(NotOpen, match="Say why"):
        override_checks(request_, actor=alice, version=2, reason=" ")
    override_checks(request_, actor=alice, version=2, reason="The judge is down.")
    entry = AuditEntry.objects.get(action="change_request.checks_overridden")
    assert entry.reason == "The judge is down."
    roll_out(request_, Plan(share=100), actor=bob)


def test_an_override_is_of_one_version(
    request_: ChangeRequest, project: Project, alice: User, bob: User, jun: User
) -> None:
    protect(project, required_checks=["gate"])
    override_checks(request_, actor=alice, version=2, reason="Known.")
    make_version(project, content=text("third"), actor=bob)
    point_at(request_, 3, actor=bob)
    approve(request_, actor=jun, version=3)
    with pytest.raises(Blocked, match="gate has not reported on v3"):
        roll_out(request_, Plan(share=100), actor=bob)


def test_an_owner_of_the_folder_or_who_stands_in_must_approve(
    project: Project, alice: User, bob: User, jun: User, tom: User
) -> None:
    protect(project)
    set_folder_owners(project, "refund-agent", [tom], actor=alice)
    request = make_request(project, bob)
    assert list(request.asked.values_list("user_id", "is_required")) == [(tom.pk, True)]
    approve(request, actor=jun, version=2)
    with pytest.raises(Blocked, match="must approve: Tom"):
        roll_out(request, Plan(share=100), actor=bob)
    now = timezone.now()
    delegate(project, tom, jun, starts_at=now, ends_at=now + timedelta(days=7), actor=tom)
    roll_out(request, Plan(share=100), actor=bob)


def test_whom_the_rules_require_while_it_runs_is_asked_and_may_let_it_go_further(
    request_: ChangeRequest, project: Project, alice: User, bob: User, jun: User, tom: User
) -> None:
    approve(request_, actor=jun, version=2)
    rollout = roll_out(request_, Plan(share=100), actor=bob)
    assert rollout is not None
    set_folder_owners(project, "refund-agent", [tom], actor=alice)
    assert again(request_).status == "rolling_out"
    assert count_waiting(project, tom) == 1
    with pytest.raises(Blocked, match="must approve: Tom"):
        set_share(rollout, 500, actor=bob)
    approve(request_, actor=tom, version=2)
    assert count_waiting(project, tom) == 0
    set_share(rollout, 10_000, actor=bob)


def test_a_request_is_asked_once_closed_and_taken_up_again(
    request_: ChangeRequest, project: Project, bob: User, jun: User
) -> None:
    prompt = request_.prompt
    with pytest.raises(NothingToDo, match="asks for this already"):
        propose(prompt, Proposal("production", 2, "Again"), actor=bob)
    with pytest.raises(NothingToDo, match="is on v1 already"):
        propose(prompt, Proposal("production", 1, "Stay"), actor=bob)
    approve(request_, actor=jun, version=2)
    close_request(request_, actor=bob)
    with pytest.raises(NotOpen):
        approve(request_, actor=jun, version=2)
    reopen_request(request_, actor=bob)
    assert again(request_).status == "open"
    draft = propose(prompt, Proposal("staging", 2, "Try", is_draft=True), actor=bob)
    assert draft.number == request_.number + 1
    with pytest.raises(NotOpen):
        approve(draft, actor=jun, version=2)
    assert open_draft(draft, actor=bob).status == "open"

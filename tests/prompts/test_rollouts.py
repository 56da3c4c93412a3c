"""Rollouts: what starts one, what its share does, what is refused, how it goes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Project, User
from audit.models import AuditEntry
from prompts.models import ChangeRequest, LabelMove, Prompt, Rollout
from prompts.queries.rollouts import periods
from prompts.services.errors import Blocked, InUse, NothingToDo, NotOpen, TooLate
from prompts.services.moving import set_labels
from prompts.services.proposing import Proposal, propose
from prompts.services.reviewing import approve, request_changes
from prompts.services.rolling import Plan, Stage, halt, resume, roll_out, set_share
from prompts.services.rolling_back import explain_rollback, roll_back, undo_rollback
from tests.prompts.making import make_request, make_reviewer, make_version, protect, serve, text


@pytest.fixture
def request_(project: Project, bob: User) -> ChangeRequest:
    """A review of a free label: nothing but the rollout is at stake."""
    return make_request(project, bob, label="staging")


def at(prompt: Prompt, label: str = "staging") -> int | None:
    found = prompt.labels.select_related("version").filter(name=label).first()
    return found.version.number if found else None


def status(request: ChangeRequest) -> str:
    return ChangeRequest.objects.get(pk=request.pk).status


def test_the_label_moves_when_the_share_is_whole(request_: ChangeRequest, bob: User) -> None:
    rollout = roll_out(request_, Plan(share=1000), actor=bob)
    assert rollout is not None
    assert (at(request_.prompt), status(request_)) == (1, "rolling_out")
    set_share(rollout, 5000, actor=bob)
    assert at(request_.prompt) == 1
    set_share(rollout, 10_000, actor=bob)
    assert (at(request_.prompt), status(request_)) == (2, "complete")
    rollout.refresh_from_db()
    assert rollout.status == "complete"
    kinds = list(rollout.events.order_by("pk").values_list("kind", "share_before", "share_after"))
    assert kinds == [
        ("started", 0, 1000),
        ("share", 1000, 5000),
        ("complete", 5000, 10_000),
    ]
    assert AuditEntry.objects.filter(action__startswith="rollout.").count() == 3


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (Plan(share=0), "more than 0"),
        (Plan(share=10_001), "at most 100"),
        (Plan(share=500, stages=[Stage(500, 60), Stage(400, 60)]), "grow"),
        (Plan(share=400, stages=[Stage(500, 60)]), "first stage"),
        (Plan(share=500, stages=[Stage(500, 0)]), "at least 1 minute"),
        (Plan(share=10_000, test={"metric": "errors"}), "fixed shares"),
        (Plan(share=500, guards=[{"metric": "joy", "margin": 1}]), "joy"),
        (Plan(share=500, guards=[{"metric": "errors", "margin": 2}]), "share of 1"),
    ],
)
def test_plans_that_cannot_be(request_: ChangeRequest, bob: User, plan: Plan, words: str) -> None:
    with pytest.raises(NothingToDo, match=words):
        roll_out(request_, plan, actor=bob)
    assert not Rollout.objects.exists()


def test_the_last_stage_needs_its_approvals_at_the_start_and_a_share_its_own_on_the_way(
    project: Project, bob: User
) -> None:
    jun, tom = make_reviewer(project, "jun"), make_reviewer(project, "tom")
    protect(project)
    request = make_request(project, bob)
    approve(request, actor=jun, version=2)
    stages = [Stage(500, 60), Stage(2500, 60)]
    with pytest.raises(Blocked, match="2 approvals needed above 10 %"):
        roll_out(request, Plan(share=500, stages=stages), actor=bob)
    rollout = roll_out(request, Plan(share=500), actor=bob)
    assert rollout is not None
    with pytest.raises(Blocked, match="2 approvals"):
        set_share(rollout, 1001, actor=bob)
    set_share(rollout, 1000, actor=bob)
    request_changes(request, actor=tom, version=2, note="Wait for Monday.")
    set_share(rollout, 100, actor=bob)  # narrowing is safe, whatever the rules
    with pytest.raises(Blocked, match="Tom requested changes"):
        set_share(rollout, 500, actor=bob)
    approve(request, actor=tom, version=2)
    set_share(rollout, 10_000, actor=bob)
    assert (at(request.prompt, "production"), status(request)) == (2, "complete")
    with pytest.raises(NotOpen):
        approve(request, actor=jun, version=2)


def test_only_one_rollout_moves_a_label(
    request_: ChangeRequest, project: Project, bob: User
) -> None:
    roll_out(request_, Plan(share=1000), actor=bob)
    with pytest.raises(NotOpen):
        roll_out(request_, Plan(share=1000), actor=bob)
    with pytest.raises(InUse, match="A rollout of staging runs"):
        set_labels(request_.prompt, 2, ["staging"], actor=bob)
    make_version(project, content=text("third"), actor=bob)
    other = propose(request_.prompt, Proposal("staging", 3, "Third"), actor=bob)
    with pytest.raises(Blocked, match="moves staging already"):
        roll_out(other, Plan(share=500), actor=bob)


def test_a_rollback_needs_no_approval_and_its_reason_comes_later(
    project: Project, alice: User, bob: User
) -> None:
    jun = make_reviewer(project, "jun")
    protect(project)
    request = make_request(project, bob)
    approve(request, actor=jun, version=2)
    roll_out(request, Plan(share=1000), actor=bob)
    made = roll_back(request.prompt, "production", actor=alice)
    assert (made.from_version.number, made.to_version.number) == (2, 1)
    assert (at(request.prompt, "production"), status(request)) == (1, "rolled_back")
    explain_rollback(made.pk, request.prompt, actor=alice, reason="It promised dates.")
    request.refresh_from_db()
    assert request.rollback_reason == "It promised dates."
    with pytest.raises(NothingToDo):
        explain_rollback(made.pk, request.prompt, actor=alice, reason=" ")


def test_an_undone_rollback_is_as_if_it_had_not_been(
    request_: ChangeRequest, bob: User, project: Project
) -> None:
    prompt = request_.prompt
    rollout = roll_out(request_, Plan(share=1000), actor=bob)
    assert rollout is not None
    made = roll_back(prompt, "staging", actor=bob)
    undo_rollback(made.pk, prompt, actor=bob)
    rollout.refresh_from_db()
    assert (rollout.status, rollout.share, status(request_)) == ("active", 1000, "rolling_out")
    set_share(rollout, 10_000, actor=bob)
    made = roll_back(prompt, "staging", actor=bob)
    assert (at(prompt), status(request_)) == (1, "rolled_back")
    undo_rollback(made.pk, prompt, actor=bob)
    assert (at(prompt), status(request_)) == (2, "complete")
    made = roll_back(prompt, "staging", actor=bob)
    LabelMove.objects.filter(pk=made.pk).update(at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(TooLate, match="30 seconds"):
        undo_rollback(made.pk, prompt, actor=bob)
    made = _moved_since(project, prompt, bob)
    with pytest.raises(TooLate, match="moved since"):
        undo_rollback(made.pk, prompt, actor=bob)


def _moved_since(project: Project, prompt: Prompt, bob: User) -> LabelMove:
    serve(prompt, 2, "staging")
    made = roll_back(prompt, "staging", actor=bob)
    make_version(project, content=text("other"))
    serve(prompt, 3, "staging")
    return made


def test_an_undone_rollback_leaves_a_stage_its_time_and_a_halt_its_silence(
    request_: ChangeRequest, bob: User
) -> None:
    stages = [Stage(500, 60), Stage(2500, 60)]
    rollout = roll_out(request_, Plan(share=500, stages=stages), actor=bob)
    assert rollout is not None
    due = rollout.next_stage_at
    for is_halted in (False, True):
        if is_halted:
            halt(rollout, actor=None, reason="Errors: 4 points higher.")
        made = roll_back(request_.prompt, "staging", actor=bob)
        undo_rollback(made.pk, request_.prompt, actor=bob)
        rollout.refresh_from_db()
        assert rollout.status == ("halted" if is_halted else "active")
        assert rollout.next_stage_at == (None if is_halted else due)
    # An hour of traffic each: begun, rolled back, undone, halted, rolled back, undone.
    began = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=6)
    for hours, event in enumerate(rollout.events.order_by("pk")):
        rollout.events.filter(pk=event.pk).update(at=began + timedelta(hours=hours))
    hour = timedelta(hours=1)
    assert list(periods(rollout, began, began + 6 * hour)) == [
        (500, began, began + hour),
        (500, began + 2 * hour, began + 3 * hour),
    ]


def test_a_second_rollback_is_of_the_review_that_brought_what_it_takes_away(
    request_: ChangeRequest, project: Project, bob: User
) -> None:
    prompt = request_.prompt
    roll_out(request_, Plan(), actor=bob)
    make_version(project, content=text("third"), actor=bob)
    later = propose(prompt, Proposal("staging", 3, "Third"), actor=bob)
    roll_out(later, Plan(), actor=bob)
    for number, left in ((2, later), (1, request_)):
        made = roll_back(prompt, "staging", actor=bob)
        assert (at(prompt), made.request) == (number, left)
        assert status(left) == "rolled_back"
    undo_rollback(made.pk, prompt, actor=bob)
    assert (at(prompt), status(request_), status(later)) == (2, "complete", "rolled_back")


def test_there_is_nothing_before_the_first_version(request_: ChangeRequest, bob: User) -> None:
    with pytest.raises(NothingToDo, match="from the start"):
        roll_back(request_.prompt, "staging", actor=bob)
    with pytest.raises(NothingToDo, match="no label"):
        roll_back(request_.prompt, "nowhere", actor=bob)


def test_a_halt_waits_for_somebody_who_says_why(request_: ChangeRequest, bob: User) -> None:
    rollout = roll_out(request_, Plan(share=1000), actor=bob)
    assert rollout is not None
    evidence: dict[str, Any] = {"metric": "errors", "effect": 0.04}
    halt(rollout, actor=None, reason="Errors: 4 points higher.", evidence=evidence)
    halt(rollout, actor=None, reason="Again.")
    rollout.refresh_from_db()
    assert (rollout.status, rollout.ended_why) == ("halted", "Errors: 4 points higher.")
    assert status(request_) == "halted"
    with pytest.raises(NotOpen):
        set_share(rollout, 2000, actor=bob)
    with pytest.raises(NotOpen, match="Say why"):
        resume(rollout, actor=bob, reason="")
    resume(rollout, actor=bob, reason="The provider was down.")
    rollout.refresh_from_db()
    assert (rollout.status, rollout.share) == ("active", 1000)
    assert rollout.guarded_since is not None

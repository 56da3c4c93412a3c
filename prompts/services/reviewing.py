"""Verdicts on a change request, and the two ways around one: dismissed, or overridden."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from accounts.services.trail import Actor
from prompts.models import ChangeRequest, Override, Review
from prompts.queries.deciding import author_pks, can_review, people_of
from prompts.services.errors import (
    AlreadyApproved,
    NeedsPerson,
    NotOpen,
    SelfApproval,
    VersionMoved,
)
from prompts.services.locking import pages_changed
from prompts.services.news import tell_of_request
from prompts.services.proposing import ask_reviewers, record_of, reread
from prompts.services.standing import refresh_status

Verdict = Review.Verdict


@transaction.atomic
def approve(
    request: ChangeRequest,
    *,
    actor: Actor,
    version: int,
    revision: int | None = None,
    note: str = "",
) -> Review:
    """Record a person's approval of `version`, which they looked at.

    With `revision` (what the page showed) it is refused as well when anything else that a reviewer
    judges by changed since: the base, another verdict, a check. Of two people who approve the same
    page at once the second is asked to look again.

    Raises: NeedsPerson, NotOpen, SelfApproval, VersionMoved, AlreadyApproved.
    """
    request = reread(request)
    user = _reviewer(request, actor)
    if user.pk in author_pks(request):
        raise SelfApproval("Someone other than the authors of the change must approve it.")
    _refuse_stale(request, version, revision)
    standing = request.reviews.filter(
        author=user, version=request.version, verdict=Verdict.APPROVED, dropped=""
    )
    latest = request.reviews.exclude(verdict=Verdict.COMMENTED).filter(author=user).last()
    if standing.exists() and latest is not None and latest.verdict == Verdict.APPROVED:
        raise AlreadyApproved(f"You approved {request.version} already.")
    return _give(request, user, Verdict.APPROVED, note)


@transaction.atomic
def request_changes(
    request: ChangeRequest,
    *,
    actor: Actor,
    version: int,
    revision: int | None = None,
    note: str = "",
) -> Review:
    """Record that a person wants `version` changed; the label does not move until they are content.

    Raises: NeedsPerson, NotOpen, VersionMoved.
    """
    request = reread(request)
    user = _reviewer(request, actor)
    _refuse_stale(request, version, revision)
    return _give(request, user, Verdict.CHANGES_REQUESTED, note)


@transaction.atomic
def comment_on_request(request: ChangeRequest, *, actor: Actor, note: str) -> Review:
    """Record a remark that is no verdict. Raises: NeedsPerson."""
    request = reread(request)
    if not isinstance(actor, User):
        raise NeedsPerson("A review is given by a person, not by a key.")
    return _give(request, actor, Verdict.COMMENTED, note)


@transaction.atomic
def dismiss(review: Review, *, actor: Actor, reason: str) -> Review:
    """Let a verdict count no more, with a reason: its author is away, or was answered.

    Raises: NeedsPerson, SelfApproval (authors dismiss no refusal of their own change), NotOpen.
    """
    request = reread(review.request)
    user = _reviewer(request, actor)
    if user.pk in author_pks(request):
        raise SelfApproval("Someone other than the authors of the change must dismiss a verdict.")
    if not reason.strip():
        raise NotOpen("Say why the verdict no longer counts.")
    review = request.reviews.select_related("author").get(pk=review.pk)
    review.dropped = f"dismissed by {user.display_name}: {reason.strip()}"[:500]
    review.save(update_fields=["dropped"])
    request.revision += 1
    record_of(
        "change_request.verdict_dismissed",
        request,
        actor,
        reason=reason,
        verdict=review.verdict,
        of=review.author.display_name,
    )
    refresh_status(request)
    pages_changed(request.project_id)
    return review


@transaction.atomic
def override_checks(request: ChangeRequest, *, actor: Actor, version: int, reason: str) -> Override:
    """Let the version pass although a required check is not green: the owner's decision.

    Raises: NeedsPerson, NotOpen (also without a reason, or by somebody who is no owner),
    SelfApproval, VersionMoved.
    """
    request = reread(request)
    user = _reviewer(request, actor)
    people = people_of(request.project, request)
    if not people[user.pk].is_owner:
        raise NotOpen("Only the owner of the prompt or of the project may let a check pass.")
    if user.pk in author_pks(request):
        raise SelfApproval("An author of the change does not let its checks pass.")
    if not reason.strip():
        raise NotOpen("Say why this version may go on although a check is not green.")
    _refuse_stale(request, version, None)
    made, _ = Override.objects.update_or_create(
        request=request, version=request.version, defaults={"by": user, "reason": reason.strip()}
    )
    request.revision += 1
    record_of("change_request.checks_overridden", request, actor, reason=reason)
    refresh_status(request)
    pages_changed(request.project_id)
    tell_of_request("review.overridden", request, actor=actor)
    return made


@transaction.atomic
def ask(request: ChangeRequest, users: Sequence[User], *, actor: Actor) -> None:
    """Ask people to review. Raises: NotOpen."""
    request = reread(request)
    if not request.is_pending and not request.is_running:
        raise NotOpen(f"Review #{request.number} is {request.status.replace('_', ' ')}.")
    ask_reviewers(request, users, actor=actor)
    pages_changed(request.project_id)


def _reviewer(request: ChangeRequest, actor: Actor) -> User:
    if not isinstance(actor, User):
        raise NeedsPerson("A review is given by a person, not by a key.")
    if not can_review(request.project, actor):
        raise NeedsPerson("This needs the role reviewer or above in the project.")
    if not request.takes_verdicts:
        raise NotOpen(f"Review #{request.number} is {request.status.replace('_', ' ')}.")
    return actor


def _refuse_stale(request: ChangeRequest, version: int, revision: int | None) -> None:
    if version != request.version.number:
        raise VersionMoved(
            f"Review #{request.number} proposes v{request.version.number} now, "
            f"not v{version}, which you looked at."
        )
    if revision is not None and revision != request.revision:
        raise VersionMoved(
            f"Review #{request.number} changed since you opened it: a verdict, a check or what "
            "serves now. Look again, then decide."
        )


def _give(request: ChangeRequest, user: User, verdict: Review.Verdict, note: str) -> Review:
    review = Review.objects.create(
        request=request,
        version=request.version,
        author=user,
        verdict=verdict,
        note=note.replace("\0", ""),
    )
    if verdict != Verdict.COMMENTED:
        request.revision += 1
    record_of(f"change_request.{verdict}", request, user, reason=note)
    refresh_status(request)
    pages_changed(request.project_id)
    event = {
        Verdict.APPROVED: "review.approved",
        Verdict.CHANGES_REQUESTED: "review.changes_requested",
        Verdict.COMMENTED: "review.commented",
    }[verdict]
    tell_of_request(event, request, actor=user, note=note)
    return review

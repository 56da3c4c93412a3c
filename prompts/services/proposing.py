"""Change requests: proposed, pointed at another version, brought up to date, closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Project, User
from accounts.services.trail import Actor, person, record, responsible
from prompts.models import (
    AskedReviewer,
    ChangeRequest,
    Prompt,
    PromptVersion,
    RequestNumber,
    Review,
)
from prompts.queries.deciding import people_of, required_owners
from prompts.rules.names import fault_of_label
from prompts.services.errors import BadName, NothingToDo, NotOpen
from prompts.services.locking import label_of, lock, pages_changed
from prompts.services.moving import standing_version
from prompts.services.news import tell_of_request
from prompts.services.standing import refresh_status
from prompts.signals import version_proposed

LONGEST_TITLE = 200


@dataclass(frozen=True)
class Proposal:
    """What is asked: to move `label` of a prompt to version `number`."""

    label: str
    number: int
    title: str
    description: str = ""
    reviewers: Sequence[User] = ()
    is_draft: bool = False


@transaction.atomic
def propose(prompt: Prompt, proposal: Proposal, *, actor: Actor) -> ChangeRequest:
    """Open a change request from what the label serves now to the version asked for.

    The owners of the prompt's folder are asked to review as well.
    Raises: BadName, NoSuchVersion, NothingToDo (the label is there already, or another open
    request asks for the very same move).
    """
    if fault := fault_of_label(proposal.label):
        raise BadName(fault, "label")
    prompt = lock(prompt.pk)
    version = standing_version(prompt, proposal.number)
    serving = _serving(prompt, proposal.label)
    if serving == version:
        raise NothingToDo(f"{proposal.label} is on v{version.number} already.")
    twin = prompt.requests.filter(
        label=proposal.label,
        version=version,
        status__in=ChangeRequest.STANDING,
    ).first()
    if twin is not None:
        raise NothingToDo(f"Review #{twin.number} asks for this already.")
    title = proposal.title.replace("\0", "").strip()[:LONGEST_TITLE]
    request = ChangeRequest.objects.create(
        project=prompt.project,
        number=_next_number(prompt.project),
        prompt=prompt,
        label=proposal.label,
        from_version=serving,
        version=version,
        title=title or f"Move {proposal.label} of {prompt.name} to v{version.number}",
        description=proposal.description.replace("\0", ""),
        status=ChangeRequest.Status.DRAFT if proposal.is_draft else ChangeRequest.Status.OPEN,
        author=responsible(actor),
        author_label=label_of(actor),
    )
    record_of("change_request.proposed", request, actor, title=request.title)
    ask_reviewers(request, proposal.reviewers, actor=actor)
    refresh_status(request)
    pages_changed(request.project_id)
    if not proposal.is_draft:
        tell_of_request("review.opened", request, actor=actor)
        _send_proposed(request)
    return request


@transaction.atomic
def open_draft(request: ChangeRequest, *, actor: Actor) -> ChangeRequest:
    """Let reviewers see a draft. Raises: NotOpen."""
    request = reread(request)
    if request.status != ChangeRequest.Status.DRAFT:
        raise NotOpen(f"Review #{request.number} is no draft.")
    request.status = ChangeRequest.Status.OPEN
    record_of("change_request.opened", request, actor)
    refresh_status(request)
    pages_changed(request.project_id)
    tell_of_request("review.opened", request, actor=actor)
    _send_proposed(request)
    return request


@transaction.atomic
def point_at(request: ChangeRequest, number: int, *, actor: Actor) -> ChangeRequest:
    """Propose another version in the same request; approvals of the former one are dropped.

    Raises: NotOpen, NoSuchVersion, NothingToDo.
    """
    request = reread(request)
    _require_pending(request)
    version = standing_version(request.prompt, number)
    if version == request.version:
        raise NothingToDo(f"Review #{request.number} proposes v{number} already.")
    if version == _serving(request.prompt, request.label):
        raise NothingToDo(f"{request.label} is on v{number} already.")
    before, request.version = request.version, version
    drop_approvals(request, f"v{number} came after v{before.number} was approved")
    request.revision += 1
    record_of("change_request.version_changed", request, actor, before=before.number, after=number)
    ask_reviewers(request, (), actor=actor)
    refresh_status(request)
    pages_changed(request.project_id)
    tell_of_request("review.version_changed", request, actor=actor)
    _send_proposed(request)
    return request


@transaction.atomic
def take_new_base(request: ChangeRequest, *, actor: Actor) -> ChangeRequest:
    """Compare with what the label serves now, because it moved since; approvals are dropped.

    Raises: NotOpen, NothingToDo.
    """
    request = reread(request)
    _require_pending(request)
    serving = _serving(request.prompt, request.label)
    if serving == request.from_version:
        raise NothingToDo("The label did not move since this review began.")
    if serving == request.version:
        raise NothingToDo(f"{request.label} is on {serving} already: close this review.")
    before, request.from_version = request.from_version, serving
    drop_approvals(request, f"{request.label} moved from {before or 'nothing'} to {serving}")
    request.revision += 1
    record_of(
        "change_request.base_changed",
        request,
        actor,
        before=before.number if before else None,
        after=serving.number if serving else None,
    )
    refresh_status(request)
    pages_changed(request.project_id)
    _send_proposed(request)
    return request


@transaction.atomic
def edit_request(
    request: ChangeRequest,
    *,
    actor: Actor,
    title: str | None = None,
    description: str | None = None,
) -> ChangeRequest:
    """Change what the request says of itself."""
    request = reread(request)
    before = {"title": request.title, "description": request.description}
    if title is not None and title.strip():
        request.title = title.replace("\0", "").strip()[:LONGEST_TITLE]
    if description is not None:
        request.description = description.replace("\0", "")
    after = {"title": request.title, "description": request.description}
    if after != before:
        request.save(update_fields=["title", "description"])
        record_of("change_request.edited", request, actor, before=before, after=after)
        pages_changed(request.project_id)
    return request


@transaction.atomic
def close_request(request: ChangeRequest, *, actor: Actor, reason: str = "") -> ChangeRequest:
    """Give the proposal up; the label stays where it is. Raises: NotOpen."""
    request = reread(request)
    _require_pending(request)
    request.status = ChangeRequest.Status.CLOSED
    request.ended_at = timezone.now()
    request.revision += 1
    request.save()
    record_of("change_request.closed", request, actor, reason=reason)
    pages_changed(request.project_id)
    tell_of_request("review.closed", request, actor=actor)
    return request


@transaction.atomic
def reopen_request(request: ChangeRequest, *, actor: Actor) -> ChangeRequest:
    """Take a closed proposal up again; what was approved must be approved anew. Raises: NotOpen."""
    request = reread(request)
    if request.status != ChangeRequest.Status.CLOSED:
        raise NotOpen(f"Review #{request.number} is {request.status.replace('_', ' ')}.")
    request.status, request.ended_at = ChangeRequest.Status.OPEN, None
    drop_approvals(request, "the review was closed meanwhile")
    request.revision += 1
    record_of("change_request.reopened", request, actor)
    refresh_status(request)
    pages_changed(request.project_id)
    _send_proposed(request)
    return request


def ask_reviewers(request: ChangeRequest, users: Sequence[User], *, actor: Actor) -> None:
    """Put `users`, and the owners whom the prompt's folder requires, on the list, and tell them.

    Called under the prompt's lock.
    """
    people = people_of(request.project, request)
    owners = required_owners(request, people)
    required = {one.pk for one in (*owners.people, *owners.deputies)} if owners else set()
    wanted = {user.pk for user in users if user.pk in people} | required
    known = set(request.asked.values_list("user_id", flat=True))
    request.asked.filter(user_id__in=required).update(is_required=True)
    request.asked.exclude(user_id__in=required).update(is_required=False)
    new = sorted(wanted - known)
    AskedReviewer.objects.bulk_create(
        [
            AskedReviewer(
                request=request, user_id=pk, is_required=pk in required, asked_by=person(actor)
            )
            for pk in new
        ]
    )
    if new:
        record_of("change_request.reviewers_asked", request, actor, users=new)
        if request.status != ChangeRequest.Status.DRAFT:
            tell_of_request("review.asked", request, actor=actor, to=new)


def reread(request: ChangeRequest) -> ChangeRequest:
    """The request as it stands, with its prompt's lock held until the transaction ends."""
    prompt = lock(request.prompt_id)
    fresh = ChangeRequest.objects.select_related("version", "from_version", "author").get(
        pk=request.pk
    )
    fresh.prompt, fresh.project = prompt, prompt.project
    return fresh


def drop_approvals(request: ChangeRequest, why: str) -> None:
    """Let approvals given so far count no more. A refusal stays until it is answered."""
    request.reviews.filter(verdict=Review.Verdict.APPROVED, dropped="").update(dropped=why[:500])


def _send_proposed(request: ChangeRequest) -> None:
    """Say so once it is committed. A draft is nobody's concern yet."""
    if request.status == ChangeRequest.Status.DRAFT:
        return
    told = {"project_id": request.project_id, "request_id": request.pk}
    transaction.on_commit(lambda: version_proposed.send(ChangeRequest, **told))


def _require_pending(request: ChangeRequest) -> None:
    if not request.is_pending:
        raise NotOpen(f"Review #{request.number} is {request.status.replace('_', ' ')}.")


def _serving(prompt: Prompt, label: str) -> PromptVersion | None:
    found = prompt.labels.select_related("version").filter(name=label).first()
    return found.version if found else None


def _next_number(project: Project) -> int:
    RequestNumber.objects.bulk_create([RequestNumber(project=project)], ignore_conflicts=True)
    row = RequestNumber.objects.select_for_update(no_key=True).get(project=project)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


def record_of(
    action: str, request: ChangeRequest, actor: Actor, *, reason: str = "", **details: Any
) -> None:
    record(
        action,
        actor=actor,
        project=request.project,
        subject=request,
        reason=reason,
        number=request.number,
        prompt=request.prompt.name,
        label=request.label,
        version=request.version.number,
        **details,
    )

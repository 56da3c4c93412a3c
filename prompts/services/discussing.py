"""Threads on lines and of a whole request, their comments, suggestions that become versions."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.trail import Actor, person
from prompts.diff import Anchor, apply_suggestion, line_of, moved
from prompts.models import ChangeRequest, Comment, PromptVersion, Thread, Viewed
from prompts.services.errors import NeedsPerson, NothingToDo, NotOpen, VersionMoved
from prompts.services.locking import label_of, pages_changed
from prompts.services.news import tell_of_request
from prompts.services.proposing import point_at, record_of, reread
from prompts.services.versions import NewVersion, create_version

LONGEST_COMMENT = 20_000
LONGEST_PART = 300


@dataclass(frozen=True)
class Place:
    """A line of one side of the diff: `part` is a card's key, `line` counts from 1."""

    part: str
    line: int
    side: Thread.Side


@transaction.atomic
def start_thread(
    request: ChangeRequest,
    *,
    actor: Actor,
    body: str,
    place: Place | None = None,
    suggestion: str | None = None,
) -> Thread:
    """Begin a discussion: of a line, or (place None) of the whole request.

    A `suggestion` is new text for a line of the proposed version; '' takes the line away.
    Raises: NothingToDo (no text), NotOpen (no such line, or a suggestion for the old side).
    """
    request = reread(request)
    thread = Thread(request=request)
    if place is not None:
        version = request.version if place.side == Thread.Side.NEW else request.from_version
        text = (
            line_of(version.content(request.prompt.kind), place.part, place.line)
            if version is not None
            else None
        )
        if version is None or text is None:
            raise NotOpen("The version has no such line.")
        thread.version, thread.side = version, place.side
        thread.part, thread.line = place.part[:LONGEST_PART], place.line
        thread.line_text = text
    if suggestion is not None and thread.side != Thread.Side.NEW:
        raise NotOpen("A suggestion stands on a line of the proposed version.")
    thread.save()
    _add(thread, actor, body, suggestion)
    record_of("change_request.discussed", request, actor, part=thread.part, line=thread.line)
    pages_changed(request.project_id)
    tell_of_request("review.commented", request, actor=actor, note=body)
    return thread


@transaction.atomic
def reply(thread: Thread, *, actor: Actor, body: str, suggestion: str | None = None) -> Comment:
    """Add to a discussion; one that was resolved is open again. Raises: NothingToDo, NotOpen."""
    request = reread(thread.request)
    thread = request.threads.get(pk=thread.pk)
    if suggestion is not None and thread.side != Thread.Side.NEW:
        raise NotOpen("A suggestion stands on a line of the proposed version.")
    comment = _add(thread, actor, body, suggestion)
    if thread.resolved_at is not None:
        thread.resolved_at = thread.resolved_by = None
        thread.save(update_fields=["resolved_at", "resolved_by"])
    record_of("change_request.replied", request, actor, thread=thread.pk)
    pages_changed(request.project_id)
    tell_of_request("review.commented", request, actor=actor, note=body)
    return comment


@transaction.atomic
def edit_comment(comment: Comment, *, actor: Actor, body: str) -> Comment:
    """Let its author word a comment anew. Raises: NeedsPerson, NothingToDo."""
    request = reread(comment.thread.request)
    if not isinstance(actor, User) or comment.author_id != actor.pk:
        raise NeedsPerson("Only its author changes a comment.")
    text = body.replace("\0", "").strip()[:LONGEST_COMMENT]
    if not text:
        raise NothingToDo("A comment says something.")
    before, comment.body, comment.edited_at = comment.body, text, timezone.now()
    comment.save(update_fields=["body", "edited_at"])
    record_of("change_request.comment_edited", request, actor, before=before)
    pages_changed(request.project_id)
    return comment


@transaction.atomic
def resolve(thread: Thread, is_resolved: bool, *, actor: Actor) -> Thread:
    """Close a discussion, or open it again."""
    request = reread(thread.request)
    thread = request.threads.get(pk=thread.pk)
    if (thread.resolved_at is not None) == is_resolved:
        return thread
    thread.resolved_at = timezone.now() if is_resolved else None
    thread.resolved_by = person(actor) if is_resolved else None
    thread.save(update_fields=["resolved_at", "resolved_by"])
    done = "resolved" if is_resolved else "reopened"
    record_of(f"change_request.thread_{done}", request, actor, thread=thread.pk)
    pages_changed(request.project_id)
    return thread


@transaction.atomic
def apply(comment: Comment, *, actor: Actor) -> PromptVersion:
    """Make a suggestion the next version, and let the request propose it.

    The line is looked for where it stands now, in the version that is proposed now.
    Raises: NothingToDo (no suggestion), NotOpen, VersionMoved (the line is not there any more).
    """
    request = reread(comment.thread.request)
    if not request.is_pending:
        raise NotOpen(f"Review #{request.number} is {request.status.replace('_', ' ')}.")
    comment = Comment.objects.select_related("thread__version").get(pk=comment.pk)
    if comment.suggestion is None:
        raise NothingToDo("This comment suggests nothing.")
    if comment.applied_as_id is not None:
        raise NothingToDo("This suggestion was applied already.")
    now = request.version.content(request.prompt.kind)
    place = current_place(comment.thread, request)
    if place is None:
        raise VersionMoved("The line that this suggests to change is not there any more.")
    changed = apply_suggestion(now, place.key, place.line_no, place.line_no, comment.suggestion)
    by = comment.author.display_name if comment.author else comment.author_label
    version = create_version(
        request.project,
        request.prompt.name,
        NewVersion(
            content=changed,
            message=f"Suggestion of {by} in review #{request.number}",
            parent=request.version.number,
            origin=PromptVersion.Origin.SUGGESTION,
        ),
        actor=actor,
    )
    comment.applied_as = version
    comment.save(update_fields=["applied_as"])
    Thread.objects.filter(pk=comment.thread_id).update(
        resolved_at=timezone.now(), resolved_by=person(actor)
    )
    point_at(request, version.number, actor=actor)
    return version


def current_place(thread: Thread, request: ChangeRequest) -> Anchor | None:
    """Where the thread's line stands in what is compared now; None: it is outdated."""
    kind = request.prompt.kind
    side = request.version if thread.side == Thread.Side.NEW else request.from_version
    if thread.version is None or thread.line is None or side is None:
        return None
    if thread.version_id == side.pk:
        return Anchor(thread.part, thread.line)
    then, now = thread.version.content(kind), side.content(kind)
    return moved(thread.line_text, thread.part, thread.line, then, now)


@transaction.atomic
def mark_viewed(request: ChangeRequest, part: str, is_viewed: bool, *, user: User) -> None:
    """Remember that the person has looked at a card of the version proposed now.

    A mark of one's own reading, so it leaves no audit entry.
    """
    key = part.replace("\0", "")[:LONGEST_PART]
    if is_viewed:
        Viewed.objects.get_or_create(request=request, user=user, version=request.version, part=key)
    else:
        Viewed.objects.filter(
            request=request, user=user, version=request.version, part=key
        ).delete()


def _add(thread: Thread, actor: Actor, body: str, suggestion: str | None) -> Comment:
    text = body.replace("\0", "").strip()[:LONGEST_COMMENT]
    if not text and suggestion is None:
        raise NothingToDo("A comment says something.")
    return Comment.objects.create(
        thread=thread,
        author=person(actor),
        author_label=label_of(actor),
        body=text,
        suggestion=None if suggestion is None else suggestion.replace("\0", "")[:LONGEST_COMMENT],
    )

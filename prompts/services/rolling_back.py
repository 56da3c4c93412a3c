"""Rolling back: one call, no approval, in effect on the next read; the reason comes afterwards."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.services.trail import Actor, person, record
from prompts.models import (
    ChangeRequest,
    LabelMove,
    Prompt,
    PromptVersion,
    Rollout,
    RolloutEvent,
)
from prompts.rules.history import UNDO_SECONDS, Step, stood_before
from prompts.services.errors import NothingToDo, NotOpen, TooLate
from prompts.services.locking import label_of, lock, pages_changed, reads_changed
from prompts.services.moving import move
from prompts.services.news import tell_of_rollback
from prompts.services.proposing import record_of, reread
from prompts.services.rolling import add_event, next_stage_due, reread_rollout, stages_of

_GRACE_SECONDS = 5.0  # between what the page counts down and what the server still takes


@transaction.atomic
def roll_back(prompt: Prompt, label: str, *, actor: Actor, reason: str = "") -> LabelMove:
    """Let `label` serve what served before, whole, at once.

    A rollout that runs (or was halted) ends with all traffic on its base. Without one, the label
    goes back to where it stood before it last moved, passing over versions that were archived.
    Returns the move, kept also where only a rollout ended. Raises: NothingToDo.
    """
    prompt = lock(prompt.pk)
    running = prompt.rollouts.filter(label=label, status__in=Rollout.RUNNING).first()
    if running is not None:
        made = _end_rollout(reread_rollout(running), actor, reason)
    else:
        made = _go_back(prompt, label, actor, reason)
    reads_changed(prompt.project_id)
    pages_changed(prompt.project_id)
    tell_of_rollback(made, actor=actor)
    return made


@transaction.atomic
def undo_rollback(move_pk: int, prompt: Prompt, *, actor: Actor) -> None:
    """Take a rollback back within half a minute: the label, or the rollout, is as it was.

    Raises: TooLate (the time is over, or something moved since), NotOpen (no rollback).
    """
    prompt = lock(prompt.pk)
    done = prompt.moves.select_related("from_version", "to_version").filter(pk=move_pk).first()
    if done is None or done.cause != LabelMove.Cause.ROLLBACK:
        raise NotOpen("There is no such rollback.")
    if timezone.now() - done.at > timedelta(seconds=UNDO_SECONDS + _GRACE_SECONDS):
        raise TooLate("A rollback can be undone for 30 seconds. Propose the version again instead.")
    newer = prompt.moves.filter(label=done.label, pk__gt=done.pk).exists()
    running = prompt.rollouts.filter(label=done.label, status__in=Rollout.RUNNING).exists()
    if newer or running:
        raise TooLate(f"{done.label} moved since: nothing was undone.")
    if done.from_version is None or done.from_version.archived_at is not None:
        raise TooLate("The version was archived since: nothing was undone.")
    rollout = _rollout_ended_by(prompt, done)
    if rollout is not None:
        _take_up(reread_rollout(rollout), actor)
    else:
        undone = move(
            prompt,
            done.label,
            done.from_version,
            cause=LabelMove.Cause.UNDO,
            actor=actor,
            request=done.request,
        )
        if undone is not None and done.request is not None:
            _status(done.request, ChangeRequest.Status.COMPLETE, actor, "rollback_undone")
    reads_changed(prompt.project_id)
    pages_changed(prompt.project_id)


@transaction.atomic
def explain_rollback(move_pk: int, prompt: Prompt, *, actor: Actor, reason: str) -> LabelMove:
    """Say afterwards why it was rolled back; it stands in the history and in the review.

    Raises: NotOpen, NothingToDo.
    """
    prompt = lock(prompt.pk)
    done = prompt.moves.filter(pk=move_pk, cause=LabelMove.Cause.ROLLBACK).first()
    if done is None:
        raise NotOpen("There is no such rollback.")
    text = reason.replace("\0", "").strip()[:10_000]
    if not text:
        raise NothingToDo("Say why it was rolled back.")
    done.reason = text
    done.save(update_fields=["reason"])
    if done.request_id is not None:
        ChangeRequest.objects.filter(pk=done.request_id).update(rollback_reason=text)
    record(
        "prompt_label.rollback_explained",
        actor=actor,
        project=prompt.project,
        subject=prompt,
        reason=text,
        prompt=prompt.name,
        label=done.label,
        move=done.pk,
    )
    pages_changed(prompt.project_id)
    return done


def goes_back_to(prompt: Prompt, label: str) -> PromptVersion | None:
    """Where `roll_back` would let the label serve from; None: nowhere."""
    running = (
        prompt.rollouts.filter(label=label, status__in=Rollout.RUNNING)
        .select_related("base")
        .first()
    )
    if running is not None:
        return running.base
    now = prompt.labels.filter(name=label).values_list("version_id", flat=True).first()
    return _before(prompt, label, now)


def _end_rollout(rollout: Rollout, actor: Actor, reason: str) -> LabelMove:
    before = rollout.share
    rollout.status, rollout.ended_at = Rollout.Status.ROLLED_BACK, timezone.now()
    rollout.next_stage_at, rollout.waits_for = None, ""
    rollout.save()
    add_event(rollout, RolloutEvent.Kind.ROLLED_BACK, before, actor, reason=reason)
    # The label stood on the base all the while: the move says what traffic left and where it went.
    made = LabelMove.objects.create(
        prompt=rollout.prompt,
        label=rollout.label,
        from_version=rollout.candidate,
        to_version=rollout.base,
        by=person(actor),
        by_label=label_of(actor),
        cause=LabelMove.Cause.ROLLBACK,
        request=rollout.request,
        reason=reason,
    )
    record(
        "rollout.rolled_back",
        actor=actor,
        project=rollout.prompt.project,
        subject=rollout,
        reason=reason,
        prompt=rollout.prompt.name,
        label=rollout.label,
        share=before,
        base=rollout.base.number,
        candidate=rollout.candidate.number,
    )
    if rollout.request is not None:
        _status(rollout.request, ChangeRequest.Status.ROLLED_BACK, actor, "rolled_back")
    return made


def _go_back(prompt: Prompt, label: str, actor: Actor, reason: str) -> LabelMove:
    standing = prompt.labels.select_related("version").filter(name=label).first()
    if standing is None:
        raise NothingToDo(f"{prompt.name} has no label {label}.")
    target = _before(prompt, label, standing.version_id)
    if target is None:
        raise NothingToDo(f"{label} has been on {standing.version} from the start.")
    moves = prompt.moves.filter(label=label, to_version=standing.version).order_by("pk")
    came_by = moves.exclude(cause=LabelMove.Cause.ROLLBACK).last()
    request = came_by.request if came_by is not None else None
    made = move(
        prompt,
        label,
        target,
        cause=LabelMove.Cause.ROLLBACK,
        actor=actor,
        request=request,
        reason=reason,
    )
    assert made is not None  # noqa: S101  (the target is another version)
    if request is not None and request.status == ChangeRequest.Status.COMPLETE:
        _status(request, ChangeRequest.Status.ROLLED_BACK, actor, "rolled_back")
    return made


def _before(prompt: Prompt, label: str, standing: int | None) -> PromptVersion | None:
    """The version that the label served before, passing over archived ones."""
    moves = prompt.moves.filter(label=label).order_by("pk")
    history = [Step(made.cause, made.to_version_id) for made in moves]
    earlier = stood_before(history, standing)
    standing_ones = prompt.versions.filter(pk__in=earlier, archived_at=None).in_bulk()
    return next((standing_ones[pk] for pk in earlier if pk in standing_ones), None)


def _rollout_ended_by(prompt: Prompt, done: LabelMove) -> Rollout | None:
    """The rollout that this rollback ended, if it ended one."""
    return (
        prompt.rollouts.filter(
            label=done.label,
            status=Rollout.Status.ROLLED_BACK,
            candidate=done.from_version,
            base=done.to_version,
            ended_at__gte=done.at - timedelta(seconds=5),
            ended_at__lte=done.at + timedelta(seconds=5),
        )
        .order_by("-pk")
        .first()
    )


def _take_up(rollout: Rollout, actor: Actor) -> None:
    """Let the rollout run again as before: active in its stage, or halted where it was."""
    was_halted = rollout.events.filter(kind=RolloutEvent.Kind.HALTED).exists()
    resumed = rollout.events.filter(kind=RolloutEvent.Kind.RESUMED).order_by("pk").last()
    halted = rollout.events.filter(kind=RolloutEvent.Kind.HALTED).order_by("pk").last()
    is_halted = was_halted and halted is not None and (resumed is None or resumed.pk < halted.pk)
    rollout.status = Rollout.Status.HALTED if is_halted else Rollout.Status.ACTIVE
    rollout.ended_at = None
    if not is_halted and rollout.stage_since is not None:
        rollout.next_stage_at = next_stage_due(
            stages_of(rollout), rollout.share, rollout.stage_since
        )
    rollout.save()
    add_event(rollout, RolloutEvent.Kind.UNDONE, rollout.share, actor)
    LabelMove.objects.create(
        prompt=rollout.prompt,
        label=rollout.label,
        from_version=rollout.base,
        to_version=rollout.candidate,
        by=person(actor),
        by_label=label_of(actor),
        cause=LabelMove.Cause.UNDO,
        request=rollout.request,
    )
    if rollout.request is not None:
        status = ChangeRequest.Status.HALTED if is_halted else ChangeRequest.Status.ROLLING_OUT
        _status(rollout.request, status, actor, "rollback_undone")
    record(
        "rollout.rollback_undone",
        actor=actor,
        project=rollout.prompt.project,
        subject=rollout,
        prompt=rollout.prompt.name,
        label=rollout.label,
    )


def _status(request: ChangeRequest, status: ChangeRequest.Status, actor: Actor, what: str) -> None:
    request = reread(request)
    request.status = status
    request.ended_at = timezone.now() if status in ChangeRequest.ENDED else None
    request.changed_at = timezone.now()
    request.revision += 1
    request.save()
    record_of(f"change_request.{what}", request, actor)

"""Rollouts: begun, widened, completed, halted. What the rules forbid is refused under the lock."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import ApiKey
from accounts.services.trail import Actor, person, record
from prompts.guarding.metrics import BadGuard, checked_guards, usual_guards
from prompts.models import (
    WHOLE,
    ChangeRequest,
    LabelMove,
    Rollout,
    RolloutEvent,
)
from prompts.queries.deciding import facts_of
from prompts.queries.rollouts import primary_scores, score_ranges
from prompts.rules.blockers import Blocker, blockers
from prompts.services.errors import Blocked, NeedsPerson, NothingToDo, NotOpen
from prompts.services.locking import label_of, lock, pages_changed, reads_changed
from prompts.services.moving import move
from prompts.services.news import tell_of_rollout
from prompts.services.proposing import record_of, reread

Kind = RolloutEvent.Kind
LEAST_SOAK_MINUTES = 1
MOST_STAGES = 20


@dataclass(frozen=True)
class Stage:
    """A share (of WHOLE) that the candidate gets for `soak_minutes`, before the next stage."""

    share: int
    soak_minutes: int


@dataclass(frozen=True)
class Plan:
    """How a change request is to be rolled out. `share` is where it begins, of WHOLE.

    Without a base there is nothing to share with, so that the label goes there whole.
    """

    share: int = WHOLE
    stages: Sequence[Stage] = ()
    guards: Sequence[dict[str, Any]] | None = None  # None: the usual ones
    test: dict[str, Any] | None = None


@transaction.atomic
def roll_out(request: ChangeRequest, plan: Plan, *, actor: Actor) -> Rollout | None:
    """Let the label serve the version of an approved request: to a share of it, or whole.

    Returns the running rollout, or None where the label moved whole at once.
    Raises: Blocked, NotOpen, NothingToDo (a bad plan).
    """
    request = reread(request)
    if request.is_running:
        raise NotOpen(f"Review #{request.number} is rolling out already.")
    _check_plan(plan, request)
    guards = _guards_of(plan, request)
    share = WHOLE if request.from_version is None else plan.share
    _refuse_blocked(request, share, plan.stages)
    if share == WHOLE and plan.test is None:
        _finish(request, actor)
        return None
    assert request.from_version is not None  # noqa: S101  (without a base the share is whole)
    now = timezone.now()
    rollout = Rollout.objects.create(
        prompt=request.prompt,
        label=request.label,
        request=request,
        base=request.from_version,
        candidate=request.version,
        mode=Rollout.Mode.TEST if plan.test is not None else Rollout.Mode.GRADUAL,
        share=share,
        salt=secrets.token_hex(16),
        stages=[
            {"share": stage.share, "soak_minutes": stage.soak_minutes} for stage in plan.stages
        ],
        stage_since=now,
        next_stage_at=next_stage_due(plan.stages, share, now),
        guards=guards,
        test=plan.test,
        started_by=person(actor),
    )
    add_event(rollout, Kind.STARTED, 0, actor)
    request.status = ChangeRequest.Status.ROLLING_OUT
    _saved(request)
    record_of("rollout.started", request, actor, share=share, stages=rollout.stages)
    _changed(rollout)
    tell_of_rollout("rollout.started", rollout, actor=actor)
    return rollout


@transaction.atomic
def set_share(
    rollout: Rollout, share: int, *, actor: Actor, reason: str = "", by: str = ""
) -> Rollout:
    """Give the candidate `share` (of WHOLE) of the traffic; WHOLE completes the rollout.

    Widening asks the rules again; narrowing is the safe direction and never does. A key that has
    the candidate keeps it while the share grows. Raises: NotOpen, Blocked, NothingToDo.
    """
    rollout = reread_rollout(rollout)
    if rollout.status != Rollout.Status.ACTIVE:
        raise NotOpen(f"The rollout is {rollout.get_status_display().lower()}.")
    if not 0 <= share <= WHOLE:
        raise NothingToDo("A share is between 0 and 100 percent.")
    if rollout.mode == Rollout.Mode.TEST and 0 < share < WHOLE:
        raise NotOpen("An A/B test keeps its shares until its end.")
    before = rollout.share
    if share == before:
        raise NothingToDo(f"{rollout.candidate} has {share / 100:g} % already.")
    request = rollout.request
    if share > before and request is not None:
        _refuse_blocked(request, share)
    if share == WHOLE:
        complete(rollout, actor=actor, reason=reason, by=by)
        return rollout
    rollout.share = share
    rollout.stage_since = timezone.now()
    rollout.next_stage_at = next_stage_due(stages_of(rollout), share, rollout.stage_since)
    rollout.waits_for = ""
    rollout.save()
    add_event(rollout, Kind.SHARE, before, actor, reason=reason, by=by)
    _record(rollout, "rollout.share_changed", actor, before=before, after=share, reason=reason)
    _changed(rollout)
    tell_of_rollout("rollout.share_changed", rollout, actor=actor)
    return rollout


def complete(rollout: Rollout, *, actor: Actor, reason: str = "", by: str = "") -> None:
    """End a rollout with the label on its candidate. Called under the lock, rules asked."""
    before, rollout.share = rollout.share, WHOLE
    rollout.status, rollout.ended_at = Rollout.Status.COMPLETE, timezone.now()
    rollout.next_stage_at, rollout.waits_for = None, ""
    rollout.save()
    add_event(rollout, Kind.COMPLETE, before, actor, reason=reason, by=by)
    _record(rollout, "rollout.completed", actor, before=before, reason=reason)
    if rollout.request is not None:
        _finish(rollout.request, actor)
    else:
        move(
            rollout.prompt,
            rollout.label,
            rollout.candidate,
            cause=LabelMove.Cause.REVIEW,
            actor=actor,
            reason=reason,
        )
    _changed(rollout)
    tell_of_rollout("rollout.completed", rollout, actor=actor)


@transaction.atomic
def halt(
    rollout: Rollout, *, actor: Actor, reason: str, evidence: dict[str, Any] | None = None
) -> Rollout:
    """Send all traffic to the version that served before, and wait for a person.

    What a guard does when its test decides; a second halt changes nothing.
    """
    rollout = reread_rollout(rollout)
    if rollout.status != Rollout.Status.ACTIVE:
        return rollout
    rollout.status, rollout.ended_why = Rollout.Status.HALTED, reason
    rollout.next_stage_at = None
    rollout.save()
    add_event(rollout, Kind.HALTED, rollout.share, actor, reason=reason, evidence=evidence)
    if rollout.request is not None:
        rollout.request.status = ChangeRequest.Status.HALTED
        _saved(rollout.request)
    _record(rollout, "rollout.halted", actor, reason=reason, evidence=str(evidence or ""))
    _changed(rollout)
    tell_of_rollout("rollout.halted", rollout, actor=actor)
    return rollout


@transaction.atomic
def resume(rollout: Rollout, *, actor: Actor, reason: str) -> Rollout:
    """Go on after a halt, at the same share, because somebody looked and says why.

    Raises: NeedsPerson, NotOpen, Blocked.
    """
    if isinstance(actor, ApiKey):
        raise NeedsPerson("A person lets a halted rollout go on, not a key.")
    rollout = reread_rollout(rollout)
    if rollout.status != Rollout.Status.HALTED:
        raise NotOpen(f"The rollout is {rollout.get_status_display().lower()}.")
    if not reason.strip():
        raise NotOpen("Say why it may go on although a guard halted it.")
    if rollout.request is not None:
        _refuse_blocked(rollout.request, rollout.share)
        rollout.request.status = ChangeRequest.Status.ROLLING_OUT
        _saved(rollout.request)
    now = timezone.now()
    rollout.status, rollout.ended_why = Rollout.Status.ACTIVE, ""
    rollout.guarded_since = now  # the guards begin anew: what they saw was overruled
    rollout.verdicts = {}
    rollout.stage_since = now
    rollout.next_stage_at = next_stage_due(stages_of(rollout), rollout.share, now)
    rollout.save()
    add_event(rollout, Kind.RESUMED, rollout.share, actor, reason=reason)
    _record(rollout, "rollout.resumed", actor, reason=reason)
    _changed(rollout)
    tell_of_rollout("rollout.resumed", rollout, actor=actor)
    return rollout


def blockers_of(request: ChangeRequest, share: int, stages: Sequence[Stage] = ()) -> list[Blocker]:
    """What forbids giving the request's version `share` (of WHOLE), or the last of `stages`.

    Stages rise without a person, so that what the last of them needs is asked at the start.
    """
    widest = max([share, *(stage.share for stage in stages)])
    return blockers(facts_of(request), share=widest / 100)


def reread_rollout(rollout: Rollout) -> Rollout:
    """The rollout as it stands, with its prompt's lock held until the transaction ends."""
    prompt = lock(rollout.prompt_id)
    fresh = Rollout.objects.select_related("base", "candidate").get(pk=rollout.pk)
    fresh.prompt = prompt
    if fresh.request is not None:
        fresh.request = reread(fresh.request)
    return fresh


def stages_of(rollout: Rollout) -> list[Stage]:
    """The stages as they were planned."""
    return [Stage(int(one["share"]), int(one["soak_minutes"])) for one in rollout.stages]


def next_stage_due(stages: Sequence[Stage], share: int, since: datetime) -> datetime | None:
    """When the share may grow by itself: after the soak of the stage that holds it; None: never."""
    present = next((stage for stage in stages if stage.share == share), None)
    if present is None or all(stage.share <= share for stage in stages):
        return None
    return since + timedelta(minutes=present.soak_minutes)


def add_event(
    rollout: Rollout,
    kind: RolloutEvent.Kind,
    before: int,
    actor: Actor,
    *,
    reason: str = "",
    by: str = "",
    evidence: dict[str, Any] | None = None,
) -> RolloutEvent:
    """Keep what happened; `by` names what in the product acted where nobody did."""
    return RolloutEvent.objects.create(
        rollout=rollout,
        kind=kind,
        share_before=before,
        share_after=rollout.share,
        by=person(actor),
        by_label=by or label_of(actor),
        reason=reason,
        evidence=evidence,
    )


def _finish(request: ChangeRequest, actor: Actor) -> None:
    """Move the label whole, and end the request. Called under the lock, rules asked."""
    move(
        request.prompt,
        request.label,
        request.version,
        cause=LabelMove.Cause.REVIEW,
        actor=actor,
        request=request,
        reason=request.title,
    )
    request.status, request.ended_at = ChangeRequest.Status.COMPLETE, timezone.now()
    _saved(request)
    record_of("change_request.completed", request, actor)
    reads_changed(request.project_id)
    pages_changed(request.project_id)


def _refuse_blocked(request: ChangeRequest, share: int, stages: Sequence[Stage] = ()) -> None:
    if found := blockers_of(request, share, stages):
        raise Blocked(found)


def _guards_of(plan: Plan, request: ChangeRequest) -> list[dict[str, Any]]:
    """The guards that were asked for, else the usual ones. Raises: NothingToDo."""
    if plan.guards is None:
        return usual_guards(primary_scores(request.project_id))
    try:
        return checked_guards(plan.guards, score_ranges(request.project_id))
    except BadGuard as bad:
        raise NothingToDo(str(bad)) from None


def _check_plan(plan: Plan, request: ChangeRequest) -> None:
    if not 0 < plan.share <= WHOLE:
        raise NothingToDo("A rollout begins with more than 0 and at most 100 percent.")
    shares = [stage.share for stage in plan.stages]
    if len(shares) > MOST_STAGES:
        raise NothingToDo(f"A rollout has at most {MOST_STAGES} stages.")
    if shares != sorted(set(shares)) or any(not 0 < share <= WHOLE for share in shares):
        raise NothingToDo("The shares of stages grow, up to 100 percent.")
    if shares and shares[0] != plan.share:
        raise NothingToDo("The first stage has the share that the rollout begins with.")
    if any(stage.soak_minutes < LEAST_SOAK_MINUTES for stage in plan.stages):
        raise NothingToDo(f"A stage lasts at least {LEAST_SOAK_MINUTES} minute.")
    if plan.test is not None and (plan.stages or plan.share == WHOLE):
        raise NothingToDo("An A/B test has fixed shares below 100 percent, and no stages.")
    if plan.test is not None and request.from_version is None:
        raise NothingToDo("An A/B test needs a version that serves now.")


def _saved(request: ChangeRequest) -> None:
    request.changed_at = timezone.now()
    request.revision += 1
    request.save()


def _changed(rollout: Rollout) -> None:
    reads_changed(rollout.prompt.project_id)
    pages_changed(rollout.prompt.project_id)


def _record(rollout: Rollout, action: str, actor: Actor, **details: Any) -> None:
    record(
        action,
        actor=actor,
        project=rollout.prompt.project,
        subject=rollout,
        prompt=rollout.prompt.name,
        label=rollout.label,
        base=rollout.base.number,
        candidate=rollout.candidate.number,
        **details,
    )

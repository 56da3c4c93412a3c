"""Jobs that compute costs again: made, claimed, carried on, cancelled, ended."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, person, record
from kit import live
from kit.errors import DomainError
from kit.jobs import nudge
from pricing.models import JobState, PriceJob
from pricing.recosting import Change

TASK = "pricing.recost"
# Every process has the new prices by then (`pricer.REMEMBERED_SECONDS`), so that no span written
# with the old ones escapes the walk.
DELAY = timedelta(seconds=2)
# Spans start at most a day ahead (intake clamps them), so a later change concerns none yet.
AHEAD = timedelta(days=1, hours=1)
LEASE = timedelta(seconds=60)  # a worker that has said nothing for so long is gone
MOST_FAILURES = 5


_PROGRESS = (
    "position",
    "seen",
    "changed",
    "newly_priced",
    "newly_unpriced",
    "before_nano",
    "after_nano",
    "beat_at",
)


class NotOpen(DomainError):
    """The job has ended."""


def make_job(project: Project, change: Change, *, reason: str, actor: Actor) -> PriceJob | None:
    """A job for the calls that `change` concerns; None where there can be none yet."""
    now = timezone.now()
    if change.since is not None and change.since > now + AHEAD:
        return None
    job = PriceJob.objects.create(
        project=project,
        provider=change.provider,
        pattern=change.pattern,
        since=change.since,
        until=change.until,
        due_at=now + DELAY,
        reason=reason,
        created_by=person(actor),
    )
    nudge(TASK, job.pk)
    return job


@transaction.atomic
def claim_job(job_id: int) -> PriceJob | None:
    """The job, for this worker alone; None where it is not due, or another works on it."""
    now = timezone.now()
    abandoned = Q(state=JobState.RUNNING) & (Q(beat_at=None) | Q(beat_at__lt=now - LEASE))
    job = (
        PriceJob.objects.select_for_update(skip_locked=True, of=["self"])
        .select_related("project__organization")
        .filter(Q(state=JobState.DUE, due_at__lte=now) | abandoned, pk=job_id)
        .first()
    )
    if job is None:
        return None
    job.state, job.claim, job.beat_at = JobState.RUNNING, secrets.token_hex(8), now
    job.started_at = job.started_at or now
    job.save(update_fields=["state", "claim", "beat_at", "started_at"])
    return job


def held_job(job: PriceJob) -> PriceJob | None:
    """The row, locked until the caller's transaction ends; None where it was cancelled or taken."""
    return (
        PriceJob.objects.select_for_update()
        .filter(pk=job.pk, state=JobState.RUNNING, claim=job.claim)
        .first()
    )


def release_job(job: PriceJob) -> None:
    """Let another turn carry on with it, at once."""
    mine = PriceJob.objects.filter(pk=job.pk, state=JobState.RUNNING, claim=job.claim)
    if mine.update(state=JobState.DUE, claim="", due_at=timezone.now()):
        nudge(TASK, job.pk)


@transaction.atomic
def finish_job(job: PriceJob) -> None:
    """It is done: the audit entry says what changed."""
    held = held_job(job)
    if held is None:
        return
    held.state, held.finished_at, held.claim = JobState.DONE, timezone.now(), ""
    held.save(update_fields=["state", "finished_at", "claim"])
    record(
        "price.recosted",
        actor=held.created_by,
        project=job.project,
        subject=held,
        seen=held.seen,
        changed=held.changed,
        newly_priced=held.newly_priced,
        newly_unpriced=held.newly_unpriced,
        before_nano=held.before_nano,
        after_nano=held.after_nano,
        reason=held.reason,
    )
    announce(job)


@transaction.atomic
def fail_job(job: PriceJob, error: str) -> None:
    """It broke: tried again in a minute, and given up after a few times."""
    held = held_job(job)
    if held is None:
        return
    held.failures += 1
    held.error, held.claim = error[:500], ""
    held.state = JobState.FAILED if held.failures >= MOST_FAILURES else JobState.DUE
    held.due_at = timezone.now() + LEASE * held.failures
    if held.state == JobState.FAILED:
        held.finished_at = timezone.now()
        record(
            "price.recosting_failed",
            actor=held.created_by,
            project=job.project,
            subject=held,
            seen=held.seen,
            changed=held.changed,
        )
    held.save(update_fields=["failures", "error", "claim", "state", "due_at", "finished_at"])
    announce(job)


@transaction.atomic
def cancel_job(job: PriceJob, *, actor: Actor) -> PriceJob:
    """Stop it; what is computed already stays. Raises: NotOpen."""
    held = PriceJob.objects.select_for_update(of=["self"]).select_related("project__organization")
    found = held.get(pk=job.pk)
    if not found.is_open:
        raise NotOpen(f"The job has ended: {JobState(found.state).label.lower()}.")
    found.state, found.finished_at, found.claim = JobState.CANCELLED, timezone.now(), ""
    found.save(update_fields=["state", "finished_at", "claim"])
    record(
        "price.recosting_cancelled",
        actor=actor,
        project=found.project,
        subject=found,
        seen=found.seen,
        changed=found.changed,
    )
    announce(found)
    return found


@transaction.atomic
def run_again(job: PriceJob, *, actor: Actor) -> PriceJob:
    """A new job for the same calls, after one that failed or was cancelled. Raises: NotOpen."""
    if job.is_open:
        raise NotOpen("The job is still open.")
    change = Change(job.project_id, job.provider, job.pattern, job.since, job.until)
    again = make_job(job.project, change, reason=job.reason, actor=actor)
    if again is None:
        raise NotOpen("It concerns no call yet.")
    return again


def progress(
    held: PriceJob,
    *,
    position: list[object] | None,
    seen: int,
    changed: int = 0,
    newly_priced: int = 0,
    newly_unpriced: int = 0,
    before_nano: int = 0,
    after_nano: int = 0,
) -> None:
    """Note how far `held` came, in the transaction that changed the costs."""
    held.position = position
    held.seen += seen
    held.changed += changed
    held.newly_priced += newly_priced
    held.newly_unpriced += newly_unpriced
    held.before_nano += Decimal(before_nano)
    held.after_nano += Decimal(after_nano)
    held.beat_at = timezone.now()
    held.save(update_fields=list(_PROGRESS))


def due_jobs(now: datetime | None = None) -> list[int]:
    """Jobs that a sweep should take up, oldest first."""
    at = now or timezone.now()
    abandoned = Q(state=JobState.RUNNING) & (Q(beat_at=None) | Q(beat_at__lt=at - LEASE))
    found = PriceJob.objects.filter(Q(state=JobState.DUE, due_at__lte=at) | abandoned)
    return list(found.order_by(F("due_at")).values_list("pk", flat=True)[:20])


def announce(job: PriceJob) -> None:
    """Let open pages look again."""
    live.announce(
        f"project.{job.project_id}", {"type": "project.changed", "changed": ["prices", "traces"]}
    )

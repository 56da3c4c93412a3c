"""Jobs over many traces: made, held by one worker, carried on, cancelled, ended, forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from accounts.access import role_in
from accounts.models import ApiKey, Project, Role, User
from accounts.services.trail import Actor, record
from kit import live
from kit.errors import DomainError
from kit.jobs import nudge
from traces.live import group_of
from traces.models import BulkJob, BulkJobTrace
from traces.values.acts import act_of

TASK = "traces.run_jobs"
KEPT = timedelta(days=7)  # what is to be downloaded
MOST_FAILURES = 5
MOST_OPEN = 20  # of one person or key in a project
MOST_IDS = 5000
_LOCK = 0x6A6F62  # first half of the advisory lock of a job
_OPEN = (BulkJob.State.DUE, BulkJob.State.RUNNING)
LEAST = {
    BulkJob.Kind.EXPORT: Role.VIEWER,
    BulkJob.Kind.TAG: Role.ENGINEER,
    BulkJob.Kind.UNTAG: Role.ENGINEER,
    BulkJob.Kind.DELETE: Role.ADMIN,
}


class NotOpen(DomainError):
    """The job has ended."""


class TooMany(DomainError):
    """More than may be asked for at once."""


class Stopped(Exception):
    """The job was cancelled while a worker was at it."""


def least_role(kind: str, *, content: bool = False) -> Role:
    """The role that may have this done; what people wrote leaves the house from engineers on."""
    if (act := act_of(kind)) is not None:
        return Role(act.least)
    return Role.ENGINEER if content else LEAST[BulkJob.Kind(kind)]


@transaction.atomic
def make_job(
    project: Project,
    kind: str,
    *,
    actor: User | ApiKey,
    query: str = "",
    ids: Sequence[str] | None = None,
    **options: Any,
) -> BulkJob:
    """A job for the traces of `query` (its range fixed), or of `ids`. Raises: TooMany."""
    mine: dict[str, Any] = (
        {"made_with": actor} if isinstance(actor, ApiKey) else {"created_by": actor}
    )
    if BulkJob.objects.filter(project=project, state__in=_OPEN, **mine).count() >= MOST_OPEN:
        raise TooMany(f"{MOST_OPEN} of your jobs are open. Wait for one, or cancel it.")
    if ids is not None and len(ids) > MOST_IDS:
        raise TooMany(f"Choose at most {MOST_IDS:,} traces by hand, or all of a query.")
    job = BulkJob.objects.create(
        project=project,
        kind=kind,
        query=query,
        ids=None if ids is None else list(dict.fromkeys(ids)),
        options=options,
        **mine,
    )
    _record(job, "asked", actor, query=query, ids=len(job.ids) if job.ids else None, **options)
    nudge(TASK, job.pk)
    return job


@contextmanager
def held(job_id: int) -> Iterator[BulkJob | None]:
    """The job, for this worker alone; None where it is not due, or another works on it.

    The lock belongs to the connection: with the process that held it, it is gone at once.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [_LOCK, job_id % 2**31])
        if not cursor.fetchone()[0]:
            yield None
            return
    try:
        job = (
            BulkJob.objects.select_related("project__organization", "created_by", "made_with")
            .filter(pk=job_id, state__in=_OPEN, due_at__lte=timezone.now())
            .first()
        )
        if job is not None:
            job.state = BulkJob.State.RUNNING
            job.started_at = job.started_at or timezone.now()
            BulkJob.objects.filter(pk=job.pk, state__in=_OPEN).update(
                state=job.state, started_at=job.started_at
            )
        yield job
    finally:
        try:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s, %s)", [_LOCK, job_id % 2**31])
        except DatabaseError:  # with the connection the lock is gone as well
            connection.close()


def check_allowed(job: BulkJob) -> str:
    """Why whoever asked for the job may not have it done any more; nothing where they may."""
    if job.project.deleted_at is not None:
        return "The project was deleted."
    if job.made_with is not None:
        is_good = job.made_with.revoked_at is None
        return "" if is_good else "The key that asked for it was revoked."
    role = role_in(job.created_by, job.project) if job.created_by is not None else None
    least = least_role(job.kind, content=bool(job.options.get("content")))
    if role is None or role.rank < least.rank:
        return f"Whoever asked for it is no longer {least.label.lower()} of the project."
    return ""


def save_progress(job: BulkJob, **changes: Any) -> None:
    """Note how far it came, in the transaction of what was done. Raises: Stopped."""
    if not BulkJob.objects.filter(pk=job.pk, state=BulkJob.State.RUNNING).update(**changes):
        raise Stopped
    for name, value in changes.items():
        setattr(job, name, value)


def announce(job: BulkJob) -> None:
    """Let open pages look again."""
    live.announce(group_of(job.project_id), {"type": "project.changed", "changed": ["jobs"]})


@transaction.atomic
def finish_job(job: BulkJob, **changes: Any) -> None:
    """It is done. Raises: Stopped."""
    now = timezone.now()
    save_progress(job, state=BulkJob.State.DONE, finished_at=now, error="", **changes)
    BulkJobTrace.objects.filter(job_id=job.pk).delete()
    _record(job, "done", job.created_by or job.made_with, traces=job.total, changed=job.changed)
    announce(job)


@transaction.atomic
def fail_job(job: BulkJob, error: str, *, for_good: bool = False) -> None:
    """It broke: tried again a little later, and given up after a few times."""
    failures = job.failures + 1
    is_over = for_good or failures >= MOST_FAILURES
    now = timezone.now()
    changed = BulkJob.objects.filter(pk=job.pk, state__in=_OPEN).update(
        failures=failures,
        error=error[:500],
        state=BulkJob.State.FAILED if is_over else BulkJob.State.DUE,
        due_at=now + timedelta(seconds=10 * failures**2),
        finished_at=now if is_over else None,
    )
    if changed and is_over:
        BulkJobTrace.objects.filter(job_id=job.pk).delete()
        _record(job, "failed", job.created_by or job.made_with, changed=job.changed, why=error)
    announce(job)


@transaction.atomic
def cancel_job(job: BulkJob, *, actor: Actor) -> None:
    """Stop it; what is done already stays. Raises: NotOpen."""
    stopped = BulkJob.objects.filter(pk=job.pk, state__in=_OPEN).update(
        state=BulkJob.State.CANCELLED, finished_at=timezone.now()
    )
    if not stopped:
        raise NotOpen("The job has ended already.")
    job.refresh_from_db(fields=["done", "changed", "total"])
    _record(job, "cancelled", actor, done=job.done, changed=job.changed)
    announce(job)


def due_jobs(now: datetime | None = None) -> list[int]:
    """Open jobs that a sweep should take up, the longest due first."""
    found = BulkJob.objects.filter(state__in=_OPEN, due_at__lte=now or timezone.now())
    return list(found.order_by("due_at", "pk").values_list("pk", flat=True)[:50])


def note_download(job: BulkJob, *, actor: Actor) -> None:
    """Leave the audit entry of a download."""
    _record(job, "downloaded", actor, size=job.size)


def _record(job: BulkJob, what: str, actor: Actor, **details: Any) -> None:
    said = {name: value for name, value in details.items() if value not in (None, "", [])}
    record(f"traces.{job.kind}_{what}", actor=actor, project=job.project, subject=job, **said)

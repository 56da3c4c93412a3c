"""What jobs leave behind: parts of exports that expired, and all of deleted projects."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from traces.exporting import places
from traces.models import BulkJob, BulkJobPart, BulkJobTrace

REMEMBERED = timedelta(days=90)  # that there was such a job
_OPEN = (BulkJob.State.DUE, BulkJob.State.RUNNING)


def forget_jobs(now: datetime | None = None) -> int:
    """Remove the parts of exports that expired or never ended, and jobs of long ago; how many."""
    now = now or timezone.now()
    ended = BulkJob.objects.filter(removed_at=None).exclude(state__in=_OPEN)
    expired = ended.filter(state=BulkJob.State.DONE, expires_at__lte=now)
    broken = ended.filter(state__in=(BulkJob.State.FAILED, BulkJob.State.CANCELLED))
    gone = 0
    for job in [*expired, *broken]:
        gone += _forget_parts(job, now)
    BulkJob.objects.exclude(state__in=_OPEN).filter(
        created_at__lt=now - REMEMBERED, removed_at__isnull=False
    ).delete()
    return gone


def delete_jobs_of(project_id: int) -> None:
    """Delete the jobs of a project with all they left."""
    for job in BulkJob.objects.filter(project_id=project_id):
        if _forget_parts(job, timezone.now()):
            BulkJobTrace.objects.filter(job_id=job.pk).delete()
            job.delete()


def _forget_parts(job: BulkJob, now: datetime) -> bool:
    parts = BulkJobPart.objects.filter(job_id=job.pk)
    try:
        places.forget(job.pk, list(parts.values_list("place", flat=True)))
    except places.PlaceIsAway:
        return False  # the next run tries again
    parts.delete()
    BulkJobTrace.objects.filter(job_id=job.pk).delete()
    BulkJob.objects.filter(pk=job.pk).update(removed_at=now)
    return True

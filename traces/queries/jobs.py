"""Jobs over many traces as whoever asked for them sees them."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from traces.models import BulkJob, BulkJobPart

SHOWN = 100


def jobs_of(project_id: int, user: User | None) -> QuerySet[BulkJob]:
    """The newest jobs of a person; None: those that programs asked for with keys."""
    found = BulkJob.objects.filter(project_id=project_id)
    found = found.filter(created_by=user) if user else found.filter(made_with__isnull=False)
    return found.select_related("project__organization", "created_by").order_by("-created_at")


def job_of(project_id: int, user: User | None, pk: int) -> BulkJob | None:
    """One of them."""
    return jobs_of(project_id, user).filter(pk=pk).first()


def parts_of(job: BulkJob) -> list[int]:
    """The places of the parts of a file, in their order; empty ones are left out."""
    parts = BulkJobPart.objects.filter(job_id=job.pk, size__gt=0).order_by("place")
    return list(parts.values_list("place", flat=True))

"""Old rows of costs are gone, and those of deleted projects."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Project
from costs.models import (
    Budget,
    BudgetUse,
    GoodEnd,
    Invoice,
    Plan,
    Reservation,
    SavingsAdvice,
    SavingsDay,
    SavingsReading,
)

KEPT = timedelta(days=90)
USES_KEPT = timedelta(days=800)


def forget_old(now: datetime | None = None) -> None:
    """Ended reservations and uses of long ago are gone. May run twice."""
    now = now or timezone.now()
    Reservation.objects.exclude(state=Reservation.State.RESERVED).filter(
        ended_at__lt=now - KEPT
    ).delete()
    BudgetUse.objects.filter(bucket__lt=now - USES_KEPT).delete()


def delete_project_data(project_id: int | None = None) -> None:
    """Nothing of a deleted project is left; without an id, of any."""
    gone = Project.objects.exclude(deleted_at=None)
    if project_id is not None:
        gone = gone.filter(pk=project_id)
    ids = list(gone.values_list("pk", flat=True))
    Reservation.objects.filter(project_id__in=ids).delete()
    Budget.objects.filter(project_id__in=ids).delete()
    GoodEnd.objects.filter(project_id__in=ids).delete()
    Invoice.objects.filter(project_id__in=ids).delete()
    Plan.objects.filter(project_id__in=ids).delete()
    for kept in (SavingsAdvice, SavingsDay, SavingsReading):
        kept.objects.filter(project_id__in=ids).delete()

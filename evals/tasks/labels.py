"""Labels are taken from scores, calibrations are reckoned. Each task may run twice or late."""

from __future__ import annotations

from celery import shared_task

from accounts.models import Project
from evals.services.calibrating import calibrate_due
from evals.services.labels import take_scores
from kit.jobs import alone


@shared_task(name="evals.take_labels")
def take_labels(project_id: int, name: str) -> None:
    """The human scores of that name are labels."""
    project = Project.objects.filter(pk=project_id, deleted_at=None).first()
    if project is not None:
        take_scores(project, name)


@shared_task(name="evals.calibrate")
def calibrate() -> None:
    """Every calibration that is due has been reckoned."""
    with alone("evals.calibrate") as is_mine:
        while is_mine and calibrate_due():
            pass

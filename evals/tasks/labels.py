"""Labels are taken from scores, calibrations are reckoned. Each task may run twice or late."""

from __future__ import annotations

from celery import shared_task

from accounts.models import Project
from evals.running.labelled import judge_due
from evals.services.calibrating import calibrate_due
from evals.services.labels import take_scores
from evals.services.rejudging import ask_about_labels, mark_new_versions, take_back_lost
from kit.jobs import alone


@shared_task(name="evals.take_labels")
def take_labels(project_id: int, name: str) -> None:
    """The human scores of that name are labels."""
    project = Project.objects.filter(pk=project_id, deleted_at=None).first()
    if project is not None:
        take_scores(project, name)


@shared_task(name="evals.calibrate")
def calibrate() -> None:
    """Every calibration that is due has been reckoned, and what its judge has not seen is due."""
    with alone("evals.calibrate") as is_mine:
        if is_mine:
            mark_new_versions()
        while is_mine and (reckoned := calibrate_due()):
            for version in reckoned:
                ask_about_labels(version)


@shared_task(name="evals.judge_labelled")
def judge_labelled() -> None:
    """Labelled answers have been judged by the versions that are to be calibrated."""
    with alone("evals.judge_labelled") as is_mine:
        if is_mine:
            take_back_lost()
        while is_mine and judge_due():
            pass

"""Deleted projects leave nothing behind, nor do files that nobody imported."""

from __future__ import annotations

from celery import shared_task

from evals.services.importing import forget_uploads
from evals.services.upkeep import delete_project_data


@shared_task(name="evals.remove_deleted_projects")
def remove_evals_of_deleted_projects(project_id: int | None = None) -> None:
    """No dataset, experiment or label of a deleted project is left; without an id, of any."""
    delete_project_data(project_id)


@shared_task(name="evals.forget_uploads")
def forget_old_uploads() -> None:
    """No file that was uploaded for an import is kept beyond its time."""
    forget_uploads()

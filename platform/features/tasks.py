"""Work of `features` in the background."""

from __future__ import annotations

from celery import shared_task

from features.services.upkeep import delete_project_data


@shared_task(name="features.remove_deleted_projects")
def remove_features_of_deleted_projects(project_id: int | None = None) -> None:
    """No feature or target of a deleted project is left; without an id, of any."""
    delete_project_data(project_id)

"""Work in the background: keys of deleted projects go."""

from __future__ import annotations

from celery import shared_task

from gateway.services import remove_providers_of_deleted_projects


@shared_task(name="gateway.remove_deleted_projects")
def remove_deleted_projects(project_id: int | None = None) -> None:
    """Delete the connections of deleted projects, or of one of them, with their keys."""
    remove_providers_of_deleted_projects(project_id)

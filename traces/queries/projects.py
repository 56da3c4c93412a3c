"""Which projects concern upkeep."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Project
from traces.models import Trace


def deleted_projects_with_data(project_id: int | None = None) -> QuerySet[Project]:
    """Deleted projects of which traces are left; only `project_id` where it is given."""
    projects = Project.objects.exclude(deleted_at=None).filter(
        Exists(Trace.objects.filter(project_id=OuterRef("pk")))
    )
    return projects if project_id is None else projects.filter(pk=project_id)

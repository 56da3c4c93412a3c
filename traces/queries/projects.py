"""Which projects concern upkeep."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Project
from traces.models import Outcome, Score, Trace


def deleted_projects_with_data(project_id: int | None = None) -> QuerySet[Project]:
    """Deleted projects of which anything is left; only `project_id` where it is given."""
    its = {"project_id": OuterRef("pk")}
    projects = Project.objects.exclude(deleted_at=None).filter(
        Exists(Trace.objects.filter(**its))
        | Exists(Score.objects.filter(**its))
        | Exists(Outcome.objects.filter(**its))
    )
    return projects if project_id is None else projects.filter(pk=project_id)

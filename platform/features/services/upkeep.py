"""What is left of deleted projects goes."""

from __future__ import annotations

from django.db.models import Model

from accounts.models import Project
from features.models import Feature, MappingRule, MappingState, Target

# Every table by the way to its project; what points at others goes before them.
_OF_PROJECTS: tuple[tuple[type[Model], str], ...] = (
    (MappingRule, "project"),
    (MappingState, "project"),
    (Target, "feature__project"),
    (Feature, "project"),
)


def delete_project_data(project_id: int | None = None) -> int:
    """Nothing of a deleted project is left; without an id, of any. How many rows went."""
    deleted = Project.objects.exclude(deleted_at=None)
    if project_id is not None:
        deleted = deleted.filter(pk=project_id)
    projects = list(deleted.values_list("pk", flat=True))
    return sum(
        model._default_manager.filter(**{f"{way}__in": projects}).delete()[0]
        for model, way in _OF_PROJECTS
    )

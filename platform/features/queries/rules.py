"""The mapping rules of a project, and what of them is still to be done."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, QuerySet

from accounts.models import Project
from features.models import MappingRule, MappingState


def list_rules(project: Project) -> QuerySet[MappingRule]:
    """Its rules in order, with their features."""
    return MappingRule.objects.filter(project=project).select_related("feature").order_by("place")


def mapping_state(project: Project) -> MappingState:
    """How often they changed and what is due; an unsaved one where there never was a rule."""
    return MappingState.objects.select_related("changed_by").filter(
        project=project
    ).first() or MappingState(project=project)


def due_states(*, before: datetime) -> list[MappingState]:
    """Projects whose stored spans are to follow their rules, asked for before then.

    Whoever waited longest for a turn comes first.
    """
    return list(
        MappingState.objects.select_related("project__organization")
        .filter(due_since__isnull=False, due_at__lt=before, project__deleted_at=None)
        .order_by(F("touched_at").asc(nulls_first=True), "due_at")
    )

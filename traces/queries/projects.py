"""Which projects concern upkeep."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Project
from traces.models import (
    BulkJob,
    DigestQueue,
    IntakeAllowance,
    LogEvent,
    Media,
    MediaUse,
    Outcome,
    ProjectLimits,
    SampledTrace,
    SamplingCandidate,
    SavedView,
    Score,
    ScoreDefinition,
    Trace,
    Uncounted,
)

_TABLES = (
    Trace, Score, Outcome, ScoreDefinition, Media, MediaUse, LogEvent, Uncounted, DigestQueue,
    IntakeAllowance, ProjectLimits, SampledTrace, SamplingCandidate,
    BulkJob, SavedView,
)  # fmt: skip


def deleted_projects_with_data(project_id: int | None = None) -> QuerySet[Project]:
    """Deleted projects of which anything is left; only `project_id` where it is given."""
    its = {"project_id": OuterRef("pk")}
    anything = reduce(or_, (Q(Exists(table.objects.filter(**its))) for table in _TABLES))
    projects = Project.objects.exclude(deleted_at=None).filter(anything)
    return projects if project_id is None else projects.filter(pk=project_id)

"""What is left of deleted projects goes, table by table."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet

from accounts.models import Project
from evals.models import (
    Calibration,
    Dataset,
    DatasetItem,
    DatasetUpload,
    DatasetVersion,
    DriftAlarm,
    Evaluator,
    EvaluatorVersion,
    Experiment,
    ExperimentEvaluator,
    ExperimentNumber,
    Gate,
    GateRun,
    HumanLabel,
    ItemRevision,
    Judgement,
    OnlineRule,
    Proposal,
    QueueItem,
    Result,
    ReviewQueue,
    Schedule,
    ScheduleEvaluator,
    ScheduleRun,
    TextDay,
    TextDrift,
    TextReference,
    TextWatch,
)

AT_ONCE = 10_000
# Every table by the way to its project; what points at others goes before them.
_OF_PROJECTS: tuple[tuple[type[Model], str], ...] = (
    (HumanLabel, "project"),
    (QueueItem, "queue__project"),
    (ReviewQueue, "project"),
    (Judgement, "project"),
    (OnlineRule, "project"),
    (Proposal, "project"),
    (ScheduleRun, "schedule__project"),
    (DriftAlarm, "schedule__project"),
    (ScheduleEvaluator, "schedule__project"),
    (Schedule, "project"),
    (TextDrift, "watch__project"),
    (TextDay, "watch__project"),
    (TextReference, "watch__project"),
    (TextWatch, "project"),
    (GateRun, "gate__project"),
    (Gate, "project"),
    (Result, "experiment__project"),
    (ExperimentEvaluator, "experiment__project"),
    (Experiment, "project"),
    (ExperimentNumber, "project"),
    (Calibration, "version__evaluator__project"),
    (EvaluatorVersion, "evaluator__project"),
    (Evaluator, "project"),
    (DatasetUpload, "dataset__project"),
    (ItemRevision, "dataset__project"),
    (DatasetItem, "project"),
    (DatasetVersion, "dataset__project"),
    (Dataset, "project"),
)


def delete_project_data(project_id: int | None = None) -> int:
    """Nothing of a deleted project is left; without an id, of any. How many rows went."""
    deleted = Project.objects.exclude(deleted_at=None)
    if project_id is not None:
        deleted = deleted.filter(pk=project_id)
    projects = list(deleted.values_list("pk", flat=True))
    return sum(
        _remove(model._default_manager.filter(**{f"{way}__in": projects}))
        for model, way in _OF_PROJECTS
    )


def _remove(rows: QuerySet[Any]) -> int:
    gone = 0
    while pks := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        gone += rows.model._default_manager.filter(pk__in=pks).delete()[0]
    return gone

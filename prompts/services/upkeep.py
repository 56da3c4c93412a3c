"""What grows with time and is needed for a while only: counts of reads, minutes of rollouts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts.models import Project
from prompts.models import (
    AskedReviewer,
    ChangeRequest,
    Check,
    Comment,
    Delegation,
    Environment,
    FolderOwner,
    Label,
    LabelMove,
    Override,
    Prompt,
    PromptEpoch,
    PromptVersion,
    ReadCount,
    RequestNumber,
    Review,
    Rollout,
    RolloutEvent,
    RolloutMinute,
    Thread,
    Viewed,
)

READS_KEPT = timedelta(days=60)
MINUTES_KEPT = timedelta(days=60)  # after the end of their rollout; the verdicts stay
AT_ONCE = 10_000
# Every table by the way to its project; what points at others goes before them.
_OF_PROJECTS: tuple[tuple[type[Model], str], ...] = (
    (Check, "request__project"),
    (Override, "request__project"),
    (Viewed, "request__project"),
    (Comment, "thread__request__project"),
    (Thread, "request__project"),
    (Review, "request__project"),
    (AskedReviewer, "request__project"),
    (RolloutMinute, "rollout__prompt__project"),
    (RolloutEvent, "rollout__prompt__project"),
    (Rollout, "prompt__project"),
    (LabelMove, "prompt__project"),
    (ReadCount, "prompt__project"),
    (Label, "prompt__project"),
    (ChangeRequest, "project"),
    (PromptVersion, "prompt__project"),
    (Prompt, "project"),
    (Environment, "project"),
    (FolderOwner, "project"),
    (Delegation, "project"),
    (RequestNumber, "project"),
    (PromptEpoch, "project_id"),
)


def forget_old() -> int:
    """Delete counts of reads and minutes that nobody asks about any more; how many rows went."""
    now = timezone.now()
    reads = ReadCount.objects.filter(minute__lt=now - READS_KEPT)
    minutes = RolloutMinute.objects.filter(rollout__ended_at__lt=now - MINUTES_KEPT)
    gone = 0
    for rows in (reads, minutes):
        gone += _remove(rows)
    return gone


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

"""Upkeep of the tables: partitions made and dropped, and the data of projects that are gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.utils import timezone

from accounts.models import Project
from audit.services import record
from kit.connections import own_connection
from traces import partitions
from traces.models import IntakeCount, IntakeNotice
from traces.rollups.scores import forget_scores
from traces.rollups.users import forget_users
from traces.services.job_upkeep import delete_jobs_of
from traces.services.media_upkeep import delete_media_of, drop_unused_media

_SPAN_KEY = "project_id, trace_id, span_id, start_time"
# What goes with a project, and its key.
_TABLES_OF_A_PROJECT = {
    "score": "project_id, trace_id, id",
    "outcome": "project_id, trace_id, id",
    "traces_scoredefinition": "id",
    "media_use": "id",
    "log_event": "project_id, trace_id, span_id, digest",
    "uncounted": "project_id, trace_id, span_id",
    "import_run": "id",
    "digest_queue": "ctid",  # append only, without a key of its own
    "trace_words": "project_id, trace_id, start_time",
    "trace_counted": "project_id, trace_id",
    "usage_hour": "ctid",
    "usage_day": "ctid",
    "usage_total": "ctid",
    "spend_hour": "ctid",
    "spend_day": "ctid",
    "spend_name": "project_id, dimension, value",
    "trace_hour": "ctid",
    "trace_day": "ctid",
    "user_counted": "project_id, trace_id",
    "user_day": "ctid",
    "user_sampled": "ctid",
    "score_queue": "ctid",
    "score_counted": "ctid",
    "score_day": "ctid",
    "span_content": _SPAN_KEY,
    "span": _SPAN_KEY,
    "trace": "project_id, trace_id",
    "sampling_candidate": "project_id, trace_id",
    "experiment_trace": "project_id, trace_id",
    "sampled_trace": "project_id, trace_id",
    "intake_allowance": "project_id",
    "project_limits": "project_id",
    "trace_tag": "id",
    "trace_note": "id",
    "trace_share": "id",
    "saved_view": "id",
}


def make_partitions_ahead() -> list[str]:
    """Make the partitions of the coming week; returns the names of new ones."""
    with own_connection() as link:
        return partitions.make_ahead(link)


def drop_expired_partitions(now: datetime | None = None) -> list[str]:
    """Drop the partitions that hold only spans past RETENTION_DAYS; nothing when it is 0.

    Rows of `trace` that ended before the same edge go with them, and so do scores and outcomes
    given before it: their traces are gone. Files that only they showed go as well.
    """
    if not settings.RETENTION_DAYS:
        return []
    edge = (now or timezone.now()) - timedelta(days=settings.RETENTION_DAYS)
    with own_connection() as link:
        dropped = partitions.drop_before(link, edge)
        removed = 0
        while True:
            gone = link.execute(
                "delete from trace where (project_id, trace_id) in (select project_id, trace_id "
                "from trace where end_time < %s limit 10000)",
                [edge],
            ).rowcount
            removed += gone
            if gone < 10_000:
                break
        _forget_counted(link, edge)
        forget_users(link, edge)
        forget_scores(link, edge)
        feedback = _drop_feedback(link, edge)
        media = drop_unused_media(link, edge)
    if dropped or removed or feedback or media:
        record(
            "retention.applied",
            organization=None,
            partitions=dropped,
            traces=removed,
            scores_and_outcomes=feedback,
            media=media,
            days=settings.RETENTION_DAYS,
        )
    return dropped


def _forget_counted(link: psycopg.Connection[Any], edge: datetime) -> None:
    """Forget what traces added to the figures: those stay, the traces cannot change any more."""
    while True:
        gone = link.execute(
            "delete from trace_counted where (project_id, trace_id) in (select project_id, trace_id"
            " from trace_counted c where start_time < %s and not exists (select 1 from trace t "
            "where t.project_id = c.project_id and t.trace_id = c.trace_id) limit 10000)",
            [edge],
        ).rowcount
        if gone < 10_000:
            return


def _drop_feedback(link: psycopg.Connection[Any], edge: datetime) -> int:
    """Delete scores and outcomes given before `edge`; a project at a time, as their index goes."""
    removed = 0
    for project_id in Project.objects.values_list("pk", flat=True):
        for table in ("score", "outcome"):
            while True:
                gone = link.execute(
                    f"delete from {table} where (project_id, trace_id, id) in "  # noqa: S608
                    f"(select project_id, trace_id, id from {table} "
                    "where project_id = %s and at < %s limit 10000)",
                    [project_id, edge],
                ).rowcount
                removed += gone
                if gone < 10_000:
                    break
    return removed


def delete_project_data(project: Project) -> int:
    """Delete every trace of a project that is itself deleted, in batches; returns the traces.

    May run twice, and goes on where it stopped.
    """
    traces = 0
    with own_connection() as link:
        for table, key in _TABLES_OF_A_PROJECT.items():
            while True:
                gone = link.execute(
                    f"delete from {table} where ({key}) in "  # noqa: S608
                    f"(select {key} from {table} where project_id = %s limit 10000)",
                    [project.pk],
                ).rowcount
                traces += gone if table == "trace" else 0
                if gone < 10_000:
                    break
        delete_media_of(link, project.pk)
    delete_jobs_of(project.pk)
    IntakeNotice.objects.filter(project_id=project.pk).delete()
    IntakeCount.objects.filter(project_id=project.pk).delete()
    return traces

"""Traces that are settled and counted, and a worker's turns in the process of the test."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import ApiKey, Project, User
from tests.traces.seeing import call, span, store
from tests.traces.stored import connect
from traces.digest import queue
from traces.digest.settle import settle_what_is_due
from traces.forms.jobs import fixed_query
from traces.ingest.record import Kind, Level
from traces.models import BulkJob
from traces.rollups.repair import compare
from traces.services import jobs
from traces.tasks import run_jobs


def furnish(project: Project, count: int = 6) -> list[str]:
    """`count` settled traces of a call and a failed tool, the newest first."""
    names = [f"t{number:03}" for number in range(count)]
    for place, name in enumerate(names):
        store(
            project,
            call(
                name,
                "root",
                ago=60 + place * 60,
                name="answer",
                cost=0.001 * (place + 1),
                input=f"Where is order {place}?",
                output="=HYPERLINK(1)" if place == 0 else "Here, and there.",
                user_id=f"u{place % 2}",
                environment="production",
                tags=["sent"],
            ),
            span(name, "tool", ago=60 + place * 60, kind=Kind.TOOL, name="look", level=Level.ERROR),
        )
    settle()
    return names


def settle() -> None:
    """Let every trace be looked at as a whole."""
    before, queue.SETTLED_AFTER_SECONDS = queue.SETTLED_AFTER_SECONDS, 0.0
    try:
        with connect() as link:
            settle_what_is_due(link)
    finally:
        queue.SETTLED_AFTER_SECONDS = before


def ask(
    project: Project,
    kind: BulkJob.Kind,
    actor: User | ApiKey,
    *,
    ids: list[str] | None = None,
    options: dict[str, Any] | None = None,
    **parameters: str,
) -> BulkJob:
    """A job for the query that `parameters` name, or for ids."""
    query = "" if ids is not None else fixed_query({"t": "7d", **parameters})
    return jobs.make_job(project, kind, actor=actor, query=query, ids=ids, **(options or {}))


def run(job: BulkJob, turns: int = 20) -> BulkJob:
    """Work until the job has ended."""
    for _ in range(turns):
        run_jobs(job.pk)
        job.refresh_from_db()
        if not job.is_open:
            return job
    raise AssertionError(f"still {job.state}: {job.error}")


def wrong_figures() -> tuple[int, int]:
    """What comparing figures with spans finds wrong, and missed."""
    now = timezone.now()
    with connect() as link:
        found = compare(link, now - timedelta(days=2), now + timedelta(days=1))
    return found.wrong, found.missed

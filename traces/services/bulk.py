"""The work of jobs over many traces, a bounded step at a time."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.utils import OperationalError
from django.utils import timezone
from psycopg.errors import DeadlockDetected

from kit.errors import DomainError
from kit.jobs import nudge
from traces.exporting import places
from traces.exporting.columns import Exported
from traces.exporting.formats import Format, format_named
from traces.exporting.rows import exported
from traces.models import BulkJob, BulkJobPart, BulkJobTrace, Trace
from traces.queries.choosing import choose
from traces.queries.criteria import Criteria
from traces.queries.patience import TimeUp
from traces.services import jobs
from traces.services.deletion import MOST_TRACES, delete_traces
from traces.services.jobs import TASK
from traces.services.tagging import tag_traces, untag_traces
from traces.signals import traces_deleted
from traces.values.acts import act_of

log = logging.getLogger(__name__)

PART_TRACES, PART_BYTES = 2000, 8_000_000  # a part is kept in memory, and done again after a kill
TAG_TRACES = 200
SECONDS_A_TURN = 10.0


def work(job: BulkJob, criteria: Criteria | None, *, seconds: float = SECONDS_A_TURN) -> bool:
    """Work on a held job for about so long; True where it has ended.

    `criteria` are those of its query; None where it was made for ids, or where the query cannot be
    read any more. Whatever breaks is noted on the job.
    """
    until = time.monotonic() + seconds
    try:
        if why := jobs.check_allowed(job):
            jobs.fail_job(job, why, for_good=True)
            return True
        while not job.is_chosen:
            _choose(job, criteria)
            if time.monotonic() > until:
                return False
        while _step(job):
            jobs.announce(job)
            if time.monotonic() > until:
                return False
        _end(job)
    except jobs.Stopped:
        return True
    except TimeUp:
        jobs.fail_job(job, "The query took too long. Choose a shorter range of time.")
    except places.PlaceIsAway as away:
        log.error("export not written", extra={"job": job.pk, "reason": str(away)})
        jobs.fail_job(job, str(away))
    except DomainError as refused:
        jobs.fail_job(job, str(refused), for_good=True)
    except OperationalError as error:
        if isinstance(error.__cause__, DeadlockDetected):  # with a writer: it goes on, we try again
            return False
        raise
    except Exception:
        log.exception("job failed", extra={"job": job.pk})
        jobs.fail_job(job, "Something failed on our side; the log of the worker says what.")
    return not BulkJob.objects.filter(pk=job.pk, state__in=("due", "running")).exists()


def _choose(job: BulkJob, criteria: Criteria | None) -> None:
    """The next traces that the job is for, written down."""
    if job.ids is not None:
        ids, key = list(_known(job.project_id, job.ids)), None
    elif criteria is None:
        raise ValueError("a job without ids needs criteria")
    else:
        after = job.position and (datetime.fromisoformat(job.position[0]), job.position[1])
        step = choose(job.project_id, criteria, after or None)
        ids, key = step.ids, step.key
    with transaction.atomic():
        rows = [BulkJobTrace(job_id=job.pk, place=0, trace_id=trace_id) for trace_id in ids]
        start = BulkJobTrace.objects.filter(job_id=job.pk).order_by("-place").first()
        for place, row in enumerate(rows, (start.place if start else 0) + 1):
            row.place = place
        BulkJobTrace.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5000)
        total = BulkJobTrace.objects.filter(job_id=job.pk).count() if key is None else job.total
        jobs.save_progress(
            job,
            is_chosen=key is None,
            total=total if key is None else job.total + len(ids),
            position=None if key is None else [key[0].isoformat(), key[1]],
        )
    jobs.announce(job)


def _known(project_id: int, ids: Sequence[str]) -> list[str]:
    """Those of the ids that are traces of the project, the newest first."""
    found = Trace.objects.filter(project_id=project_id, trace_id__in=ids)
    return list(found.order_by("-start_time", "-trace_id").values_list("trace_id", flat=True))


def _step(job: BulkJob) -> bool:
    """Work off the next traces; False where there are none."""
    act = act_of(job.kind)
    sizes = {BulkJob.Kind.EXPORT: PART_TRACES, BulkJob.Kind.DELETE: MOST_TRACES}
    size = sizes.get(BulkJob.Kind(job.kind), TAG_TRACES) if act is None else act.at_once
    last = job.position[0] if job.position else 0
    found = BulkJobTrace.objects.filter(job_id=job.pk, place__gt=last).order_by("place")
    given = list(found.values_list("place", "trace_id")[:size])
    if not given:
        return False
    if job.kind == BulkJob.Kind.EXPORT:
        _write_part(job, given)
        return True
    ids = [trace_id for _, trace_id in given]
    with transaction.atomic():
        changed = _act(job, ids)
        jobs.save_progress(
            job,
            position=[given[-1][0]],
            done=job.done + len(given),
            changed=job.changed + changed,
        )
    return True


def _act(job: BulkJob, ids: Sequence[str]) -> int:
    if (act := act_of(job.kind)) is not None:
        return act.run(job, ids)
    if job.kind == BulkJob.Kind.DELETE:
        gone = delete_traces(job.project_id, ids).traces
        traces_deleted.send(None, project_id=job.project_id, trace_ids=list(ids))
        return gone
    tags = job.options["tags"]
    if job.kind == BulkJob.Kind.TAG:
        author = job.created_by.email if job.created_by else ""
        return tag_traces(job.project_id, ids, tags, author=author)
    return untag_traces(job.project_id, ids, tags)


def _format(job: BulkJob) -> Format:
    return format_named(job.options["format"], content=bool(job.options.get("content")))


def _write_part(job: BulkJob, given: Sequence[tuple[int, str]]) -> None:
    """One part of the file: kept first, noted afterwards; done again, it takes its own place."""
    form = _format(job)
    parts = BulkJobPart.objects.filter(job_id=job.pk)
    place = parts.count()
    if place == 0:
        _keep(job, 0, form.head(), None)
        place = 1
    content = bool(job.options.get("content"))
    ids = [trace_id for _, trace_id in given]
    is_lines = job.options["format"] == "jsonl"
    rows: list[Exported] = []
    last, size = given[-1], 0
    places_of = {trace_id: number for number, (_, trace_id) in enumerate(given)}
    for read in exported(job.project_id, ids, content=content, spans=content and is_lines):
        rows += read
        size += sum(row.weight for row in read)
        if size > PART_BYTES:
            last = given[places_of[str(read[-1].values["trace_id"])]]
            break
    body, notes = form.part(rows)
    looked_at = places_of[last[1]] + 1
    _keep(
        job,
        place,
        body,
        notes,
        position=[last[0]],
        done=job.done + looked_at,
        changed=job.changed + len(rows),
    )


def _keep(job: BulkJob, place: int, body: bytes, notes: Any, **changes: Any) -> None:
    places.keep(job.pk, place, body)
    with transaction.atomic():
        BulkJobPart.objects.create(job_id=job.pk, place=place, size=len(body), notes=notes)
        jobs.save_progress(job, size=job.size + len(body), **changes)


def _end(job: BulkJob) -> None:
    if job.kind != BulkJob.Kind.EXPORT:
        jobs.finish_job(job)
        return
    form = _format(job)
    if not BulkJobPart.objects.filter(job_id=job.pk).exists():
        _keep(job, 0, form.head(), None)
    parts = BulkJobPart.objects.filter(job_id=job.pk).order_by("place")
    known = list(parts.values_list("size", "notes"))[1:]
    _keep_end(job, len(known) + 1, form.end(known))


@transaction.atomic
def _keep_end(job: BulkJob, place: int, body: bytes) -> None:
    places.keep(job.pk, place, body)
    BulkJobPart.objects.create(job_id=job.pk, place=place, size=len(body))
    expires = timezone.now() + jobs.KEPT
    jobs.finish_job(job, size=job.size + len(body), expires_at=expires)


def release(job: BulkJob) -> None:
    """Let the others have a turn, and come back."""
    if BulkJob.objects.filter(pk=job.pk, state=BulkJob.State.RUNNING).update(
        state=BulkJob.State.DUE, due_at=timezone.now()
    ):
        nudge(TASK, job.pk)

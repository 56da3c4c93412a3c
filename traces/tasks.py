"""Upkeep of the span tables. Each task may run twice, late or never: the next run catches up."""

from __future__ import annotations

import time

from celery import shared_task

from traces import services
from traces.forms.jobs import BadQuery, criteria_of
from traces.queries.projects import deleted_projects_with_data
from traces.services import bulk, jobs, mapping, rollups, sampling, sharing
from traces.services.annotations import forget_gone
from traces.services.intake_counts import forget_old_counts
from traces.services.job_upkeep import forget_jobs


@shared_task(name="traces.upkeep")
def keep_tables_in_order() -> None:
    """Partitions of the coming week stand, expired ones are gone, old notices and counts too."""
    services.make_partitions_ahead()
    services.drop_expired_partitions()
    services.forget_old_notices()
    forget_old_counts()
    sampling.forget_sampled_traces()
    forget_gone()
    forget_jobs()
    sharing.empty_ended()
    sharing.tell_views()


@shared_task(name="traces.remove_deleted_projects")
def remove_data_of_deleted_projects(project_id: int | None = None) -> None:
    """No trace of a deleted project is left; without an id, of any."""
    for project in deleted_projects_with_data(project_id):
        services.delete_project_data(project)


@shared_task(name="traces.digest")
def settle_traces() -> None:
    """Traces without a write for three seconds were looked at as wholes."""
    services.settle_traces()


@shared_task(name="traces.sample")
def sample_traces() -> None:
    """Traces outside of their project's share that waited long enough were kept or removed."""
    sampling.sample_traces()


@shared_task(name="traces.fold_figures")
def fold_figures() -> None:
    """What intake added to the figures by hour is folded, and stands in those by day."""
    rollups.fold_figures()


@shared_task(name="traces.compare_figures")
def compare_figures() -> None:
    """Figures by hour are what the spans say; differences are repaired and noted."""
    rollups.compare_figures()


@shared_task(name="traces.follow_rules")
def follow_rules() -> None:
    """Stored spans followed their project's mapping rules while there was time."""
    mapping.follow_rules()


@shared_task(name="traces.run_jobs")
def run_jobs(job_id: int | None = None, *, seconds: float = 30.0) -> None:
    """Jobs over many traces that are due had turns while there was time; with an id, that one
    first."""
    until = time.monotonic() + seconds
    is_working = True
    while is_working:
        is_working = False
        for pk in sorted(jobs.due_jobs(), key=lambda pk: pk != job_id):
            is_working |= _one_turn(pk)
            if time.monotonic() > until:
                return


def _one_turn(pk: int) -> bool:
    """Whether the job was there for this worker; then it had its turn."""
    with jobs.held(pk) as job:
        if job is None:
            return False
        try:
            criteria = criteria_of(job)
        except BadQuery as bad:
            jobs.fail_job(job, str(bad), for_good=True)
            return True
        if not bulk.work(job, criteria):
            bulk.release(job)
        return True

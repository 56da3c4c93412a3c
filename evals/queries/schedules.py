"""Schedules read: what a run would be, and the series that its runs make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from accounts.models import Project
from evals.models import (
    DriftAlarm,
    EvaluatorVersion,
    Experiment,
    Schedule,
    ScheduleRun,
)
from evals.values.plans import Plan
from evals.values.slots import day_of
from prompts.models import PromptVersion
from prompts.queries.listed import label_of

if TYPE_CHECKING:
    from evals.drift.detector import Step
    from evals.drift.runs import Scale
    from evals.drift.state import State

MOST_SERIES_RUNS = 1_000  # of one segment: two years and more of daily runs with reruns


def schedules_of(project: Project) -> QuerySet[Schedule]:
    """All of a project's, by name."""
    return (
        Schedule.objects.filter(project=project)
        .select_related("dataset", "prompt", "prompt_version")
        .order_by("name")
    )


def schedule_named(project: Project, name: str) -> Schedule | None:
    """The schedule of that name."""
    return schedules_of(project).filter(name=name).first()


def evaluators_of(schedule: Schedule) -> list[EvaluatorVersion]:
    """Those that score its runs, the watched one first."""
    rows = schedule.evaluators.select_related("version__evaluator").order_by("place", "pk")
    return [row.version for row in rows]


def version_to_run(schedule: Schedule) -> PromptVersion | None:
    """The pinned version, or the one that the label serves now; None where it is gone."""
    if not schedule.label:
        return schedule.prompt_version
    found = label_of(schedule.prompt, schedule.label)
    return found.version if found else None


def plan_of(
    schedule: Schedule, run: ScheduleRun | None = None, *, most_nano: int | None = None
) -> Plan:
    """What its next run is, or `run`: a replay runs what it was told to; within `most_nano`.

    Raises: ValueError where the version is gone.
    """
    version = run.prompt_version if run and run.prompt_version else version_to_run(schedule)
    if version is None:
        raise ValueError("The version that it runs is gone.")
    is_told = run is not None and run.prompt_version is not None
    told = run if is_told and run is not None else schedule
    caps = [one for one in (schedule.cost_cap_nano, most_nano) if one is not None]
    return Plan(
        dataset=schedule.dataset,
        dataset_version=schedule.dataset_version,
        prompt_version=version,
        evaluators=evaluators_of(schedule),
        name=f"{schedule.name}"[:200],
        provider=told.provider,
        model=told.model,
        parameters=dict(told.parameters),
        feature=schedule.feature,
        concurrency=schedule.concurrency,
        cost_cap_nano=min(caps, default=None),
        purpose=Experiment.Purpose.SCHEDULE,
        metadata={"schedule": schedule.name, **({"run": run.kind} if run else {})},
    )


def runs_of(schedule: Schedule) -> QuerySet[ScheduleRun]:
    """All runs, the newest first."""
    found = schedule.runs.select_related("experiment", "prompt_version", "rejudging")
    return found.order_by("-slot", "-pk")


def open_alarm(schedule: Schedule) -> DriftAlarm | None:
    """The one that is open."""
    return schedule.alarms.filter(state=DriftAlarm.State.OPEN).first()


def series_runs(schedule: Schedule, segment: int) -> list[ScheduleRun]:
    """The runs of a segment that the detector was fed, in the order in which they were over."""
    runs = schedule.runs.filter(
        segment=segment,
        kind__in=ScheduleRun.SERIES,
        state__in=[ScheduleRun.State.DONE, ScheduleRun.State.SILENT],
    )
    return list(runs.order_by("day", "finished_at", "pk")[:MOST_SERIES_RUNS])


def keys_of(runs: Sequence[ScheduleRun]) -> list[str]:
    """The items of a series, in one order."""
    return sorted({key for run in runs for key in run.scores})


def scale_of(version: EvaluatorVersion, runs: Sequence[ScheduleRun]) -> Scale:
    """From where to where the watched score goes; of one without limits as far as it went."""
    from evals.drift import runs as drift

    seen = [one for run in runs for one in run.scores.values() if one is not None]
    low = version.minimum if version.minimum is not None else min([0.0, *seen])
    high = version.maximum if version.maximum is not None else max([1.0, *seen])
    keys = keys_of(runs)
    arrays = [drift.numbers([run.scores.get(key) for key in keys]) for run in runs]
    return drift.scale_of(min(low, *seen), max(high, *seen), arrays) if seen else drift.Scale()


@dataclass(frozen=True)
class History:
    """The detector after the runs of a segment, and what each run came to, by its primary key."""

    keys: tuple[str, ...]
    runs: tuple[ScheduleRun, ...]
    state: State
    steps: Mapping[int, Step]

    @property
    def last(self) -> ScheduleRun:
        """The newest run."""
        return self.runs[-1]


def history_of(schedule: Schedule, segment: int) -> History | None:
    """All runs of a segment and what people did between them; None before the first run.

    It is recomputed from the rows each time, so that nothing can come apart from them: a year of
    50 items takes some milliseconds.
    """
    from evals.drift import detector, settings
    from evals.drift import runs as drift

    rows = series_runs(schedule, segment)
    keys = keys_of(rows)
    watched = evaluators_of(schedule)[:1]
    if not keys or not watched:
        return None
    scale = scale_of(watched[0], rows)
    events: list[tuple[tuple[int, datetime], ScheduleRun | detector.Act]] = [
        ((row.day, row.finished_at or row.slot), row) for row in rows
    ]
    for alarm in schedule.alarms.filter(segment=segment).exclude(kind=DriftAlarm.Kind.EDGE):
        if alarm.closed_at is not None:
            is_new = alarm.state == DriftAlarm.State.DISMISSED
            at = (day_of(alarm.closed_at, schedule.zone), alarm.closed_at)
            events.append((at, "dismiss" if is_new else "close"))
    events.sort(key=lambda one: one[0])
    series = Schedule.objects.filter(project_id=schedule.project_id, is_paused=False).count()
    state = detector.begin(len(keys), scale, settings.settings_for(series))
    steps: dict[int, Step] = {}
    for _, event in events:
        if isinstance(event, ScheduleRun):
            scores = [event.scores.get(key) for key in keys]
            is_rerun = event.kind == ScheduleRun.Kind.RERUN
            fed = drift.run_of(event.day, scores, scale, is_rerun=is_rerun)
            state, steps[event.pk] = detector.feed(state, fed)
        else:
            state = detector.dismiss(state) if event == "dismiss" else detector.close(state)
    return History(tuple(keys), tuple(rows), state, steps)


def due_schedules(now: datetime) -> list[int]:
    """Those whose next slot has come, of projects that are there."""
    found = Schedule.objects.filter(
        next_at__lte=now, is_paused=False, project__deleted_at=None
    ).order_by("next_at")
    return list(found.values_list("pk", flat=True)[:500])


def due_runs(now: datetime) -> list[int]:
    """Runs that may begin."""
    found = ScheduleRun.objects.filter(
        state=ScheduleRun.State.DUE, due_at__lte=now, schedule__project__deleted_at=None
    ).order_by("due_at", "pk")
    return list(found.values_list("pk", flat=True)[:500])


def ended_runs() -> list[int]:
    """Runs whose experiment is over, or gone, in the order of their slots."""
    open_ = Experiment.objects.filter(state__in=Experiment.OPEN).values("pk")
    found = ScheduleRun.objects.filter(state=ScheduleRun.State.RUNNING).exclude(
        experiment__in=open_
    )
    return list(found.order_by("slot", "pk").values_list("pk", flat=True)[:500])


def waiting_alarms() -> list[int]:
    """Open alarms whose cause is not told yet."""
    found = DriftAlarm.objects.filter(state=DriftAlarm.State.OPEN, told_at=None)
    return list(found.order_by("pk").values_list("pk", flat=True)[:200])

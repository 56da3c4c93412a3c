"""Quality over time: each schedule of a project with its runs and alarms of some days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import Q, QuerySet

from accounts.models import Project
from evals.models import (
    DriftAlarm,
    EvaluatorVersion,
    Schedule,
    ScheduleEvaluator,
    ScheduleRun,
)
from evals.queries.schedules import schedules_of
from evals.values.slots import day_of
from evals.values.standings import Standing, read_standing
from traces.models import BarDirection

MOST_RUNS = 40_000  # on one page
HEAVY = ("scores", "parameters")  # of a run; no list shows them


@dataclass(frozen=True)
class Series:
    """A schedule; `runs` are those of the days that were asked for, the oldest first.

    `standing` is that of its newest run, whatever the days.
    """

    schedule: Schedule
    watched: EvaluatorVersion | None
    runs: tuple[ScheduleRun, ...]
    alarms: tuple[DriftAlarm, ...]
    standing: Standing

    @property
    def open_alarm(self) -> DriftAlarm | None:
        """The one that is open."""
        found = (one for one in self.alarms if one.state == DriftAlarm.State.OPEN)
        return next(found, None)


@dataclass(frozen=True)
class Lens:
    """How scores of a series are shown: the detector has those that should be low mirrored."""

    span: float = 1.0
    middle: float = 1.0  # of what a mirrored score is taken away from
    is_mirrored: bool = False

    def value(self, kept: float | None) -> float | None:
        """The score as its evaluator gives it."""
        if kept is None:
            return None
        return self.middle - kept if self.is_mirrored else kept

    def change(self, kept: float) -> float:
        """A change of it."""
        return -kept if self.is_mirrored else kept


def lens_of(watched: EvaluatorVersion | None) -> Lens:
    """Of the evaluator that is watched."""
    if watched is None:
        return Lens()
    low = watched.minimum or 0.0
    high = 1.0 if watched.maximum is None else watched.maximum
    is_mirrored = watched.bar_direction == BarDirection.AT_MOST
    return Lens((high - low) or 1.0, low + high, is_mirrored)


def quality_of(project: Project, first: int, now: datetime) -> list[Series]:
    """Every schedule by name, with its runs from day `first` on; as many queries for any number."""
    schedules = list(schedules_of(project))
    by_schedule: dict[int, list[ScheduleRun]] = defaultdict(list)
    runs = ScheduleRun.objects.filter(schedule__in=schedules, day__gte=first, slot__lte=now)
    rows = runs.defer(*HEAVY).filter(kind__in=ScheduleRun.SERIES).select_related("experiment")
    for run in rows.order_by("-slot", "-number", "-pk")[:MOST_RUNS]:
        by_schedule[run.schedule_id].append(run)
    alarms: dict[int, list[DriftAlarm]] = defaultdict(list)
    found = DriftAlarm.objects.filter(schedule__in=schedules)
    is_shown = Q(state=DriftAlarm.State.OPEN) | Q(run__day__gte=first)
    for alarm in found.filter(is_shown).select_related("run").order_by("-opened_at", "-pk"):
        alarms[alarm.schedule_id].append(alarm)
    watched, standings = watched_of(schedules), standings_of(schedules)
    return [
        Series(
            one, watched.get(one.pk), tuple(reversed(by_schedule[one.pk])), tuple(alarms[one.pk]),
            standings.get(one.pk, Standing()),
        )
        for one in schedules
    ]  # fmt: skip


def series_of(schedules: Sequence[Schedule]) -> list[Series]:
    """These schedules with where they stand and their open alarms, without their runs."""
    watched, standings = watched_of(schedules), standings_of(schedules)
    is_open = DriftAlarm.objects.filter(schedule__in=schedules, state=DriftAlarm.State.OPEN)
    alarms = {one.schedule_id: (one,) for one in is_open}
    return [
        Series(
            one, watched.get(one.pk), (), alarms.get(one.pk, ()), standings.get(one.pk, Standing())
        )
        for one in schedules
    ]


def watched_of(schedules: Iterable[Schedule]) -> dict[int, EvaluatorVersion]:
    """The evaluator that is watched, by the schedule's primary key."""
    rows = ScheduleEvaluator.objects.filter(schedule__in=schedules)
    found: dict[int, EvaluatorVersion] = {}
    for row in rows.select_related("version__evaluator").order_by("place", "pk"):
        found.setdefault(row.schedule_id, row.version)
    return found


def standings_of(schedules: Iterable[Schedule]) -> dict[int, Standing]:
    """Where each detector stands after its newest run, by the schedule's primary key."""
    rows = (
        ScheduleRun.objects.filter(schedule__in=schedules, segment__isnull=False)
        .filter(kind__in=ScheduleRun.SERIES)
        .order_by("schedule", "-day", "-finished_at", "-pk")
        .distinct("schedule")
    )
    kept = rows.values_list("schedule", "standing")
    return {pk: read_standing(standing) for pk, standing in kept}


def false_alarms_of(series: Iterable[Series]) -> float:
    """How many alarms a year the project's schedules raise where nothing changes, in all."""
    running = [one for one in series if not one.schedule.is_paused]
    return sum(
        _false_alarms(len(running), one.standing.held, len(one.schedule.weekdays))
        for one in running
    )


@lru_cache(maxsize=1_000)
def _false_alarms(series: int, held: int, days: int) -> float:
    from evals.drift import rates, settings

    held_now = held or None
    return rates.false_alarms(
        settings.settings_for(series), held=held_now, runs_a_day=round(days / 7, 6)
    )


def get_schedule(project: Project, pk: int) -> Schedule | None:
    """The project's schedule of that key."""
    found = schedules_of(project).filter(pk=pk).first() if pk < 2**63 else None
    if found is not None:
        found.project = project
    return found


def alarms_in(project: Project) -> QuerySet[DriftAlarm]:
    """All of a project's alarms, the newest first."""
    return (
        DriftAlarm.objects.filter(schedule__project=project)
        .select_related("schedule__dataset", "schedule__prompt", "run__experiment")
        .order_by("-pk")
    )


def get_alarm(project: Project, pk: int) -> DriftAlarm | None:
    """The project's alarm of that key."""
    found = alarms_in(project).filter(pk=pk).first() if pk < 2**63 else None
    if found is not None:
        found.schedule.project = project
    return found


def run_before(alarm: DriftAlarm) -> ScheduleRun | None:
    """The last good run before the change, of the same or the former segment."""
    return (
        alarm.schedule.runs.filter(
            kind__in=ScheduleRun.SERIES, state=ScheduleRun.State.DONE, day__lt=alarm.since,
            experiment__isnull=False,
        )
        .defer("parameters")
        .select_related("experiment", "prompt_version")
        .order_by("-day", "-finished_at", "-pk")
        .first()
    )  # fmt: skip


def today_of(now: datetime) -> int:
    """The day in UTC, as that of runs."""
    return day_of(now, "UTC")

"""Schedules: made, changed, paused, removed. What runs them is `schedule_slots`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Project
from accounts.services.trail import Actor, record, responsible
from evals.models import (
    Dataset,
    EvaluatorKind,
    EvaluatorVersion,
    Schedule,
    ScheduleEvaluator,
    ScheduleRun,
)
from evals.models.schedules import EVERY_DAY
from evals.queries.planning import BadPlan, settled
from evals.queries.schedules import plan_of
from evals.values.slots import is_zone, next_slot
from kit import live
from kit.errors import DomainError
from prompts.models import Prompt, PromptVersion
from prompts.queries.listed import label_of as label_named
from prompts.services.locking import label_of
from traces.live import group_of

MOST = 200  # of a project
MOST_LATE_MINUTES = 24 * 60
MOST_JITTER = 240
LONGEST_NAME = 200
MOST_RETRIES = 5
LEAST_ANSWERS, MOST_ANSWERS = 30, 50  # of the judge's arm


class BadSchedule(DomainError):
    """It cannot be kept so; `where` is the field that says it."""

    def __init__(self, text: str, where: str = "") -> None:
        super().__init__(text)
        self.where = where


@dataclass(frozen=True)
class NewSchedule:
    """What a schedule is to run, and when. Money in nano-dollars, times in minutes.

    `version` pins a version, `label` follows one: one of them is needed. `weekdays` counts from
    Monday, which is 0. The first of `evaluators` is watched; where it asks somebody, so many stored
    answers (0 or 30 to 50) are marked again in each run.
    """

    name: str
    dataset: Dataset
    prompt: Prompt
    evaluators: Sequence[EvaluatorVersion]
    dataset_version: int | None = None
    version: PromptVersion | None = None
    label: str = ""
    description: str = ""
    feature: str = ""
    provider: str = ""
    model: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    concurrency: int = 8
    cost_cap_nano: int | None = None
    month_cap_nano: int | None = None
    judge_answers: int = 40
    hour: int = 3
    minute: int = 0
    zone: str = "UTC"
    weekdays: Sequence[int] = tuple(EVERY_DAY)
    jitter_minutes: int = 0
    late_minutes: int = 360
    retries: int = 2
    is_canary: bool = False


@transaction.atomic
def create_schedule(
    project: Project, new: NewSchedule, *, actor: Actor, now: datetime | None = None,
    is_checked: bool = True,
) -> Schedule:  # fmt: skip
    """The schedule, whose first slot is the next one from now. Raises: BadSchedule, BadPlan.

    Unchecked, nobody needs to be there who could be asked.
    """
    name = " ".join(new.name.replace("\0", "").split())
    _refuse(project, new, name)
    schedule = Schedule.objects.create(
        project=project,
        name=name,
        description=new.description.replace("\0", ""),
        feature=new.feature,
        dataset=new.dataset,
        dataset_version=new.dataset_version or new.dataset.last_number,
        prompt=new.prompt,
        prompt_version=new.version,
        label=new.label,
        provider=new.provider,
        model=new.model,
        parameters=dict(new.parameters),
        concurrency=new.concurrency,
        cost_cap_nano=new.cost_cap_nano,
        month_cap_nano=new.month_cap_nano,
        judge_answers=new.judge_answers,
        retries=new.retries,
        hour=new.hour,
        minute=new.minute,
        zone=new.zone,
        weekdays=sorted(set(new.weekdays)),
        jitter_minutes=new.jitter_minutes,
        late_minutes=new.late_minutes,
        is_canary=new.is_canary,
        next_at=next_slot(
            now or timezone.now(), hour=new.hour, minute=new.minute, zone=new.zone,
            weekdays=new.weekdays,
        ),
        created_by=responsible(actor),
        author_label=label_of(actor),
    )  # fmt: skip
    ScheduleEvaluator.objects.bulk_create(
        ScheduleEvaluator(schedule=schedule, version=version, place=place)
        for place, version in enumerate(new.evaluators)
    )
    if is_checked:
        settled(project, plan_of(schedule))  # says now what would fail every night
    record(
        "schedule.created", actor=actor, project=project, subject=schedule, name=name,
        dataset=f"{new.dataset.name}@{schedule.dataset_version}", prompt=new.prompt.name,
        follows=new.label or (str(new.version.number) if new.version else ""),
        at=f"{new.hour:02}:{new.minute:02} {new.zone}",
        evaluators=[str(one) for one in new.evaluators],
    )  # fmt: skip
    quality_changed(project.pk)
    return schedule


def _refuse(project: Project, new: NewSchedule, name: str) -> None:
    if not name or len(name) > LONGEST_NAME:
        raise BadSchedule(f"A name has 1 to {LONGEST_NAME} characters.", "name")
    if Schedule.objects.filter(project=project, name=name).exists():
        raise BadSchedule(f"There is a schedule {name} already.", "name")
    if Schedule.objects.filter(project=project).count() >= MOST:
        raise BadSchedule(f"A project has {MOST} schedules at most.", "name")
    refuse_times(new.hour, new.minute, new.zone, new.weekdays)
    if not 0 <= new.jitter_minutes <= MOST_JITTER:
        raise BadSchedule(f"Spread a start over 0 to {MOST_JITTER} minutes.", "jitter_minutes")
    if not 5 <= new.late_minutes <= MOST_LATE_MINUTES:
        text = f"A run may begin 5 to {MOST_LATE_MINUTES} minutes late."
        raise BadSchedule(text, "late_minutes")
    refuse_budget(new.month_cap_nano, new.cost_cap_nano)
    if not 0 <= new.retries <= MOST_RETRIES:
        raise BadSchedule(f"Try a run again 0 to {MOST_RETRIES} times.", "retries")
    if new.judge_answers and not LEAST_ANSWERS <= new.judge_answers <= MOST_ANSWERS:
        text = f"Mark {LEAST_ANSWERS} to {MOST_ANSWERS} stored answers again, or none."
        raise BadSchedule(text, "judge_answers")
    _refuse_version(new)
    if not new.evaluators:
        raise BadSchedule("Choose the evaluator that is to be watched.", "evaluators")
    if any(one.evaluator.kind == EvaluatorKind.PAIRWISE for one in new.evaluators):
        text = "A pairwise judge compares two answers; it cannot watch one series."
        raise BadSchedule(text, "evaluators")


def refuse_times(hour: int, minute: int, zone: str, weekdays: Sequence[int]) -> None:
    """Raises: BadSchedule for a time of day, a zone or days that do not exist."""
    if not (0 <= hour <= 23 and 0 <= minute <= 59):
        raise BadSchedule("A time of day lies between 00:00 and 23:59.", "hour")
    if not is_zone(zone):
        raise BadSchedule(f"There is no time zone {zone[:64]}.", "zone")
    if not weekdays or not set(weekdays) <= set(EVERY_DAY):
        raise BadSchedule("Choose at least one day of the week.", "weekdays")


def refuse_budget(month: int | None, run: int | None) -> None:
    """Raises: BadSchedule for a budget of the month that no run fits into."""
    if month is None:
        return
    if not 0 < month <= 2**62:
        raise BadSchedule("A budget of the month is more than nothing.", "month_cap_nano")
    if run is not None and run > month:
        text = "A run may cost more than the whole month: raise one, or lower the other."
        raise BadSchedule(text, "month_cap_nano")


def _refuse_version(new: NewSchedule) -> None:
    if bool(new.label) == (new.version is not None):
        raise BadSchedule("Pin one version, or follow one label.", "version")
    if new.version is not None and new.version.prompt_id != new.prompt.pk:
        raise BadSchedule(f"{new.prompt.name} has no such version.", "version")
    if new.label and label_named(new.prompt, new.label) is None:
        raise BadSchedule(f"{new.prompt.name} has no label {new.label[:100]}.", "label")


@transaction.atomic
def pause_schedule(schedule: Schedule, *, actor: Actor, is_paused: bool) -> Schedule:
    """Plan nothing more, or go on with the next slot from now. What runs goes on."""
    locked = locked_schedule(schedule.pk)
    if locked.is_paused == is_paused:
        return locked
    locked.is_paused = is_paused
    if not is_paused:
        locked.next_at = next_slot(
            timezone.now(), hour=locked.hour, minute=locked.minute, zone=locked.zone,
            weekdays=locked.weekdays,
        )  # fmt: skip
    locked.changed_at = timezone.now()
    locked.save(update_fields=["is_paused", "next_at", "changed_at"])
    word = "schedule.paused" if is_paused else "schedule.resumed"
    record(word, actor=actor, project=locked.project, subject=locked, name=locked.name)
    quality_changed(locked.project_id)
    return locked


@transaction.atomic
def move_schedule(
    schedule: Schedule, *, actor: Actor, hour: int, minute: int, zone: str, weekdays: Sequence[int]
) -> Schedule:
    """Run at another time; the set stays what it is. Raises: BadSchedule."""
    refuse_times(hour, minute, zone, weekdays)
    locked = locked_schedule(schedule.pk)
    before = f"{locked.hour:02}:{locked.minute:02} {locked.zone}"
    locked.hour, locked.minute, locked.zone = hour, minute, zone
    locked.weekdays = sorted(set(weekdays))
    locked.next_at = next_slot(
        timezone.now(), hour=hour, minute=minute, zone=zone, weekdays=locked.weekdays
    )
    locked.changed_at = timezone.now()
    locked.save()
    record(
        "schedule.moved", actor=actor, project=locked.project, subject=locked, name=locked.name,
        before=before, at=f"{hour:02}:{minute:02} {zone}",
    )  # fmt: skip
    quality_changed(locked.project_id)
    return locked


@transaction.atomic
def budget_schedule(schedule: Schedule, *, actor: Actor, month_cap_nano: int | None) -> Schedule:
    """What it may spend in a month; None is no limit. Runs that were missed stay so.

    Raises: BadSchedule.
    """
    locked = locked_schedule(schedule.pk)
    refuse_budget(month_cap_nano, locked.cost_cap_nano)
    before, locked.month_cap_nano = locked.month_cap_nano, month_cap_nano
    locked.changed_at = timezone.now()
    locked.save(update_fields=["month_cap_nano", "changed_at"])
    record(
        "schedule.budget_changed", actor=actor, project=locked.project, subject=locked,
        name=locked.name, before_nano=before, after_nano=month_cap_nano,
    )  # fmt: skip
    quality_changed(locked.project_id)
    return locked


@transaction.atomic
def delete_schedule(schedule: Schedule, *, actor: Actor) -> None:
    """Remove it with its history; the experiments that it ran stay."""
    runs = ScheduleRun.objects.filter(schedule=schedule).count()
    record(
        "schedule.deleted", actor=actor, project=schedule.project, subject=schedule,
        name=schedule.name, runs=runs,
    )  # fmt: skip
    project_id = schedule.project_id
    schedule.delete()
    quality_changed(project_id)


def quality_changed(project_id: int) -> None:
    """Let open pages of schedules fetch their pieces again, after the commit."""
    live.announce(group_of(project_id), {"type": "project.changed", "changed": ["quality"]})


def locked_schedule(pk: int) -> Schedule:
    """The row, held until the transaction ends."""
    return (
        Schedule.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project__organization", "dataset", "prompt", "prompt_version")
        .get(pk=pk)
    )


__all__ = [
    "BadPlan", "BadSchedule", "NewSchedule", "budget_schedule", "create_schedule",
    "delete_schedule", "locked_schedule", "move_schedule", "pause_schedule",
]  # fmt: skip

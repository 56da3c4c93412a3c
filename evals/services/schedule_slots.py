"""What is due is planned and begun. Each step may run twice, or late, and changes nothing then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from evals.models import DriftAlarm, Experiment, ScheduleRun
from evals.queries.schedules import due_runs, due_schedules, plan_of
from evals.services.experiments import TooMany, start_experiment
from evals.services.schedule_budgets import room_for, tell_over_budget
from evals.services.schedules import locked_schedule, quality_changed
from evals.values.slots import day_of, jitter, next_slot
from kit.errors import DomainError

MOST_SLOTS = 400  # of one schedule at once: the rest follows with the next look
RETRY_AFTER = timedelta(minutes=10)  # the first time; each is twice the one before
LATER = timedelta(seconds=30)  # where too many experiments wait already
MISSED = "Nothing ran that could have begun it in time."

Kind, State = ScheduleRun.Kind, ScheduleRun.State


def plan_slots(now: datetime | None = None) -> int:
    """Every slot that has come has its row: due, or missed where it is too late. How many new."""
    now = now or timezone.now()
    return sum(plan_slots_of(pk, now) for pk in due_schedules(now))


@transaction.atomic
def plan_slots_of(pk: int, now: datetime) -> int:
    """Those of one schedule."""
    schedule = locked_schedule(pk)
    planned = 0
    while schedule.next_at <= now and not schedule.is_paused and planned < MOST_SLOTS:
        slot = schedule.next_at
        due_at = slot + jitter(schedule.pk, slot, schedule.jitter_minutes)
        is_late = now > due_at + timedelta(minutes=schedule.late_minutes)
        ScheduleRun.objects.get_or_create(
            schedule=schedule,
            slot=slot,
            kind=Kind.PLANNED,
            number=0,
            alarm=None,
            defaults={
                "day": day_of(slot, schedule.zone),
                "due_at": due_at,
                "state": State.MISSED if is_late else State.DUE,
                "error": MISSED if is_late else "",
                "finished_at": now if is_late else None,
            },
        )
        schedule.next_at = next_slot(
            slot, hour=schedule.hour, minute=schedule.minute, zone=schedule.zone,
            weekdays=schedule.weekdays,
        )  # fmt: skip
        planned += 1
    schedule.save(update_fields=["next_at"])
    return planned


def start_runs(now: datetime | None = None) -> int:
    """Every run that may begin has its experiment. How many began."""
    now = now or timezone.now()
    return sum(_start(pk, now) for pk in due_runs(now))


@transaction.atomic
def _start(pk: int, now: datetime) -> int:
    run = locked_run(pk)
    if run is None or run.state != State.DUE:
        return 0
    schedule = run.schedule
    if schedule.month_cap_nano is not None:
        locked_schedule(schedule.pk)  # one run of it at a time looks at what is left
    if run.kind == Kind.PLANNED and now > run.due_at + timedelta(minutes=schedule.late_minutes):
        end_run(run, State.MISSED, now, MISSED)
        return 0
    room = room_for(run, now)
    if room.is_later:
        run.due_at = now + LATER
        run.save(update_fields=["due_at"])
        return 0
    if room.refusal:
        run.is_over_budget = True
        end_run(run, State.MISSED, now, room.refusal)
        tell_over_budget(run, room.month)
        return 0
    try:
        with transaction.atomic():
            plan = plan_of(schedule, run, most_nano=room.most_nano)
            experiment = start_experiment(schedule.project, plan, actor=None)
    except TooMany:
        run.due_at = now + LATER
        run.save(update_fields=["due_at"])
        return 0
    except (DomainError, ValueError) as refused:
        end_run(run, State.FAILED, now, str(refused))
        return 0
    run.experiment, run.state = experiment, State.RUNNING
    run.prompt_version = plan.prompt_version
    run.model, run.provider = experiment.model, experiment.provider
    run.parameters = dict(plan.parameters)
    run.error = ""
    run.save()
    quality_changed(schedule.project_id)
    return 1


def try_again(run: ScheduleRun, experiment: Experiment, now: datetime) -> bool:
    """Whether a run that came to nothing is due once more, in its own slot.

    What a person cancelled stays so, and what stopped at its cost cap would stop there again.
    """
    schedule, over = run.schedule, Experiment.State
    again = now + RETRY_AFTER * 2**run.attempts
    is_in_time = again <= run.slot + timedelta(
        minutes=schedule.late_minutes + schedule.jitter_minutes
    )
    if run.kind != Kind.PLANNED:
        is_in_time = True  # their times are not those of a day
    if (
        experiment.state not in (over.FAILED, over.DONE)
        or run.attempts >= schedule.retries
        or not is_in_time
    ):
        return False
    run.attempts += 1
    run.state, run.due_at, run.experiment = State.DUE, again, None
    run.error = (experiment.error or "Too few items were answered.")[:1000]
    run.save()
    quality_changed(schedule.project_id)
    return True


def end_run(run: ScheduleRun, state: ScheduleRun.State, now: datetime, why: str = "") -> None:
    """It is over, in a transaction of the caller's that holds its row."""
    run.state, run.finished_at, run.error = state, now, why[:1000]
    run.save()
    quality_changed(run.schedule.project_id)


def add_run(
    like: ScheduleRun,
    kind: ScheduleRun.Kind,
    number: int,
    due_at: datetime,
    *,
    alarm: DriftAlarm | None = None,
    **told: Any,
) -> ScheduleRun:
    """One more run of the same slot, unless it is there. `told` are fields that it runs with."""
    run, _ = ScheduleRun.objects.get_or_create(
        schedule=like.schedule,
        slot=like.slot,
        kind=kind,
        number=number,
        alarm=alarm,
        defaults={"day": like.day, "due_at": due_at, **told},
    )
    return run


def locked_run(pk: int) -> ScheduleRun | None:
    """The row, held until the transaction ends; None where somebody else holds it, or it went."""
    return (
        ScheduleRun.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related(
            "schedule__project__organization",
            "schedule__dataset",
            "schedule__prompt",
            "schedule__prompt_version",
            "experiment",
            "prompt_version__prompt",
        )
        .filter(pk=pk)
        .first()
    )

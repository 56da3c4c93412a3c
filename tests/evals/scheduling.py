"""Lets days go by for a schedule: its clock is given, its runs are real."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from accounts.models import Project
from evals.models import EvaluatorVersion, Experiment, Rejudging, Schedule, ScheduleRun
from evals.running.stored import judge_stored
from evals.services.drift_alarms import tell_causes
from evals.services.schedule_series import conclude_runs, follow
from evals.services.schedule_slots import plan_slots, start_runs
from evals.services.schedules import NewSchedule, create_schedule
from evals.values.slots import day_of
from prompts.models import Label, PromptVersion
from tests.evals.planned import MODEL, connected, contains, planned_dataset, questions
from tests.evals.running import run
from tests.prompts.making import chat, make_version

BEGAN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday
PROMPT = "answers"


def version_of(project: Project, text: str = "{{question}}") -> PromptVersion:
    return make_version(project, PROMPT, chat(("user", text), model=MODEL))


def scheduled(
    project: Project, url: str, items: int = 30, label: str = "",
    watched: EvaluatorVersion | None = None, **more: Any,
) -> Schedule:  # fmt: skip
    """One that runs at three in the morning, from BEGAN on."""
    connected(project, url)
    version = version_of(project)
    if label:
        Label.objects.create(prompt=version.prompt, name=label, version=version)
    new = NewSchedule(
        name="nightly", dataset=planned_dataset(project, questions(items)), prompt=version.prompt,
        version=None if label else version, label=label, evaluators=[watched or contains(project)],
        concurrency=16, **more,
    )  # fmt: skip
    return create_schedule(project, new, actor=None, now=BEGAN)


def look(now: datetime) -> None:
    """What the task does, once what it begins has run."""
    plan_slots(now)
    start_runs(now)
    if Experiment.objects.filter(state__in=Experiment.OPEN).exists():
        run()
    conclude_runs(now)
    if Rejudging.objects.filter(state="due").exists():
        judge_stored()
    tell_causes(now)


def a_day(day: int) -> None:
    """One day of looks: its run, and the reruns that it may want."""
    for minutes in (121, 140, 160, 180):
        look(BEGAN + timedelta(days=day, minutes=minutes))


def repeated(first: int, last: int) -> None:
    """The run of the day before `first`, with what its judge said, once more for each day."""
    model = ScheduleRun.objects.select_related("schedule__project", "experiment").get(
        day=BEGAN.toordinal() + first - 1, kind="planned"
    )
    for day in range(first, last + 1):
        slot = model.slot + timedelta(days=day - first + 1)
        run = ScheduleRun.objects.create(
            schedule=model.schedule, slot=slot, day=slot.toordinal(), due_at=slot, state="done",
            finished_at=slot, mean=model.mean, scores=model.scores, model=model.model,
            provider=model.provider, prompt_version_id=model.prompt_version_id,
            fingerprint=model.fingerprint, experiment=model.experiment,
        )  # fmt: skip
        for said in Rejudging.objects.filter(run=model):
            Rejudging.objects.create(
                run=run, schedule=run.schedule, day=run.day, state=said.state, marks=said.marks,
                mean=said.mean,
            )  # fmt: skip
        follow(run, slot)
        ScheduleRun.objects.filter(kind="rerun", state="due").delete()
    Schedule.objects.update(next_at=slot + timedelta(days=1))


def days(first: int, last: int, until: Callable[[], bool] = lambda: False) -> int:
    """Day by day until `until`, or the last; which it was."""
    for day in range(first, last + 1):
        a_day(day)
        if until():
            return day
    return last


def written(
    schedule: Schedule, *means: float | None, items: int = 30, first: int = 0, **more: Any
) -> list[ScheduleRun]:
    """A run for each mean, one a day up to today, put before the detector as real ones are.

    None is a run that was missed. Each item passes or not; who fails differs from day to day.
    """
    now = timezone.now()
    made = []
    for place, mean in enumerate(means, start=first):
        slot = now - timedelta(days=len(means) + first - 1 - place)
        run = ScheduleRun.objects.create(
            schedule=schedule, slot=slot, day=day_of(slot, schedule.zone), due_at=slot,
            state="missed" if mean is None else "done", finished_at=slot, mean=mean,
            scores={} if mean is None else scores_of(mean, items, place),
            fingerprint={"prompt": "answers v1", "model_returned": "m-1"}, **more,
        )  # fmt: skip
        if mean is not None:
            follow(run, slot)
            if run.verdict == "calibrating":  # history is what is said here, and no more
                schedule.runs.filter(kind="rerun", state="due").delete()
        made.append(run)
    return made


def scores_of(mean: float, items: int, seed: int) -> dict[str, float | None]:
    """That share of the items passes; which ones do changes a little with the day."""
    failing = round(items * (1 - mean))
    order = Random(7).sample(range(items), items)
    shift = seed % 3
    failed = set(order[shift : failing + shift])
    return {f"g-{place:04}": 0.0 if place in failed else 1.0 for place in range(items)}

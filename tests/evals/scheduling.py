"""Lets days go by for a schedule: its clock is given, its runs are real."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import Project
from evals.models import Experiment, Schedule
from evals.services.drift_alarms import tell_causes
from evals.services.schedule_series import conclude_runs
from evals.services.schedule_slots import plan_slots, start_runs
from evals.services.schedules import NewSchedule, create_schedule
from prompts.models import Label, PromptVersion
from tests.evals.planned import MODEL, connected, contains, planned_dataset, questions
from tests.evals.running import run
from tests.prompts.making import chat, make_version

BEGAN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday
PROMPT = "answers"


def version_of(project: Project, text: str = "{{question}}") -> PromptVersion:
    return make_version(project, PROMPT, chat(("user", text), model=MODEL))


def scheduled(
    project: Project, url: str, items: int = 30, label: str = "", **more: Any
) -> Schedule:
    """One that runs at three in the morning, from BEGAN on."""
    connected(project, url)
    version = version_of(project)
    if label:
        Label.objects.create(prompt=version.prompt, name=label, version=version)
    new = NewSchedule(
        name="nightly", dataset=planned_dataset(project, questions(items)), prompt=version.prompt,
        version=None if label else version, label=label, evaluators=[contains(project)],
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
    tell_causes(now)


def a_day(day: int) -> None:
    """One day of looks: its run, and the reruns that it may want."""
    for minutes in (121, 140, 160, 180):
        look(BEGAN + timedelta(days=day, minutes=minutes))


def days(first: int, last: int, until: Callable[[], bool] = lambda: False) -> int:
    """Day by day until `until`, or the last; which it was."""
    for day in range(first, last + 1):
        a_day(day)
        if until():
            return day
    return last

"""Connections are cut at random while schedules run: each slot has one run, a slice of the trial.

The whole, with beat, worker and database killed, is `make trial NAME=schedules`.
"""

from __future__ import annotations

import random
import threading
from datetime import timedelta

import pytest
from django.db import Error, connection, connections

from accounts.models import Project
from evals.models import Experiment, Judgement, Schedule, ScheduleRun
from evals.running.runner import run_due
from evals.services.schedule_series import conclude_runs
from evals.services.schedule_slots import plan_slots, start_runs
from evals.services.schedules import NewSchedule, create_schedule
from tests.evals.running import upstream
from tests.evals.scheduling import BEGAN, scheduled
from tests.provider import Provider

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db(transaction=True)
SCHEDULES, ITEMS, CUTS = 6, 2, 8
_OTHERS = """
    select pid from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and backend_type = 'client backend'
"""


def looking(over: threading.Event) -> None:
    """What the worker does, again and again, whatever befalls its connections."""
    now = BEGAN + timedelta(minutes=121)
    while not over.is_set():
        try:
            plan_slots(now)
            start_runs(now)
            run_due()
            conclude_runs(now)
        except Error:
            connection.close()
    connections.close_all()


def cut(chance: random.Random) -> None:
    """End one connection as if its server had been killed."""
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS)
        pids = [pid for (pid,) in cursor.fetchall()]
        if pids:
            cursor.execute("select pg_terminate_backend(%s)", [chance.choice(pids)])


def test_every_slot_has_one_run_and_every_run_one_result(
    project: Project, upstream: Provider
) -> None:
    first = scheduled(project, upstream.url, items=ITEMS)
    for number in range(1, SCHEDULES):
        new = NewSchedule(
            name=f"nightly {number}", dataset=first.dataset, prompt=first.prompt,
            version=first.prompt_version, evaluators=[first.evaluators.get().version],
        )  # fmt: skip
        create_schedule(project, new, actor=None, now=BEGAN)
    chance, over = random.Random(3), threading.Event()
    worker = threading.Thread(target=looking, args=(over,))
    worker.start()
    for _ in range(CUTS):
        over.wait(chance.uniform(0.05, 0.25))
        cut(chance)
    planned = ScheduleRun.objects.filter(kind="planned")
    for _ in range(600):
        if planned.filter(state="done").count() == SCHEDULES:
            break
        over.wait(0.1)
    over.set()
    worker.join()
    assert planned.filter(state="done").count() == planned.count() == SCHEDULES
    assert planned.values("schedule").distinct().count() == Schedule.objects.count()
    assert Experiment.objects.count() == ScheduleRun.objects.exclude(experiment=None).count()
    done = Experiment.objects.filter(state="done").count()
    assert Judgement.objects.filter(state="done").count() == done * ITEMS

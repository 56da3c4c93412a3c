"""Schedules run. Each task may run twice or late."""

from __future__ import annotations

from celery import shared_task

from evals.running.stored import judge_stored
from evals.services.drift_alarms import tell_causes
from evals.services.schedule_series import conclude_runs
from evals.services.schedule_slots import plan_slots, start_runs
from kit.jobs import alone


@shared_task(name="evals.run_schedules")
def run_schedules() -> None:
    """What is due is planned and begun; what is over is scored, and alarms learn their cause."""
    with alone("evals.run_schedules") as is_mine:
        if not is_mine:
            return
        plan_slots()
        start_runs()
        conclude_runs()
        tell_causes()


@shared_task(name="evals.judge_stored")
def judge_stored_answers() -> None:
    """Stored answers of schedules have been judged again, as far as that is due."""
    with alone("evals.judge_stored") as is_mine:
        while is_mine and judge_stored():
            pass

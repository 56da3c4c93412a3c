"""Schedules run. Each task may run twice or late."""

from __future__ import annotations

from celery import shared_task

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

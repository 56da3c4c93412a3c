"""Gates are asked and answer. Each task may run twice or late."""

from __future__ import annotations

from celery import shared_task

from evals.queries.gates import open_runs
from evals.services.gate_answers import advance
from evals.services.gate_runs import start_due_runs
from kit.jobs import alone


@shared_task(name="evals.run_gates")
def run_gates() -> None:
    """Every proposed version was asked about; every run is as far as its experiments let it be."""
    with alone("evals.run_gates") as is_mine:
        if not is_mine:
            return
        start_due_runs()
        for pk in open_runs():
            advance(pk)

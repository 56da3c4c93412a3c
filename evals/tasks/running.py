"""Experiments that are due run, in as many workers as there are places for them."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down

from evals.running.runner import ending, run_due
from kit.jobs import alone

# Each takes a place in a pool that has other work too; each runs several experiments.
MOST_RUNNERS = 2


@shared_task(name="evals.run_experiments")
def run_experiments(experiment_id: int | None = None) -> None:
    """Experiments that are due have run, as far as nothing keeps them; `experiment_id` is a hint.

    The task lasts as long as there is something to run.
    """
    for place in range(MOST_RUNNERS):
        with alone(f"evals.runner.{place}") as is_mine:
            if is_mine:
                run_due()
                return


@worker_shutting_down.connect
def _end_turns(**_: Any) -> None:
    """Calls in flight have a moment; what is not over then is called again by the next worker."""
    ending.set()

"""Traces that name an experiment of Langfuse's SDKs are its results."""

from __future__ import annotations

from celery import shared_task

from evals.services.langfuse_runs import read_noted
from kit.jobs import alone


@shared_task(name="evals.read_noted_traces")
def read_noted_traces() -> None:
    """Noted traces that are due were read, as many as there were."""
    with alone("evals.noted_traces") as is_mine:
        while is_mine and read_noted():
            pass

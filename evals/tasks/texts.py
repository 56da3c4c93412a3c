"""Texts of live traffic are watched. The task may run twice or late."""

from __future__ import annotations

from celery import shared_task

from evals.services.text_days import compare_next, plan_days
from kit.jobs import alone


@shared_task(name="evals.watch_texts")
def watch_texts() -> None:
    """Days that are over are due, and those that were due are compared, one after the other."""
    with alone("evals.watch_texts") as is_mine:
        if not is_mine:
            return
        plan_days()
        while compare_next():
            pass

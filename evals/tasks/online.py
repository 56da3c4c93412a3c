"""Live traces that settled are found by the rules, and judged."""

from __future__ import annotations

import time

from celery import shared_task

from evals.running.online import judge_due
from evals.services.online import scan_rules
from evals.services.online_judging import take_back_lost
from kit.jobs import alone

TURN_SECONDS = 50.0  # then another task has its turn; the next beat goes on


@shared_task(name="evals.scan_online")
def scan_online() -> None:
    """What settled since the last look is due for the rules that match it."""
    with alone("evals.scan_online") as is_mine:
        if is_mine:
            scan_rules()


@shared_task(name="evals.judge_online")
def judge_online() -> None:
    """Live traces that are due are judged, one worker at a time."""
    with alone("evals.judge_online") as is_mine:
        if not is_mine:
            return
        take_back_lost()
        ends = time.monotonic() + TURN_SECONDS
        while time.monotonic() < ends and judge_due():
            pass

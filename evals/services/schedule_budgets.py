"""A schedule's budget of a month: a run that would break it is missed, and somebody is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from evals.models import ScheduleRun
from evals.queries.schedule_budgets import Month, month_of, runs_over_budget
from kit.figures import money
from notices.services import tell

EVENT = "schedule.over_budget"


@dataclass(frozen=True)
class Room:
    """Whether a run may begin: not now (`is_later`), not at all (`refusal`), or up to `most_nano`.

    None is without a limit of the month's.
    """

    most_nano: int | None = None
    refusal: str = ""
    is_later: bool = False
    month: Month | None = None


def room_for(run: ScheduleRun, now: datetime) -> Room:
    """What the month leaves for this run. What runs now keeps what it may still cost.

    A run begins with all that is left, and no call crosses that; it does not begin where what its
    like cost lately no longer fits, since half of a run is no series.
    """
    schedule = run.schedule
    budget = schedule.month_cap_nano
    if budget is None:
        return Room()
    month = month_of(schedule, now)
    left = budget - month.spent - month.held
    need = max(month.usual or 0, 1)
    if left >= need:
        return Room(_share(left, month), month=month)
    if month.running:
        return Room(is_later=True, month=month)
    usual = f", and a run costs up to {money(month.usual)}" if month.usual else ""
    return Room(
        refusal=f"Missed: budget. {money(month.spent)} of this month's {money(budget)} are "
        f"spent{usual}.",
        month=month,
    )


def _share(left: int, month: Month) -> int:
    """Several runs may begin at once: each holds back twice what the dearest one cost lately."""
    return left if not month.usual else min(left, 2 * month.usual)


def tell_over_budget(run: ScheduleRun, month: Month | None) -> None:
    """Whoever made the schedule, and webhooks, once a month."""
    schedule = run.schedule
    if month is None or runs_over_budget(schedule, month).exclude(pk=run.pk).exists():
        return
    path = reverse("evals:schedule", args=[schedule.project.slug, schedule.pk])
    data = {"schedule": schedule.name, "slot": run.slot.isoformat(), "why": run.error, "url": path}
    persons = [schedule.created_by] if schedule.created_by else []
    title = f"{schedule.name[:120]} missed a run: the month's budget"
    tell(schedule.project, EVENT, data=data, title=title, link=path, persons=persons, actor=None)

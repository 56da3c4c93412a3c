"""What a schedule has spent in a month, and what a run of it costs. Money in nano-dollars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet, Sum

from evals.models import Schedule, ScheduleRun

ALIKE = 5  # of the newest runs say what the next one costs

State = ScheduleRun.State


@dataclass(frozen=True)
class Month:
    """`spent` is of what is over, `held` the most that what runs now may still cost.

    `usual` is what the dearest of the newest runs cost, None before the first; `first` and `last`
    are the month's days where the schedule lives.
    """

    first: int
    last: int
    spent: int
    held: int
    usual: int | None
    running: int


def month_of(schedule: Schedule, now: datetime) -> Month:
    """The month that it is where the schedule lives, with reruns, replays and marks given again."""
    first, last = _days(now.astimezone(ZoneInfo(schedule.zone)).date())
    runs = ScheduleRun.objects.filter(schedule=schedule, day__gte=first, day__lte=last)
    over = runs.aggregate(
        runs=Sum("spent_nano", filter=~Q(state=State.RUNNING)),
        before=Sum("spent_nano", filter=Q(state=State.RUNNING)),
        marks=Sum("rejudging__cost_nano"),
    )
    spent, held, running = sum(int(one or 0) for one in over.values()), 0, 0
    for run in runs.filter(state=State.RUNNING, experiment__isnull=False).select_related(
        "experiment"
    ):
        assert run.experiment is not None  # noqa: S101
        running += 1
        spent += run.experiment.spent_nano
        held += max((run.experiment.cost_cap_nano or 0) - run.experiment.spent_nano, 0)
    return Month(first, last, spent, held, _usual(schedule), running)


def runs_over_budget(schedule: Schedule, month: Month) -> QuerySet[ScheduleRun]:
    """Those of the month that the budget kept from running."""
    return ScheduleRun.objects.filter(
        schedule=schedule, day__gte=month.first, day__lte=month.last, is_over_budget=True
    )


def _usual(schedule: Schedule) -> int | None:
    """What the dearest of the newest runs cost, with the marks that were given again in it."""
    done = ScheduleRun.objects.filter(schedule=schedule, state=State.DONE)
    newest = done.order_by("-finished_at", "-pk").values_list("spent_nano", "rejudging__cost_nano")[
        :ALIKE
    ]
    return max((run + (marks or 0) for run, marks in newest), default=None)


def _days(today: date) -> tuple[int, int]:
    first = today.replace(day=1)
    year, month = divmod(first.year * 12 + first.month, 12)
    return first.toordinal(), date(year, month + 1, 1).toordinal() - 1

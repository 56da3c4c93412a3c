"""A month's budget holds, a run that came to nothing is tried again, and a baseline takes days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from accounts.models import Project, User
from evals.models import Experiment, Rejudging, Schedule, ScheduleRun
from evals.pages.quality_top import calibration_of
from evals.queries.quality import series_of
from evals.queries.schedule_budgets import month_of
from evals.services.schedule_slots import plan_slots, start_runs
from evals.services.schedules import BadSchedule, budget_schedule
from notices.models import PersonalNotice
from tests.evals.running import upstream
from tests.evals.scheduling import BEGAN, a_day, days, look, scheduled
from tests.provider import Provider
from tests.provider_faults import Fault

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db(transaction=True)
LIMITED = {"max_tokens": 50}


def planned(day: int) -> ScheduleRun:
    return ScheduleRun.objects.get(kind="planned", day=BEGAN.toordinal() + day)


def test_a_run_that_would_break_the_month_is_missed_and_told_once(
    project: Project, upstream: Provider, alice: User, client: Client
) -> None:
    schedule = scheduled(project, upstream.url, items=3, parameters=LIMITED, retries=0)
    Schedule.objects.update(created_by=alice)
    a_day(0)
    spent = sum(ScheduleRun.objects.values_list("spent_nano", flat=True))
    cost = planned(0).spent_nano
    assert cost > 0
    assert spent == sum(Experiment.objects.values_list("spent_nano", flat=True)) == 3 * cost
    budget_schedule(schedule, actor=alice, month_cap_nano=spent + cost * 5 // 2)
    days(1, 4)
    rows = list(ScheduleRun.objects.order_by("slot", "kind", "number"))
    assert [one.state for one in rows].count("done") == 5  # two more fit
    missed = [one for one in rows if one.state == "missed"]
    assert missed
    assert all(one.is_over_budget and one.error.startswith("Missed: budget. $") for one in missed)
    assert planned(2).state == planned(4).state == "missed"
    assert sum(one.spent_nano for one in rows) <= spent + cost * 5 // 2
    (notice,) = PersonalNotice.objects.filter(event="schedule.over_budget")
    assert notice.user == alice

    client.force_login(alice)
    page = client.get(f"/p/support/quality/schedules/{schedule.pk}/").content.decode()
    assert "Missed: budget." in page
    at = f"/p/support/quality/schedules/{schedule.pk}/budget/"
    assert client.post(at, {"month_cap": "12.5"}).status_code in (302, 303)
    schedule.refresh_from_db()
    assert schedule.month_cap_nano == 12_500_000_000
    a_day(5)
    assert planned(5).state == "done"
    assert month_of(schedule, BEGAN + timedelta(days=31)).spent == 0  # another month


def test_no_call_crosses_what_the_month_leaves(project: Project, upstream: Provider) -> None:
    scheduled(project, upstream.url, items=12, parameters=LIMITED, month_cap_nano=60_000, retries=0)
    look(BEGAN + timedelta(minutes=121))
    run = ScheduleRun.objects.get()
    assert run.experiment is not None
    assert (run.experiment.state, run.experiment.cost_cap_nano) == ("capped", 60_000)
    assert 0 <= run.spent_nano <= 60_000
    assert run.state == "silent"


def test_what_runs_now_keeps_what_it_may_still_cost(project: Project, upstream: Provider) -> None:
    schedule = scheduled(project, upstream.url, items=2, parameters=LIMITED, month_cap_nano=10**6)
    now = BEGAN + timedelta(minutes=121)
    plan_slots(now)
    first = ScheduleRun.objects.get()
    second = ScheduleRun.objects.create(
        schedule=schedule, slot=first.slot, day=first.day, kind="rerun", number=1, due_at=now
    )
    assert start_runs(now) == 1
    second.refresh_from_db()
    assert (second.state, second.due_at > now) == ("due", True)
    assert month_of(schedule, now).held == 10**6


def test_a_run_that_came_to_nothing_is_tried_again_in_its_slot(
    project: Project, upstream: Provider
) -> None:
    scheduled(project, upstream.url, items=2)
    upstream.script = lambda body: Fault(400, "no")
    look(BEGAN + timedelta(minutes=121))
    run = ScheduleRun.objects.get()
    assert (run.state, run.attempts, run.experiment) == ("due", 1, None)
    assert run.error
    look(BEGAN + timedelta(minutes=125))
    assert Experiment.objects.count() == 1  # not at once
    upstream.script = None
    look(BEGAN + timedelta(minutes=140))
    run.refresh_from_db()
    assert (run.state, run.mean, run.error) == ("done", 1.0, "")
    assert ScheduleRun.objects.filter(kind="planned").count() == 1


def test_it_is_not_tried_again_when_it_is_too_late_or_somebody_cancelled(
    project: Project, upstream: Provider
) -> None:
    scheduled(project, upstream.url, items=2, late_minutes=5)
    upstream.script = lambda body: Fault(400, "no")
    look(BEGAN + timedelta(minutes=121))
    assert ScheduleRun.objects.get().state == "silent"


def test_the_baseline_is_spread_over_three_days_and_its_end_is_said(
    project: Project, upstream: Provider
) -> None:
    schedule = scheduled(project, upstream.url, items=3)
    look(BEGAN + timedelta(minutes=121))
    told = calibration_of(series_of([Schedule.objects.get()])[0])
    assert told == "calibrating 1 of 7, until 4 Mar"
    a_day(0)
    days(1, 2)
    by_day = [
        ScheduleRun.objects.filter(day=BEGAN.toordinal() + day, state="done").count()
        for day in range(3)
    ]
    assert by_day == [3, 2, 2]
    newest = ScheduleRun.objects.order_by("day", "finished_at").last()
    assert newest is not None
    assert newest.standing["held"] == 7
    assert calibration_of(series_of([schedule])[0]) == ""
    a_day(3)
    assert ScheduleRun.objects.filter(day=date(2026, 3, 5).toordinal()).count() == 1
    assert not Rejudging.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"month_cap_nano": 0}, "month_cap_nano"),
        ({"month_cap_nano": 5, "cost_cap_nano": 6}, "month_cap_nano"),
        ({"retries": 9}, "retries"),
    ],
)
def test_a_budget_that_no_run_fits_into_is_refused(
    project: Project, wrong: dict[str, int], where: str
) -> None:
    with pytest.raises(BadSchedule) as refused:
        scheduled(project, "http://127.0.0.1:9", items=2, **wrong)
    assert refused.value.where == where

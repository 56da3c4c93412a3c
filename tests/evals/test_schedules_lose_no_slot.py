"""Every slot has one row, whoever looks when: due, begun, or missed and said to be."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from accounts.models import Project
from evals.models import Experiment, ScheduleRun
from evals.services.schedule_slots import plan_slots, start_runs
from evals.services.schedules import BadSchedule, NewSchedule, create_schedule, pause_schedule
from evals.values.slots import day_of, jitter, next_slot
from tests.evals.planned import connected, contains, planned_dataset, questions
from tests.evals.scheduling import BEGAN, scheduled, version_of

EVERY_DAY = range(7)


@pytest.mark.parametrize(
    ("after", "zone", "slot"),
    [
        ("2026-03-02 01:00", "UTC", "2026-03-02 03:00"),
        ("2026-03-02 03:00", "UTC", "2026-03-03 03:00"),
        ("2026-07-01 00:00", "Europe/Zurich", "2026-07-01 01:00"),
        ("2026-12-01 00:00", "Europe/Zurich", "2026-12-01 02:00"),
        ("2026-12-01 00:00", "America/New_York", "2026-12-01 08:00"),
    ],
)
def test_a_slot_is_a_time_of_day_where_the_schedule_lives(after: str, zone: str, slot: str) -> None:
    found = next_slot(at(after), hour=3, minute=0, zone=zone, weekdays=EVERY_DAY)
    assert found == at(slot)


def test_each_day_has_one_slot_also_where_the_clock_jumps() -> None:
    slot = at("2026-03-20 00:00")
    slots = []
    for _ in range(15):
        slot = next_slot(slot, hour=2, minute=30, zone="Europe/Zurich", weekdays=EVERY_DAY)
        slots.append(slot)
    days = [day_of(one, "Europe/Zurich") for one in slots]
    assert days == list(range(days[0], days[0] + 15))  # 29 March has no 02:30


def test_only_chosen_days_and_always_the_same_spread() -> None:
    monday = next_slot(at("2026-03-04 12:00"), hour=3, minute=0, zone="UTC", weekdays=[0])
    assert monday == at("2026-03-09 03:00")
    spread = {jitter(7, monday + timedelta(days=day), 30) for day in range(50)}
    assert len(spread) > 40
    assert max(spread) < timedelta(minutes=30)
    assert jitter(7, monday, 30) == jitter(7, monday, 30)
    assert jitter(7, monday, 0) == timedelta()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_days_without_a_worker_are_missed_and_said_to_be(project: Project, db: None) -> None:
    schedule = scheduled(project, "http://127.0.0.1:9", items=2)
    now = BEGAN + timedelta(days=4, hours=3)
    assert plan_slots(now) == 5
    assert plan_slots(now) == 0
    states = list(ScheduleRun.objects.order_by("slot").values_list("state", flat=True))
    assert states == ["missed", "missed", "missed", "missed", "due"]
    assert "in time" in ScheduleRun.objects.order_by("slot")[0].error
    assert start_runs(now + timedelta(hours=7)) == 0  # it is too late by now
    assert ScheduleRun.objects.filter(state="missed").count() == 5
    assert not Experiment.objects.exists()
    schedule.refresh_from_db()
    assert schedule.next_at == at("2026-03-07 03:00")


def test_a_paused_schedule_plans_nothing_and_misses_nothing(project: Project, db: None) -> None:
    schedule = scheduled(project, "http://127.0.0.1:9", items=2)
    pause_schedule(schedule, actor=None, is_paused=True)
    assert plan_slots(BEGAN + timedelta(days=30)) == 0
    pause_schedule(schedule, actor=None, is_paused=False)
    schedule.refresh_from_db()
    assert schedule.next_at > datetime.now(UTC)


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_begin_each_run_once(project: Project) -> None:
    scheduled(project, "http://127.0.0.1:9", items=2)
    now = BEGAN + timedelta(days=0, hours=3)
    gate = threading.Barrier(4)

    def work() -> None:
        gate.wait()
        plan_slots(now)
        start_runs(now)
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert ScheduleRun.objects.count() == Experiment.objects.count() == 1
    assert ScheduleRun.objects.get().state == "running"


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"hour": 24}, "hour"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [7]}, "weekdays"),
        ({"late_minutes": 0}, "late_minutes"),
        ({"jitter_minutes": 1_000}, "jitter_minutes"),
        ({"evaluators": []}, "evaluators"),
        ({"label": "production"}, "version"),
        ({"version": None}, "version"),
        ({"version": None, "label": "nowhere"}, "label"),
        ({"name": " "}, "name"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_field(
    project: Project, db: None, wrong: dict[str, object], where: str
) -> None:
    connected(project)
    version = version_of(project)
    fields: dict[str, object] = {
        "name": "nightly", "dataset": planned_dataset(project, questions(2)),
        "prompt": version.prompt, "version": version, "evaluators": [contains(project)],
    }  # fmt: skip
    with pytest.raises(BadSchedule) as refused:
        create_schedule(project, NewSchedule(**{**fields, **wrong}), actor=None)  # type: ignore[arg-type]
    assert refused.value.where == where

"""Pages of quality over time: lanes, an alarm, a schedule, a new one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Project, Role
from evals.models import DriftAlarm, Experiment, Schedule, ScheduleRun
from evals.services.drift_alarms import tell_causes
from tests.evals.planned import connected, contains, planned_dataset, questions
from tests.evals.scheduling import scheduled, version_of, written
from tests.factories import make_user

pytestmark = pytest.mark.django_db
BASE = "/p/support/quality/"
STEADY = (0.9, 0.87, 0.9, 0.93, 0.9, 0.87, 0.9, 0.9, 0.93, 0.9)


@pytest.fixture
def site(project: Project) -> Client:
    return signed_in(project, "alice@x.test", Role.OWNER)


def signed_in(project: Project, email: str, role: Role) -> Client:
    client = Client()
    client.force_login(make_user(email, organization=project.organization, role=role))
    return client


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content[:2000]
    return str(response.content.decode())


def fallen(project: Project) -> DriftAlarm:
    """A schedule that ran well for ten days, and fell; its replays are over."""
    schedule = scheduled(project, "")
    written(schedule, *STEADY, 0.5, 0.47, 0.5)
    alarm = DriftAlarm.objects.get()
    for run in alarm.replays.all():
        run.state, run.scores = "done", alarm.run.scores
        run.mean, run.finished_at = 0.5, timezone.now()
        run.save()
    tell_causes()
    alarm.refresh_from_db()
    return alarm


def test_without_a_schedule_the_page_says_what_one_is(project: Project, site: Client) -> None:
    assert "Nothing runs every day yet" in text(site.get(BASE))


def test_a_young_schedule_calibrates_and_what_exists_is_shown(
    project: Project, site: Client
) -> None:
    written(scheduled(project, ""), 0.9, None, 0.87, 0.9)
    said = text(site.get(BASE))
    assert "calibrating 3 of 7" in said
    assert "Still calibrating." in said
    assert "3 of 4" in said  # runs of those planned
    assert "missed" in said
    assert "×" in said
    (lane,) = site.get(BASE).context["lanes"]
    assert len(lane[0].lines) == 1  # the first day stands alone, beyond the gap


def test_a_drop_is_told_with_its_cause_and_a_change_of_what_runs(
    project: Project, site: Client
) -> None:
    alarm = fallen(project)
    said = text(site.get(BASE))
    assert "nightly fell on" in said
    assert "points lower since" in said
    assert f"/quality/alarms/{alarm.pk}/" in said
    assert "q-low" in said
    run = ScheduleRun.objects.order_by("-slot").first()
    assert run is not None
    ScheduleRun.objects.filter(pk=run.pk).update(
        segment=2, fingerprint={"prompt": "answers v1", "model_returned": "m-2"}
    )
    said = text(site.get(f"{BASE}?days=14"))
    assert "Changed: model returned." in said
    assert "m-1 to m-2" in said


def test_the_days_stand_in_the_address(project: Project, site: Client) -> None:
    written(scheduled(project, ""), *[0.9] * 20)
    assert "14 of 14" in text(site.get(f"{BASE}?days=14"))
    assert "20 of 20" in text(site.get(f"{BASE}?days=30"))
    assert "20 of 20" in text(site.get(f"{BASE}?days=" + "9" * 400))
    piece = text(site.get(BASE, headers={"HX-Request": "true"}))
    assert piece.lstrip().startswith('<div class="scroll" id="body"')


def test_an_alarm_is_read_and_closed(project: Project, site: Client) -> None:
    alarm = fallen(project)
    at = f"{BASE}alarms/{alarm.pk}/"
    said = text(site.get(at))
    assert "Items that changed most" in said
    assert "Replay of the current configuration" in said
    assert "Repaired" in said
    assert alarm.attribution["sentences"][0] in said.replace("&#x27;", "'")
    bob = signed_in(project, "bob@x.test", Role.VIEWER)
    assert "An engineer closes it." in text(bob.get(at))
    text(bob.post(f"{at}close/", {"as": "normal"}), 403)
    closed = text(site.post(f"{at}close/", {"as": "normal", "note": "So be it"}, follow=True))
    assert "So be it" in closed
    alarm.refresh_from_db()
    assert alarm.state == DriftAlarm.State.DISMISSED
    again = text(site.post(f"{at}close/", {"as": "repaired"}, follow=True))
    assert "closed already" in again


def test_items_lead_to_the_runs_before_and_after(project: Project, site: Client) -> None:
    alarm = fallen(project)
    for number, run in enumerate(ScheduleRun.objects.filter(kind="planned"), start=1):
        run.experiment = Experiment.objects.create(project=project, number=number, name="n")
        run.save()
    after = Experiment.objects.get(pk=ScheduleRun.objects.get(pk=alarm.run_id).experiment_id)
    said = text(site.get(f"{BASE}alarms/{alarm.pk}/"))
    assert f"/experiments/{after.number}/items/g-" in said
    assert "experiments/compare/?ids=" in said


def test_a_schedule_is_made_moved_paused_and_deleted(project: Project, site: Client) -> None:
    assert "No dataset yet" in text(site.get(f"{BASE}schedules/new/"))
    planned_dataset(project, questions(3))
    version_of(project)
    watched = contains(project)
    said = text(site.get(f"{BASE}schedules/new/?at=05:30"))
    assert "v1, pinned" in said
    assert 'value="05:30"' in said
    body = {
        "name": "nightly", "dataset": "g", "dataset_version": "1", "prompt": "answers",
        "follows": "v1", "target": "", "evaluator": str(watched.pk), "at": "03:15",
        "zone": "Europe/Berlin", "weekdays": ["0", "2"], "jitter_minutes": "5",
        "late_minutes": "60", "cost_cap": "1.5",
    }  # fmt: skip
    refused = text(site.post(f"{BASE}schedules/new/", {**body, "zone": "Mars/Olympus"}), 422)
    assert "No schedule was made." in refused
    assert not Schedule.objects.exists()
    connected(project, "")
    made = text(site.post(f"{BASE}schedules/new/", body, follow=True))
    assert "03:15 Europe/Berlin, Mon, Wed" in made
    one = Schedule.objects.get()
    assert (one.cost_cap_nano, one.jitter_minutes, one.late_minutes) == (1_500_000_000, 5, 60)
    at = f"{BASE}schedules/{one.pk}/"
    text(site.post(f"{at}time/", {"at": "04:00", "zone": "UTC", "weekdays": ["1"]}, follow=True))
    one.refresh_from_db()
    assert (one.hour, one.zone, one.weekdays) == (4, "UTC", [1])
    assert "Paused." in text(site.post(f"{at}pause/", {"paused": "1"}, follow=True))
    assert "Go on" in text(site.get(at))
    assert "is gone" in text(site.post(f"{at}delete/", follow=True))
    assert not Schedule.objects.exists()


def test_a_schedules_page_lists_its_runs(project: Project, site: Client) -> None:
    alarm = fallen(project)
    said = text(site.get(f"{BASE}schedules/{alarm.schedule_id}/"))
    assert "Replay of the current configuration" in said
    assert "fell" in said
    assert "points lower since" in said.lower()
    piece = text(site.get(f"{BASE}schedules/{alarm.schedule_id}/", headers={"HX-Request": "true"}))
    assert piece.lstrip().startswith('<div class="q-c" id="body"')


def test_queries_do_not_grow_with_schedules_and_runs(
    project: Project, site: Client, django_assert_max_num_queries: Any
) -> None:
    alarm = fallen(project)
    copies(alarm.schedule, 6)
    with django_assert_max_num_queries(14):
        assert len(site.get(BASE).context["lanes"]) == 7
    with django_assert_max_num_queries(16):
        site.get(f"{BASE}alarms/{alarm.pk}/")
    with django_assert_max_num_queries(16):
        site.get(f"{BASE}schedules/{alarm.schedule_id}/")


def copies(schedule: Schedule, count: int) -> None:
    """More of the kind, each with three runs."""
    pk = schedule.pk
    for number in range(count):
        one = Schedule.objects.get(pk=pk)
        one.pk, one.name = None, f"copy {number}"
        one.save()
        now = timezone.now()
        for day in range(3):
            slot = now - timedelta(days=day)
            ScheduleRun.objects.create(
                schedule=one, slot=slot, day=slot.toordinal(), due_at=slot, state="done", mean=0.9
            )


def test_no_strange_schedule_is_found(project: Project, site: Client) -> None:
    text(site.get(f"{BASE}schedules/999999999999999999999999/"), 404)
    text(site.get(f"{BASE}alarms/12345/"), 404)


def test_a_viewer_makes_no_schedule(project: Project) -> None:
    viewer = signed_in(project, "carl@x.test", Role.VIEWER)
    text(viewer.get(BASE))
    text(viewer.get(f"{BASE}schedules/new/"), 403)


def test_the_palette_finds_the_page_and_schedules(project: Project, site: Client) -> None:
    schedule = scheduled(project, "")
    said = text(site.get("/p/support/find/?q=nigh"))
    assert f"/p/support/quality/schedules/{schedule.pk}/" in said

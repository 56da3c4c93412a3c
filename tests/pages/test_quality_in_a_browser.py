"""Quality over time in a browser: lanes with an alarm, the alarm, a schedule, the form."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from alerts.services.drift import follow_alarms
from evals.models import DriftAlarm, Experiment, Schedule, ScheduleRun
from tests.evals.live import scored, thumbs
from tests.evals.making import item, make_dataset
from tests.evals.scheduling import written
from tests.evals.test_quality_pages import fallen
from tests.evals.test_text_watch_pages import drifted as text_drifted
from tests.pages.browsing import (
    EVERY_LOOK,
    PAGE_LOOKS,
    Look,
    assert_no_violations,
    login,
    settled,
    wear,
)
from tests.prompts.making import chat, make_version, serve

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
CHANGED = {"prompt": "answers v2", "model_returned": "m-1"}


@pytest.fixture
def drifted(project: Project) -> DriftAlarm:
    """A schedule that fell, and one with a missed run and a change of what runs."""
    alarm = fallen(project)
    for number, run in enumerate(ScheduleRun.objects.filter(kind="planned"), start=1):
        run.experiment = Experiment.objects.create(project=project, number=number, name="n")
        run.save()
    other = Schedule.objects.get(pk=alarm.schedule_id)
    watched = other.evaluators.get().version
    other.pk, other.name, other.is_canary = None, "canary every night", True
    other.save()
    other.evaluators.create(version=watched)
    runs = written(other, *[0.9, 0.93, 0.9, 0.87] * 3, None, 0.9, 0.93, 0.9, 0.93)
    ScheduleRun.objects.filter(pk__in=[one.pk for one in runs[-3:]]).update(
        fingerprint=CHANGED, segment=2
    )
    return alarm


def test_a_drop_is_read_from_lane_to_items(
    page: Page, address: str, drifted: DriftAlarm, alice: User
) -> None:
    scored(drifted.schedule.project, "contains", [0.9] * 20 + [0.7] * 8, evaluator="2")
    scored(drifted.schedule.project, "contains", [0.8] * 2, evaluator="3", ago=28)
    thumbs(drifted.schedule.project, [0.1] * 20)
    login(page, alice, address)
    page.goto("/p/support/quality/?scores=all")
    settled(page)
    expect(page.get_by_role("heading", name="Scores per day")).to_be_visible()
    expect(page.get_by_role("heading", name="Latency")).to_be_visible()
    page.get_by_text("Live scores as tables").press("Enter")
    expect(page.get_by_role("region", name="Contains by day")).to_be_visible()
    expect(page.get_by_text("Changed: prompt version.")).to_be_visible()
    assert_no_violations(page, PAGE_LOOKS)
    page.get_by_role("link", name="Before and after").first.click()
    expect(page.get_by_role("heading", name="Before, ")).to_be_visible()
    assert_no_violations(page, PAGE_LOOKS)
    page.go_back()
    page.get_by_role("region", name="Alarms").get_by_role("link", name="nightly").click()
    expect(page.get_by_role("heading", name="Items that changed most")).to_be_visible()
    settled(page)
    assert_no_violations(page, PAGE_LOOKS)
    page.get_by_text("Add a note").click()
    page.get_by_label("Note").fill("The new model is what we want.")
    page.get_by_role("button", name="This is the new normal").click()
    expect(page.get_by_text("The new model is what we want.")).to_be_visible()


def test_a_schedule_and_the_form_of_a_new_one(
    page: Page, address: str, drifted: DriftAlarm, alice: User
) -> None:
    login(page, alice, address)
    page.goto(f"/p/support/quality/schedules/{drifted.schedule_id}/")
    settled(page)
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    assert_no_violations(page, PAGE_LOOKS)
    page.goto("/p/support/quality/schedules/new/")
    settled(page)
    assert_no_violations(page, PAGE_LOOKS)
    page.get_by_label("Name").fill("afternoons")
    page.get_by_label("Time of day").fill("15:30")
    page.get_by_role("button", name="Make the schedule").click()
    expect(page.get_by_role("heading", name="What it runs")).to_be_visible()
    expect(page.get_by_text("15:30 UTC, every day").first).to_be_visible()


def test_on_a_phone_cause_and_buttons_of_an_alarm_stand_before_the_rows(
    page: Page, address: str, drifted: DriftAlarm, alice: User
) -> None:
    drifted.cause, drifted.told_at, drifted.confidence = "own", drifted.opened_at, "high"
    drifted.attribution = {"sentences": ["The new version scores worse today."] * 3}
    first = make_version(drifted.schedule.project, "answers", chat(("user", "Be brief.")))
    second = make_version(drifted.schedule.project, "answers", chat(("user", "Be long.")))
    for one in (first, second):
        serve(first.prompt, one.number)
    Schedule.objects.filter(pk=drifted.schedule_id).update(label="production")
    drifted.run.prompt_version = second
    drifted.run.save()
    drifted.save()
    follow_alarms()
    login(page, alice, address)
    page.goto(f"/p/support/quality/alarms/{drifted.pk}/")
    settled(page)
    for look in EVERY_LOOK:
        wear(page, look)
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/alarm-{look}.png")
    wear(page, Look("light", 390))
    for said in ("Roll back production", "Repaired", "This is the new normal"):
        box = page.get_by_role("button", name=said).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 844, said
        assert box["height"] >= 44
    assert_no_violations(page, PAGE_LOOKS)


def test_texts_are_watched_and_a_drift_is_closed(
    page: Page, address: str, project: Project, alice: User
) -> None:
    drift = text_drifted(project)
    make_dataset(project, "golden", item("one"))
    login(page, alice, address)
    page.goto(f"/p/support/quality/texts/{drift.watch_id}/")
    settled(page)
    expect(page.get_by_role("heading", name="Distance from the reference")).to_be_visible()
    assert_no_violations(page, PAGE_LOOKS)
    page.get_by_role("link", name="Settings", exact=True).last.click()
    expect(page.get_by_label("Compared by")).to_be_visible()
    settled(page)
    assert_no_violations(page, PAGE_LOOKS)
    page.goto(f"/p/support/quality/texts/drifts/{drift.pk}/")
    settled(page)
    assert_no_violations(page, PAGE_LOOKS)
    page.get_by_role("button", name="Propose items").press("Enter")
    expect(page.get_by_text("3 new drafts in golden.")).to_be_visible()
    page.get_by_label("Note").fill("A campaign.")
    page.get_by_role("button", name="This is the new normal").click()
    expect(page.get_by_text("New normal: A campaign.")).to_be_visible()

"""An incident as whoever is on call meets it, with one thumb, and the settings of channels."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Project, User
from alerts.models import Channel, Incident, Origin, State
from alerts.services.channels import create_channel
from alerts.services.objectives import watch_objectives
from alerts.services.on_call import NewRotation, note_absence, set_rotation
from alerts.services.quiet import plan_maintenance
from alerts.values import Evidence, Fact
from features.models import Feature
from prompts.models import LabelMove
from tests.alerts.making import happen, make_feature
from tests.alerts.serving import asked, requests
from tests.pages.browsing import Look, assert_no_violations, login, settled, wear
from tests.prompts.making import make_version, serve, text

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS = [Look("light", 1440), Look("dark", 1440), Look("light", 390)]
POINTS = [0.93, 0.94, 0.92, None, 0.93, 0.92, 0.9, 0.87, 0.84]


@pytest.fixture
def incident(project: Project, alice: User, bob: User) -> Incident:
    """A page, with a storm behind it, a move that is implicated, and a channel that fails."""
    for number, said in ((1, "Be brief."), (2, "Be long.")):
        version = make_version(project, content=text(said))
        serve(version.prompt, number)
    make_feature(project, owner=alice, deputy=bob)
    create_channel(
        project, kind="slack", name="#on-call", url="https://hooks.slack.com/services/T/B/x",
        actor=alice,
    )  # fmt: skip
    evidence = Evidence(
        facts=[Fact("Faithfulness", "0.84, was 0.93", "/p/support/traces/"), Fact("Items", "200")],
        points=POINTS, bar=0.9, trace_ids=["0af7651916cd43dd8448eb211c80319c"] * 2,
        excerpts=["You will get your money back within a day, I promise."],
    )  # fmt: skip
    made = happen(
        project, feature="refund-agent", evidence=evidence, origin=Origin.US,
        implicated=LabelMove.objects.latest("pk"),
        sentence="Faithfulness of refund-agent fell from 0.93 to 0.84; its bar is 0.90.",
    )  # fmt: skip
    happen(project, "refusals", sentence="Refusals of refund-agent doubled to 4 %.")
    Channel.objects.update(
        failing_since=made.opened_at, last_at=made.opened_at, last_error="It answered 404."
    )
    return made


def shoot(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for one."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_the_pages_are_accessible(
    page: Page, project: Project, incident: Incident, alice: User, bob: User, address: str
) -> None:
    now = timezone.now()
    asked(project, availability_ratio=0.99, p95_latency_ms=800)
    for ago in (1, 3, 60, 3000, 9000):
        requests(project, now, ago=ago, total=40, failed=ago % 7)
    watch_objectives(now)
    feature = Feature.objects.get()
    set_rotation(feature, NewRotation([bob.pk, alice.pk], zone="Europe/Berlin"), actor=alice)
    span = {"begins_at": now, "ends_at": now + timedelta(hours=3)}
    note_absence(project, person=alice, stands_in=bob, actor=alice, **span)
    plan_maintenance(project, reason="deploy", feature="search", actor=alice, **span)
    login(page, alice, address)
    channel = Channel.objects.get()
    for name, at in (
        ("list", "/p/support/alerts/"),
        ("incident", f"/p/support/alerts/{incident.pk}/"),
        ("objectives", "/p/support/alerts/objectives/"),
        ("on-call", "/p/support/alerts/on-call/"),
        ("rotation", "/p/support/alerts/on-call/rotations/refund-agent/"),
        ("quiet", "/p/support/alerts/quiet/"),
        ("channels", "/p/support/settings/alerts/"),
        ("channel", f"/p/support/settings/alerts/{channel.pk}/"),
    ):
        page.goto(at)
        settled(page)
        assert_no_violations(page, LOOKS)
        for look in LOOKS if os.environ.get("SHOTS") else []:
            wear(page, look)
            shoot(page, f"{name}-{look}")


def test_one_thumb_acknowledges_rolls_back_and_resolves(
    page: Page, project: Project, incident: Incident, bob: User, address: str
) -> None:
    login(page, bob, address)
    wear(page, Look("light", 390))
    page.goto(f"/p/support/alerts/{incident.pk}/")
    settled(page)
    acts = page.get_by_role("group", name="What to do")
    box = acts.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 844  # within reach without scrolling
    button = acts.get_by_role("button", name="Roll back").bounding_box()
    assert button is not None
    assert button["height"] >= 44
    acts.get_by_role("button", name="Snooze").click()
    page.get_by_role("button", name="4 hours").click()
    expect(page.get_by_text("Snoozed until").first).to_be_visible()
    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_text("production of refund-agent is on v1").first).to_be_visible()
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_text("Resolved").first).to_be_visible()
    incident.refresh_from_db()
    assert incident.state == State.RESOLVED

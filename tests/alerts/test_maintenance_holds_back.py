"""In a time of maintenance, and in quiet hours, incidents are kept; what still stands is told."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, Role, User
from alerts.models import (
    AlertSettings,
    Delivery,
    HeldNotice,
    Incident,
    MaintenanceWindow,
    QuietHours,
    Severity,
    State,
)
from alerts.services import acting
from alerts.services.errors import BadRotation
from alerts.services.quiet import cancel_maintenance, plan_maintenance, set_quiet_hours
from alerts.services.watching import watch
from notices.models import PersonalNotice
from tests.alerts.making import email, happen, kinds, make_feature
from tests.factories import Key, make_user

pytestmark = pytest.mark.django_db
HERE = "/p/support/alerts/quiet/"
HOUR = timedelta(hours=1)


def maintained(project: Project, **fields: Any) -> MaintenanceWindow:
    now = timezone.now()
    said = {"begins_at": now - HOUR, "ends_at": now + HOUR, "reason": "deploy", **fields}
    return plan_maintenance(project, actor=None, **said)


def at_night(project: Project, person: User | None = None) -> datetime:
    """Quiet hours around now; when they are over."""
    now = timezone.now()
    span = [(now + shift).time().replace(microsecond=0) for shift in (-HOUR, HOUR)]
    set_quiet_hours(project=project, person=person, hours=(span[0], span[1], "UTC"), actor=None)
    return now + HOUR


def told() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("step__kind", flat=True))


def test_nothing_is_sent_and_what_still_stands_is_one_message_at_the_end(
    project: Project, bob: User
) -> None:
    email(project)
    make_feature(project, owner=bob)
    window = maintained(project)
    AlertSettings.objects.create(project=project, fold_minutes=10)
    first = happen(project, "a", severity=Severity.TICKET, feature="refund-agent")
    Incident.objects.update(opened_at=timezone.now() - HOUR)
    second = happen(project, "b", feature="refund-agent")
    Incident.objects.filter(pk=second.pk).update(opened_at=timezone.now() - HOUR)
    gone = happen(project, "c")
    acting.resolve(gone, actor=None)
    assert told() == []
    assert not PersonalNotice.objects.filter(user=bob, title__startswith="Page").exists()
    text = first.steps.get(number=1).text
    assert text.startswith("Maintenance (deploy): nothing is sent before")
    assert watch(window.ends_at - timedelta(seconds=1)) == 0
    assert watch(window.ends_at) == 2
    assert watch(window.ends_at) == 0
    second.refresh_from_db()
    first.refresh_from_db()
    assert (told(), first.lead, second.held_until) == (["released"], second, None)
    step = second.steps.get(kind="released")
    assert step.text.startswith("Held back until now: opened")
    assert step.text.endswith("1 more cause came meanwhile.")
    assert second.escalate_at == window.ends_at + timedelta(minutes=15)
    assert PersonalNotice.objects.filter(user=bob, title__startswith="Page").count() == 1


def test_another_features_incident_is_told_and_does_not_wait_with_it(project: Project) -> None:
    email(project)
    maintained(project, feature="search")
    held = happen(project, "a", feature="search")
    other = happen(project, "b", feature="refunds")
    assert (held.held_until is None, other.lead, told()) == (False, None, ["opened"])


def test_what_was_told_before_may_end_in_maintenance_but_not_escalate(project: Project) -> None:
    email(project)
    incident = happen(project)
    window = maintained(project)
    soon = timezone.now() + timedelta(minutes=20)
    assert watch(soon) == 0
    incident.refresh_from_db()
    assert incident.escalate_at == window.ends_at
    acting.resolve(incident, actor=None)
    assert told() == ["opened", "resolved"]


def test_a_window_that_is_ended_early_tells_at_the_next_look(project: Project) -> None:
    email(project)
    window = maintained(project)
    happen(project)
    cancel_maintenance(window, actor=None)
    assert watch() == 1
    assert told() == ["released"]


def test_in_quiet_hours_tickets_wait_and_pages_do_not(project: Project) -> None:
    email(project)
    AlertSettings.objects.create(project=project, fold_minutes=0)
    morning = at_night(project)
    ticket = happen(project, "a", severity=Severity.TICKET)
    acting.resolve(happen(project, "b", severity=Severity.PAGE), actor=None)
    assert told() == ["opened", "resolved"]
    assert "Quiet hours: nothing is sent before" in ticket.steps.get().text
    watch(morning)
    assert told() == ["opened", "resolved", "released"]
    louder = happen(project, "c", severity=Severity.TICKET)
    assert happen(project, "c", severity=Severity.PAGE, sentence="Much worse.").held_until is None
    assert kinds(louder) == ["opened", "worsened"]
    assert told()[-1] == "worsened"


def test_a_persons_own_quiet_hours_hold_their_notices_alone(project: Project, bob: User) -> None:
    email(project)
    make_feature(project, owner=bob)
    morning = at_night(project, bob)
    incident = happen(project, severity=Severity.TICKET, feature="refund-agent")
    assert told() == ["opened"]
    assert not PersonalNotice.objects.filter(user=bob).exists()
    watch(morning)
    assert PersonalNotice.objects.get(user=bob).title.startswith("Ticket: ")
    assert not HeldNotice.objects.exists()
    acting.resolve(incident, actor=None)
    happen(project, "page", feature="refund-agent")
    assert PersonalNotice.objects.filter(user=bob, title__startswith="Page").exists()


def test_what_is_over_by_morning_is_never_told(project: Project, bob: User) -> None:
    email(project)
    make_feature(project, owner=bob)
    morning = at_night(project, bob)
    at_night(project)
    incident = happen(project, severity=Severity.TICKET, feature="refund-agent")
    acting.resolve(incident, actor=bob)
    watch(morning)
    assert told() == []
    assert incident.state == State.OPEN  # as it was read; and nobody heard of it
    assert not PersonalNotice.objects.filter(title__startswith="Ticket").exists()


def test_windows_and_hours_are_set_on_a_page(
    member_client: Client, owner_client: Client, stranger_client: Client, project: Project
) -> None:
    now = timezone.now()
    said = {
        "reason": "deploy", "feature": "", "zone": "UTC",
        "begins_at": f"{now - HOUR:%Y-%m-%dT%H:%M}", "ends_at": f"{now + HOUR:%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    assert member_client.post(HERE, said).status_code == 303
    assertContains(member_client.get(HERE), "deploy")
    assertContains(member_client.get("/p/support/alerts/"), "Nothing is sent")
    incident = happen(project)
    assertContains(member_client.get(f"/p/support/alerts/{incident.pk}/"), "Held back")
    page = member_client.post(HERE, {**said, "ends_at": said["begins_at"]})
    assertContains(page, "ends after it begins", status_code=422)
    member_client.post(f"{HERE}{MaintenanceWindow.objects.get().pk}/end/")
    assertNotContains(member_client.get("/p/support/alerts/"), "Nothing is sent")
    hours = {"begins": "22:00", "ends": "07:00", "zone": "Europe/Berlin"}
    member_client.post(f"{HERE}hours/", {**hours, "of": "own"})
    assert member_client.post(f"{HERE}hours/", {**hours, "of": "project"}).status_code == 403
    owner_client.post(f"{HERE}hours/", {**hours, "of": "project"})
    assert QuietHours.objects.count() == 2
    assertContains(owner_client.get(HERE), "22:00 to 07:00, Europe/Berlin")
    page = owner_client.post(f"{HERE}hours/", {**hours, "ends": "22:00", "of": "own"}, follow=True)
    assertContains(page, "end at another time")
    owner_client.post(f"{HERE}hours/", {"of": "project", "act": "remove"})
    assert QuietHours.objects.count() == 1
    assert stranger_client.get(HERE).status_code == 404
    viewer = Client()
    viewer.force_login(make_user("v@x.com", organization=project.organization, role=Role.VIEWER))
    assertNotContains(viewer.get(HERE), "Plan maintenance</button>")


def test_what_cannot_be_is_refused(project: Project) -> None:
    now = datetime.now(UTC)
    for said in (
        {"reason": " "}, {"zone": "Mars"}, {"ends_at": now + timedelta(days=60)},
        {"is_weekly": True, "ends_at": now + timedelta(days=8)},
    ):  # fmt: skip
        with pytest.raises(BadRotation):
            maintained(project, **said)
    with pytest.raises(BadRotation):
        set_quiet_hours(project=project, hours=(time(1), time(1), "UTC"), actor=None)


def test_a_deploy_plans_maintenance_and_ends_it(client: Client, key: Key, project: Project) -> None:
    email(project)
    at = "/api/v1/alerts/maintenance"
    until = (timezone.now() + HOUR).isoformat()
    said = {"reason": "deploy 42", "ends_at": until}
    made = client.post(at, said, content_type="application/json", headers=key.headers)
    assert (made.status_code, made.json()["made_by"]) == (201, "key tests")
    assert made.json()["holds_until"] is not None
    happen(project)
    listed = client.get(at, headers=key.headers).json()["data"]
    assert [one["reason"] for one in listed] == ["deploy 42"]
    bad = client.post(
        at, {**said, "zone": "Mars"}, content_type="application/json", headers=key.headers
    )
    assert bad.status_code == 409
    gone = client.delete(f"{at}/{made.json()['id']}", headers=key.headers)
    assert gone.status_code == 204
    watch()
    assert told() == ["released"]
    assert client.delete(f"{at}/{2**70}", headers=key.headers).status_code == 404

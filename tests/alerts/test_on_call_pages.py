"""Rotations and absences are set on pages, and decide who has an incident and who is asked next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, Role, User
from alerts.models import Absence, OnCallRotation, OnCallStint
from alerts.services.errors import BadRotation
from alerts.services.on_call import NewRotation, note_absence, set_rotation, take_over
from alerts.services.watching import watch
from audit.models import AuditEntry
from notices.models import PersonalNotice
from tests.alerts.making import happen, make_feature
from tests.factories import Key, make_user

pytestmark = pytest.mark.django_db
HERE = "/p/support/alerts/on-call/"
ONE = f"{HERE}rotations/refund-agent/"
SAID = {"weekday": "0", "at": "09:00", "zone": "Europe/Berlin", "weeks": "1", "starts": ""}


@pytest.fixture
def dana(project: Project) -> User:
    return make_user("dana@example.com", organization=project.organization, role=Role.ENGINEER)


def away(project: Project, person: User, **fields: Any) -> Absence:
    now = timezone.now()
    said = {"begins_at": now - timedelta(hours=1), "ends_at": now + timedelta(days=2), **fields}
    return note_absence(project, person=person, actor=None, **said)


def test_an_engineer_sets_a_rotation_and_the_pages_say_who_is_on_call(
    member_client: Client, project: Project, alice: User, bob: User
) -> None:
    make_feature(project, owner=alice)
    assertContains(member_client.get(ONE), "No rotation.")
    assert (
        member_client.post(ONE, {**SAID, "person_1": bob.pk, "person_3": alice.pk}).status_code
        == 303
    )
    rotation = OnCallRotation.objects.get()
    assert (rotation.person_ids, rotation.zone) == ([bob.pk, alice.pk], "Europe/Berlin")
    for page in (member_client.get(ONE), member_client.get(HERE)):
        assertContains(page, "bob")
        assertContains(page, "alice (owner)")
    piece = member_client.get(f"{HERE}of-feature/refund-agent/")
    assertContains(piece, "<b>bob</b> is on call")
    assertContains(member_client.get("/p/support/features/refund-agent/"), "of-feature/refund")
    assertContains(member_client.post(ONE, {**SAID, "weeks": "99"}), "weeks", status_code=422)
    assertContains(member_client.post(ONE, SAID), "at least one person", status_code=422)
    member_client.post(ONE, {"act": "remove"})
    assert not OnCallRotation.objects.exists()
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["rotation.changed", "rotation.removed"]


def test_somebody_takes_over_and_gives_back(
    member_client: Client, project: Project, alice: User, bob: User
) -> None:
    feature = make_feature(project, owner=alice)
    set_rotation(feature, NewRotation([alice.pk]), actor=None)
    now = timezone.now()
    said = {
        "person": bob.pk, "zone": "UTC", "begins_at": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "ends_at": f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    member_client.post(f"{ONE}take-over/", said)
    assertContains(member_client.get(HERE), "<b>bob</b>")
    stint = OnCallStint.objects.get()
    member_client.post(f"{HERE}taken-over/{stint.pk}/end/")
    assertContains(member_client.get(HERE), "<b>alice</b>")
    page = member_client.post(f"{ONE}take-over/", {**said, "ends_at": "x"}, follow=True)
    assertContains(page, "Nothing was saved. Until")


def test_absences_are_noted_in_a_zone_and_ended(
    member_client: Client, project: Project, alice: User, bob: User
) -> None:
    make_feature(project, owner=bob, deputy=alice)
    day = timezone.now().date() + timedelta(days=3)
    said = {
        "person": bob.pk, "stands_in": alice.pk, "zone": "America/New_York",
        "begins_at": "2026-07-01T08:00", "ends_at": f"{day}T08:00",
    }  # fmt: skip
    assert member_client.post(HERE, said).status_code == 303
    absence = Absence.objects.get()
    assert absence.begins_at.isoformat() == "2026-07-01T12:00:00+00:00"
    assertContains(member_client.get(HERE), "alice stands in")
    assertContains(member_client.get(HERE), "passed over: bob")
    member_client.post(f"{HERE}absences/{absence.pk}/end/")
    assertContains(member_client.get(HERE), "Nobody is away.")
    page = member_client.post(HERE, {**said, "stands_in": bob.pk})
    assertContains(page, "stand in for themselves", status_code=422)


def test_an_incident_goes_past_who_is_away_and_says_so(
    project: Project, alice: User, bob: User, dana: User
) -> None:
    feature = make_feature(project, owner=bob, deputy=alice)
    set_rotation(feature, NewRotation([dana.pk]), actor=None)
    away(project, bob)
    incident = happen(project, feature="refund-agent")
    assert incident.owner == dana
    text = incident.steps.get().text
    assert text.startswith("bob (owner) is away until")
    assert text.endswith("dana is on call.")


def test_a_page_goes_on_call_then_to_the_deputy_then_to_admins(
    project: Project, alice: User, bob: User, dana: User
) -> None:
    erin = make_user("erin@example.com", organization=project.organization, role=Role.ENGINEER)
    feature = make_feature(project, owner=bob, deputy=dana)
    set_rotation(feature, NewRotation([erin.pk]), actor=None)
    incident = happen(project, feature="refund-agent")
    now = timezone.now()
    for minutes in (16, 32, 48, 64):
        watch(now + timedelta(minutes=minutes))
    asked = [step.details.get("to") for step in incident.steps.order_by("number")]
    assert asked == [None, [erin.pk], [dana.pk], [alice.pk]]
    assert PersonalNotice.objects.filter(user=erin).count() == 1


def test_who_was_deactivated_is_not_asked(project: Project, bob: User, dana: User) -> None:
    feature = make_feature(project, owner=bob, deputy=dana)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    incident = happen(project, feature=feature.name)
    assert (incident.owner, incident.steps.get().text) == (dana, "bob (owner) is deactivated.")


def test_what_cannot_be_is_refused(project: Project, bob: User, charlie: User) -> None:
    feature = make_feature(project, owner=bob)
    for said in (
        NewRotation([charlie.pk]), NewRotation([]), NewRotation([bob.pk], zone="Mars/Base"),
        NewRotation([bob.pk], weeks=0), NewRotation([bob.pk], weekday=7),
    ):  # fmt: skip
        with pytest.raises(BadRotation):
            set_rotation(feature, said, actor=None)
    rotation = set_rotation(feature, NewRotation([bob.pk, bob.pk]), actor=None)
    assert rotation.person_ids == [bob.pk]
    now = timezone.now()
    for span in ((now, now), (now - timedelta(days=2), now - timedelta(days=1))):
        with pytest.raises(BadRotation):
            take_over(rotation, person=bob, begins_at=span[0], ends_at=span[1], actor=None)


def test_a_viewer_reads_a_stranger_does_not_and_rows_cost_no_queries(
    member_client: Client, stranger_client: Client, project: Project, bob: User,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    for number in range(6):
        feature = make_feature(project, owner=bob)
        feature.name = f"feature {number}"
        feature.save()
        set_rotation(feature, NewRotation([bob.pk]), actor=None)
    with django_assert_max_num_queries(18):
        page = member_client.get(HERE)
    assertContains(page, "feature 5")
    piece = member_client.get(HERE, headers={"HX-Request": "true"})
    assertNotContains(piece, "<h1")
    viewer = make_user("v@example.com", organization=project.organization, role=Role.VIEWER)
    client = Client()
    client.force_login(viewer)
    assertNotContains(client.get(HERE), "Note the absence")
    assert client.post(HERE, {}).status_code == 403
    assert stranger_client.get(HERE).status_code == 404


def test_programs_read_who_is_on_call(
    client: Client, key: Key, project: Project, alice: User, bob: User
) -> None:
    set_rotation(make_feature(project, owner=alice), NewRotation([bob.pk]), actor=None)
    answer = client.get("/api/v1/alerts/on-call", headers=key.headers)
    (found,) = answer.json()["data"]
    assert (found["feature"], found["on_call"]) == ("refund-agent", bob.email)
    assert [one["role"] for one in found["asked"]] == ["owner", "on call"]
    assert found["until"] is not None

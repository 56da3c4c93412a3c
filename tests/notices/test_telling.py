"""An event is told exactly when it happens, to those who may know and want to."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import transaction
from pytest_django import Settings

from accounts.models import Membership, Project, Role, User
from notices.events import Event, UnknownEvent, Wish, declare
from notices.models import MailState, PersonalNotice, WebhookDelivery, WebhookMessage
from notices.services import endpoints, personal, tell
from tests.factories import make_key, make_project, make_user
from tests.notices.telling import MACHINE, MOVED, URGENT, happen, one_delivery

pytestmark = pytest.mark.django_db


def endpoint_for(project: Project, *events: str) -> int:
    made = endpoints.create_endpoint(
        project, url="https://hooks.example.com/x", events=events, actor=None
    )
    return made.endpoint.pk


def test_the_text_is_fixed_when_it_happens(project: Project, bob: User) -> None:
    endpoint_for(project, MOVED)
    at = datetime(2026, 11, 30, 12, tzinfo=UTC)
    with transaction.atomic():
        data = {"label": at, "version": Decimal("1.50")}
        tell(project, MOVED, data=data, title="A  line\nof two", link="/x/", persons=[bob])
    message = one_delivery().message
    body = json.loads(message.body)
    assert body == {
        "id": message.uid,
        "type": MOVED,
        "created_at": body["created_at"],
        "project": "support",
        "data": {"label": "2026-11-30T12:00:00Z", "version": "1.50"},
    }
    assert datetime.fromisoformat(body["created_at"]) == message.created_at.replace(
        microsecond=message.created_at.microsecond // 1000 * 1000
    )
    notice = PersonalNotice.objects.get()
    assert (notice.title, notice.link, notice.because) == (
        "A line of two",
        "/x/",
        "you work on this prompt",
    )


def test_what_is_rolled_back_was_never_told(project: Project, bob: User) -> None:
    endpoint_for(project, "*")
    with transaction.atomic():
        happen(project, persons=[bob])
        transaction.set_rollback(True)
    assert not WebhookMessage.objects.exists()
    assert not PersonalNotice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_callers_must_tell_in_the_transaction_and_as_declared(project: Project) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        tell(project, MOVED, data={"label": "x", "version": 1}, title="x")
    with pytest.raises(UnknownEvent), transaction.atomic():
        tell(project, "sample.unheard_of", data={}, title="x")
    with pytest.raises(ValueError, match="fields"), transaction.atomic():
        tell(project, MOVED, data={"label": "x"}, title="x")
    with pytest.raises(ValueError, match="path"):
        happen(project, link="https://elsewhere.example.com/")
    for wrong in ({"name": "moved"}, {"default": Wish.PRODUCT}, {"default": Wish.MAIL}):
        said = {"name": "sample.other", "text": "x", "because": "", "by_mail": False, **wrong}
        with pytest.raises(ValueError):  # noqa: PT011  (three reasons)
            Event(**said)
    with pytest.raises(ValueError, match="twice"):
        declare(Event(MOVED, "Other words"))


def test_only_webhooks_of_the_project_that_chose_the_event_get_it(project: Project) -> None:
    wanted = [endpoint_for(project, MOVED), endpoint_for(project, "*")]
    endpoint_for(project, MACHINE)
    endpoint_for(make_project("elsewhere"), "*")
    off = endpoint_for(project, "*")
    endpoints.change_endpoint(endpoints.locked(off), is_enabled=False, actor=None)
    endpoints.delete_endpoint(endpoints.locked(endpoint_for(project, "*")), actor=None)
    happen(project)
    told = WebhookDelivery.objects.order_by("endpoint_id").values_list("endpoint_id", flat=True)
    assert list(told) == wanted
    assert WebhookMessage.objects.count() == 1


def test_only_members_who_did_not_do_it_themselves_are_told(
    project: Project, alice: User, bob: User, charlie: User
) -> None:
    gone = make_user("gone@example.com", organization=project.organization)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    guest = make_user("guest@example.com")
    Membership.objects.create(
        user=guest, organization=project.organization, project=project, role=Role.VIEWER
    )
    reasons = dict.fromkeys([alice, bob, charlie, gone], "") | {guest: "you asked for it"}
    happen(project, persons=reasons, actor=alice)
    told = {notice.user: notice for notice in PersonalNotice.objects.select_related("user")}
    assert set(told) == {bob, guest}
    assert told[guest].because == "you asked for it"
    assert told[bob].actor_label == "alice"
    happen(project, MACHINE, persons=[bob])
    happen(project, persons=[bob], actor=make_key(project).stored)
    assert PersonalNotice.objects.filter(user=bob).count() == 2


def test_a_person_chooses_event_by_event_and_mutes_projects(
    project: Project, bob: User, settings: Settings
) -> None:
    settings.MAIL_IS_CONFIGURED = True

    def states(event: str) -> list[str]:
        PersonalNotice.objects.all().delete()
        happen(project, event, persons=[bob])
        return list(PersonalNotice.objects.values_list("mail_state", flat=True))

    assert states(MOVED) == [MailState.NONE]
    assert states(URGENT) == [MailState.DUE]
    personal.set_wishes(bob, {MOVED: Wish.MAIL, URGENT: Wish.OFF}, muted=[])
    assert (states(MOVED), states(URGENT)) == ([MailState.DUE], [])
    settings.MAIL_IS_CONFIGURED = False
    assert states(MOVED) == [MailState.NONE]
    personal.set_wishes(bob, {MOVED: Wish.PRODUCT, URGENT: Wish.MAIL}, muted=[project.pk])
    assert (states(MOVED), states(URGENT)) == ([], [])

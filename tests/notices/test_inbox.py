"""A person's notices in the product: listed, counted, opened, chosen; nobody else sees them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Membership, Project, User
from audit.models import AuditEntry
from notices.events import Wish
from notices.models import (
    MutedProject,
    NoticeWish,
    PersonalNotice,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)
from notices.queries.personal import wishes_of
from notices.services import endpoints, upkeep
from notices.tasks import keep_notices_in_order, remove_notices_of_deleted_projects
from tests.factories import make_project
from tests.notices.telling import MACHINE, MOVED, URGENT, happen

pytestmark = pytest.mark.django_db
INBOX, WISHES = "/me/notices/", "/me/notices/settings/"


def test_notices_are_listed_counted_and_opened(
    member_client: Client, stranger_client: Client, project: Project, bob: User, alice: User
) -> None:
    assertContains(member_client.get(INBOX), "No notices")
    happen(project, persons=[bob], actor=alice, title="<b>bold</b>")
    happen(project, persons={bob: "you asked"}, link="")
    page = member_client.get(INBOX)
    why = "by alice, because you work on this prompt"
    for text in ("&lt;b&gt;bold", why, "you asked", "2 new"):
        assertContains(page, text)
    assertContains(member_client.get("/p/support/"), '2<span class="vh"> new notices')
    assertContains(member_client.get("/me/notices/unread/"), ">2<")
    assertContains(stranger_client.get(INBOX), "No notices")
    second, first = PersonalNotice.objects.order_by("-pk")
    assert stranger_client.get(f"{INBOX}{first.pk}/").status_code == 404
    assert member_client.get(f"{INBOX}{first.pk}/")["Location"] == "/p/support/"
    assert member_client.get(f"{INBOX}{second.pk}/")["Location"] == INBOX
    assert not PersonalNotice.objects.filter(read_at=None).exists()
    happen(project, persons=[bob])
    assert member_client.post(INBOX)["Location"] == INBOX
    assertNotContains(member_client.get(INBOX), "Mark all")
    Membership.objects.filter(user=bob).delete()
    assertContains(member_client.get(INBOX), "No notices")


def test_long_lists_are_paged(member_client: Client, project: Project, bob: User) -> None:
    for version in range(101):
        happen(project, persons=[bob], version=version)
    page = member_client.get(INBOX)
    assertContains(page, "99+<")
    assertContains(page, "Older notices")
    before = PersonalNotice.objects.order_by("-pk")[49].pk
    assertContains(member_client.get(f"{INBOX}?before={before}"), "production is version 50")
    assertNotContains(member_client.get(f"{INBOX}?before={before}"), "production is version 51")


def test_a_person_chooses_on_the_page(
    member_client: Client, project: Project, bob: User, settings: Settings
) -> None:
    page = member_client.get(WISHES)
    assertContains(page, "no mail server is set")
    assertContains(page, "A label moved")
    assertNotContains(page, "A version was made")
    settings.MAIL_IS_CONFIGURED = True
    assertContains(member_client.get(WISHES), "Mails go to bob@example.com")
    elsewhere = make_project("elsewhere")
    said = {f"wish-{row.event.name}": row.wish.value for row in wishes_of(bob).events}
    said |= {f"wish-{MOVED}": "off", f"wish-{MACHINE}": "mail", "muted": str(project.pk)}
    assert member_client.post(WISHES, said).status_code == 303
    assert [(row.event, row.wish) for row in NoticeWish.objects.all()] == [(MOVED, Wish.OFF)]
    assert MutedProject.objects.get().project == project
    entry = AuditEntry.objects.get(action="user.notices_changed")
    assert (entry.details["wishes"][MOVED], entry.details["muted"]) == ("off", ["support"])
    for wrong in ({f"wish-{URGENT}": "loud"}, {"muted": str(elsewhere.pk)}):
        response = member_client.post(WISHES, {**said, **wrong})
        assertContains(response, "Nothing was saved", status_code=422)
    assert MutedProject.objects.count() == 1


def test_old_rows_go_and_those_of_deleted_projects(project: Project, bob: User) -> None:
    def make() -> WebhookEndpoint:
        return endpoints.create_endpoint(
            project, url="https://hooks.example.com/", events=["*"], actor=None
        ).endpoint

    kept, gone = make(), make()
    happen(project, persons=[bob])
    happen(project, persons=[bob], version=16)
    endpoints.delete_endpoint(gone, actor=None)
    old = WebhookMessage.objects.order_by("pk")[0]
    long_ago = timezone.now() - timedelta(days=91)
    WebhookMessage.objects.filter(pk=old.pk).update(created_at=long_ago)
    WebhookDelivery.objects.filter(message=old).update(created_at=long_ago)
    PersonalNotice.objects.filter(title__contains="15").update(created_at=long_ago)
    keep_notices_in_order()
    assert WebhookMessage.objects.count() == 2  # what still waits is kept
    WebhookDelivery.objects.filter(message=old).update(state="delivered")
    keep_notices_in_order()
    assert list(WebhookMessage.objects.values_list("pk", flat=True)) != [old.pk]
    assert PersonalNotice.objects.get().title == "production is version 16"
    WebhookEndpoint.objects.filter(pk=gone.pk).update(deleted_at=long_ago)
    upkeep.forget_old()
    assert WebhookEndpoint.objects.get() == kept
    # What was written for it while it was being switched off has nowhere to go.
    WebhookEndpoint.objects.update(is_enabled=False)
    WebhookDelivery.objects.update(state="due")
    upkeep.forget_old()
    assert WebhookDelivery.objects.get().state == "failed"
    remove_notices_of_deleted_projects()
    assert WebhookEndpoint.objects.exists()
    Project.objects.filter(pk=project.pk).update(deleted_at=timezone.now())
    remove_notices_of_deleted_projects(project.pk)
    for model in (WebhookEndpoint, WebhookMessage, WebhookDelivery, PersonalNotice):
        assert not model.objects.exists()

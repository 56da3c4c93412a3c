"""A lost password: a link by mail, or one that an admin hands over; never a hint who exists."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from pytest_django.asserts import assertContains, assertNotContains

from accounts.mail import wait_until_sent
from accounts.models import Membership, Organization, Role, User
from accounts.services import members, reset
from audit.models import AuditEntry
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NEW = "another fine password"


def path(link: str) -> str:
    return urlsplit(link).path


def link_for(user: User, alice: User, organization: Organization) -> str:
    return reset.make_reset_link(user, organization, actor=alice)


def test_known_and_unknown_addresses_get_the_same_answer_and_one_a_mail(
    alice: User,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.MAIL_IS_CONFIGURED = True
    pages = []
    with django_capture_on_commit_callbacks(execute=True):
        for email in (alice.email, "nobody@example.com"):
            response = Client().post("/reset/", {"email": email})
            pages.append((response.status_code, response.content.decode().count("on its way")))
    wait_until_sent()
    assert pages == [(200, 1), (200, 1)]
    assert [message.to for message in mail.outbox] == [[alice.email]]
    assert "/reset/" in mail.outbox[0].body


def test_without_mail_the_page_says_whom_to_ask(client: Client, alice: User) -> None:
    assertContains(client.get("/reset/"), "roadworthy createadmin")
    response = client.post("/reset/", {"email": alice.email})
    assertContains(response, "Ask an admin")
    assert not mail.outbox


def test_requests_of_one_client_are_limited(client: Client, settings: Settings) -> None:
    settings.MAIL_IS_CONFIGURED = True
    settings.LOGIN_ATTEMPTS = 2
    codes = [client.post("/reset/", {"email": f"{n}@example.com"}).status_code for n in range(3)]
    assert codes == [200, 200, 429]


def test_the_link_sets_a_password_once_and_ends_every_session(
    alice: User, bob: User, member_client: Client, organization: Organization, client: Client
) -> None:
    link = path(link_for(bob, alice, organization))
    assertContains(client.get(link), bob.email)
    assert client.post(link, {"password": NEW}).status_code == 303
    bob.refresh_from_db()
    assert bob.check_password(NEW)
    assert client.post(link, {"password": "yet another one 99"}).status_code == 410
    assert member_client.get("/me/").status_code == 302
    assert AuditEntry.objects.filter(action="user.password_reset").count() == 1


def test_a_weak_password_is_422_and_the_link_lives(
    alice: User, bob: User, organization: Organization, client: Client
) -> None:
    link = path(link_for(bob, alice, organization))
    assertContains(client.post(link, {"password": "short"}), "too short", status_code=422)
    assert client.post(link, {"password": NEW}).status_code == 303


@pytest.mark.parametrize("link", ["/reset/MQ/abc-def/", "/reset/%C3%BC/x/", "/reset/MTk5OTk5/a-b/"])
def test_a_made_up_link_is_over(db: None, client: Client, link: str) -> None:
    assert client.get(link).status_code == 410


def test_an_admin_copies_a_link_where_no_mail_is_set_up(owner_client: Client, bob: User) -> None:
    pk = Membership.objects.get(user=bob).pk
    response = owner_client.post(f"/p/support/settings/members/{pk}/reset/")
    assertContains(response, response.context["reset_link"])
    assert "no-store" in response["Cache-Control"]
    entry = AuditEntry.objects.get(action="user.password_reset_link_made")
    assert response.context["reset_link"] not in str(entry.__dict__)


def test_where_mail_is_set_up_nobody_copies_links(
    owner_client: Client, bob: User, settings: Settings
) -> None:
    settings.MAIL_IS_CONFIGURED = True
    pk = Membership.objects.get(user=bob).pk
    assert owner_client.post(f"/p/support/settings/members/{pk}/reset/").status_code == 404
    assertNotContains(owner_client.get("/p/support/settings/members/"), "Reset link")


def test_an_admin_cannot_take_over_an_owner(alice: User, organization: Organization) -> None:
    admin = make_user("adam@example.com", organization=organization, role=Role.ADMIN)
    with pytest.raises(members.AboveYou):
        reset.make_reset_link(alice, organization, actor=admin)


def test_a_person_of_two_organizations_belongs_to_no_admin(
    alice: User, charlie: User, organization: Organization
) -> None:
    Membership.objects.create(user=charlie, organization=organization, role=Role.VIEWER)
    with pytest.raises(reset.BelongsElsewhere):
        reset.make_reset_link(charlie, organization, actor=alice)
    assert charlie.check_password(PASSWORD)

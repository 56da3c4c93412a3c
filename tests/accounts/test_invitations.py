"""An invitation lets its bearer join once, for a week, as what it says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from pytest_django.asserts import assertContains, assertNotContains

from accounts.access import role_in
from accounts.mail import wait_until_sent
from accounts.models import Invitation, Organization, Project, Role, User
from accounts.services import invitations, members
from audit.models import AuditEntry
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
MEMBERS = "/p/support/settings/members/"
NEW = {"name": "Nina", "password": "a long enough word"}


@pytest.fixture
def invited(project: Project, alice: User) -> invitations.Invited:
    return invitations.invite(
        "Nina@example.com", Role.REVIEWER, project.organization, project=project, actor=alice
    )


def path(invited: invitations.Invited) -> str:
    return "/invite/" + invited.link.split("/invite/")[1]


def test_somebody_new_joins_and_is_signed_in(
    project: Project, invited: invitations.Invited, client: Client
) -> None:
    assertContains(client.get(path(invited)), "nina@example.com")
    assert client.post(path(invited), NEW).headers["Location"] == "/p/support/"
    nina = User.objects.get(email="nina@example.com")
    assert role_in(nina, project) == Role.REVIEWER
    assert client.session["_auth_user_id"] == str(nina.pk)


def test_the_link_works_once(invited: invitations.Invited, client: Client) -> None:
    client.post(path(invited), NEW)
    assert Client().get(path(invited)).status_code == 410
    with pytest.raises(invitations.InvitationIsOver):
        invitations.accept_invitation(invited.invitation, name="x", password="y")


@pytest.mark.parametrize("end", ["revoked_at", "expires_at"])
def test_a_revoked_or_expired_link_is_over(
    invited: invitations.Invited, client: Client, end: str
) -> None:
    Invitation.objects.update(**{end: timezone.now() - timedelta(seconds=1)})
    assert client.post(path(invited), NEW).status_code == 410
    assert not User.objects.filter(email="nina@example.com").exists()


def test_only_a_hash_of_the_link_is_stored_and_none_of_it_in_the_trail(
    invited: invitations.Invited,
) -> None:
    token = invited.link.rstrip("/").rsplit("/", 1)[1]
    assert token not in str(Invitation.objects.values().get())
    assert token not in str(list(AuditEntry.objects.values()))


def test_a_member_elsewhere_joins_with_the_account_they_have(
    project: Project, alice: User, charlie: User, stranger_client: Client
) -> None:
    made = invitations.invite(charlie.email, Role.VIEWER, project.organization, actor=alice)
    assert stranger_client.post(path(made)).status_code == 303
    assert role_in(charlie, project) == Role.VIEWER


def test_an_address_with_an_account_must_sign_in_first(
    project: Project, alice: User, charlie: User, client: Client
) -> None:
    made = invitations.invite(charlie.email, Role.VIEWER, project.organization, actor=alice)
    assertContains(client.get(path(made)), "Sign in")
    client.post(path(made), NEW)
    assert role_in(charlie, project) is None
    assert charlie.check_password(PASSWORD)


def test_nobody_joins_in_anothers_name(
    project: Project, invited: invitations.Invited, charlie: User, stranger_client: Client
) -> None:
    assertContains(stranger_client.get(path(invited)), "charlie@example.com")
    stranger_client.post(path(invited))
    assert role_in(charlie, project) is None
    with pytest.raises(invitations.ForSomebodyElse):
        invitations.accept_invitation(invited.invitation, user=charlie)


def test_nobody_invites_above_themselves(project: Project, organization: Organization) -> None:
    admin = make_user("adam@example.com", organization=organization, role=Role.ADMIN)
    with pytest.raises(members.AboveYou):
        invitations.invite("n@example.com", Role.OWNER, organization, actor=admin)


def test_a_second_invitation_kills_the_first_link(
    project: Project, alice: User, invited: invitations.Invited, client: Client
) -> None:
    again = invitations.invite(
        "nina@example.com", Role.VIEWER, project.organization, project=project, actor=alice
    )
    assert client.get(path(invited)).status_code == 410
    assert client.get(path(again)).status_code == 200


def test_the_page_shows_the_link_once(owner_client: Client, project: Project) -> None:
    form = {"email": "new@example.com", "role": "viewer", "reach": "project"}
    response = owner_client.post(MEMBERS, form)
    link = response.context["invited"].link
    assertContains(response, link)
    page = owner_client.get(MEMBERS)
    assertNotContains(page, link)
    assertContains(page, "new@example.com")


def test_mail_goes_out_where_it_is_set_up(
    owner_client: Client,
    project: Project,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.MAIL_IS_CONFIGURED = True
    form = {"email": "new@example.com", "role": "viewer", "reach": "project"}
    with django_capture_on_commit_callbacks(execute=True):
        link = owner_client.post(MEMBERS, form).context["invited"].link
    wait_until_sent()
    assert [message.to for message in mail.outbox] == [["new@example.com"]]
    assert link in mail.outbox[0].body

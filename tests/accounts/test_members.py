"""Roles change and members leave, but never above the actor and never the last owner."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Membership, Organization, Project, Role, User
from accounts.services import members
from audit.models import AuditEntry
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def row(user: User) -> Membership:
    return Membership.objects.get(user=user)


@pytest.fixture
def admin(organization: Organization) -> User:
    return make_user("adam@example.com", organization=organization, role=Role.ADMIN)


def test_an_owner_changes_a_role_and_the_trail_says_so(alice: User, bob: User) -> None:
    members.change_role(row(bob), Role.REVIEWER, actor=alice)
    assert row(bob).role == Role.REVIEWER
    entry = AuditEntry.objects.get(action="member.role_changed")
    assert entry.details == {"before": "engineer", "after": "reviewer"}
    assert (entry.actor_id, entry.subject_id) == (str(alice.pk), str(bob.pk))


def test_the_last_owner_stays(alice: User) -> None:
    with pytest.raises(members.LastOwner, match="last owner"):
        members.change_role(row(alice), Role.ADMIN, actor=alice)
    with pytest.raises(members.LastOwner, match="last owner"):
        members.remove_member(row(alice), actor=alice)
    assert row(alice).role == Role.OWNER


def test_an_inactive_owner_does_not_count(alice: User, organization: Organization) -> None:
    gone = make_user("gone@example.com", organization=organization, role=Role.OWNER)
    gone.is_active = False
    gone.save()
    with pytest.raises(members.LastOwner):
        members.remove_member(row(alice), actor=alice)


def test_one_of_two_owners_may_leave(alice: User, organization: Organization) -> None:
    make_user("olga@example.com", organization=organization, role=Role.OWNER)
    members.remove_member(row(alice), actor=alice)
    assert not Membership.objects.filter(user=alice).exists()


def test_admins_neither_make_nor_touch_owners(admin: User, alice: User, bob: User) -> None:
    with pytest.raises(members.AboveYou):
        members.change_role(row(bob), Role.OWNER, actor=admin)
    with pytest.raises(members.AboveYou):
        members.change_role(row(alice), Role.VIEWER, actor=admin)
    with pytest.raises(members.AboveYou):
        members.remove_member(row(alice), actor=admin)


def test_engineers_change_nobody_but_may_leave(bob: User, alice: User) -> None:
    with pytest.raises(members.AboveYou):
        members.change_role(row(bob), Role.VIEWER, actor=bob)
    members.remove_member(row(bob), actor=bob)
    assert not Membership.objects.filter(user=bob).exists()


def test_an_admin_of_one_project_does_not_reach_the_organization(
    project: Project, bob: User
) -> None:
    local = make_user("local@example.com")
    Membership.objects.create(
        user=local, organization=project.organization, project=project, role=Role.ADMIN
    )
    with pytest.raises(members.AboveYou, match="whole organization"):
        members.remove_member(row(bob), actor=local)


def test_adding_never_lowers(alice: User, organization: Organization, project: Project) -> None:
    assert members.add_member(alice, organization, Role.VIEWER, actor=None) is None
    assert members.add_member(alice, organization, Role.ADMIN, project=project, actor=None) is None
    assert row(alice).role == Role.OWNER


def test_the_page_changes_roles(owner_client: Client, bob: User) -> None:
    address = f"/p/support/settings/members/{row(bob).pk}/role/"
    assert owner_client.post(address, {"role": "viewer"}).status_code == 303
    assert row(bob).role == Role.VIEWER


def test_the_page_refuses_the_last_owner_with_words(owner_client: Client, alice: User) -> None:
    response = owner_client.post(f"/p/support/settings/members/{row(alice).pk}/remove/")
    assert response.status_code == 409
    assert "last owner" in response.content.decode()


def test_a_member_of_another_organization_is_not_found(owner_client: Client, charlie: User) -> None:
    response = owner_client.post(f"/p/support/settings/members/{row(charlie).pk}/remove/")
    assert response.status_code == 404

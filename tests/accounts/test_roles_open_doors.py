"""Which role opens what; a stranger finds nothing, not even the word forbidden."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from django.utils import timezone

from accounts.access import door_for, organization_for, projects_of, role_in
from accounts.models import Membership, Project, Role, User
from tests.factories import make_project, make_user

pytestmark = pytest.mark.django_db
SETTINGS = "/p/support/settings"
PAGES = {
    f"{SETTINGS}/general/": Role.VIEWER,
    f"{SETTINGS}/members/": Role.VIEWER,
    f"{SETTINGS}/keys/": Role.ENGINEER,
}
POSTS = {
    f"{SETTINGS}/general/": Role.ADMIN,
    f"{SETTINGS}/members/": Role.ADMIN,
    f"{SETTINGS}/general/delete/": Role.OWNER,
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("page", list(PAGES))
def test_pages_open_from_their_role_upwards(project: Project, role: Role, page: str) -> None:
    user = make_user("x@example.com", organization=project.organization, role=role)
    client = Client()
    client.force_login(user)
    expected = 200 if role.rank >= PAGES[page].rank else 403
    assert client.get(page).status_code == expected


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("address", list(POSTS))
def test_acts_are_refused_below_their_role(project: Project, role: Role, address: str) -> None:
    user = make_user("x@example.com", organization=project.organization, role=role)
    client = Client()
    client.force_login(user)
    # An empty form: whoever may act is told what is missing, everybody else is turned away.
    expected = 422 if role.rank >= POSTS[address].rank else 403
    assert client.post(address).status_code == expected


def test_a_door_says_the_role_it_needs(project: Project, bob: User) -> None:
    with pytest.raises(PermissionDenied, match="role admin or above; yours is engineer"):
        door_for(bob, "support", least=Role.ADMIN)


def test_strangers_cannot_tell_a_project_from_nothing(project: Project, charlie: User) -> None:
    with pytest.raises(Http404) as there:
        door_for(charlie, "support")
    with pytest.raises(Http404) as nowhere:
        door_for(charlie, "no-such-project")
    assert str(there.value) == str(nowhere.value)


def test_the_role_in_the_project_wins_over_that_of_the_organization(
    project: Project, bob: User
) -> None:
    Membership.objects.create(
        user=bob, organization=project.organization, project=project, role=Role.ADMIN
    )
    assert role_in(bob, project) == Role.ADMIN


def test_a_member_of_one_project_does_not_see_its_sibling(project: Project) -> None:
    sibling = Project.objects.create(organization=project.organization, name="S", slug="sibling")
    guest = make_user("guest@example.com")
    Membership.objects.create(
        user=guest, organization=project.organization, project=project, role=Role.OWNER
    )
    assert list(projects_of(guest)) == [project]
    with pytest.raises(Http404):
        door_for(guest, sibling.slug)
    with pytest.raises(Http404):
        organization_for(guest, project.organization.slug)


def test_a_deleted_project_and_an_inactive_person_are_shut(project: Project, alice: User) -> None:
    alice.is_active = False
    with pytest.raises(Http404):
        door_for(alice, "support")
    alice.is_active = True
    project.deleted_at = timezone.now()
    project.save()
    with pytest.raises(Http404):
        door_for(alice, "support")


def test_a_foreign_organization_gives_no_role(project: Project, charlie: User) -> None:
    assert role_in(charlie, project) is None
    assert role_in(charlie, make_project("third")) is None

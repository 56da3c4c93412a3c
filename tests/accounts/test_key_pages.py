"""The page of keys: a secret once, the flags, and who may do what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import ApiKey, Membership, Project, Role, User
from tests.factories import make_key

URL = "/p/support/settings/keys/"


def test_the_secret_stands_in_one_answer_only(project: Project, owner_client: Client) -> None:
    response = owner_client.post(URL, {"name": "worker", "scopes": ["ingest"], "life": "30"})
    secret = response.context["made"].pair.secret
    assertContains(response, secret)
    assert "no-store" in response["Cache-Control"]
    assertNotContains(owner_client.get(URL), secret)
    assertContains(owner_client.get(URL), "worker")
    session = str(dict(owner_client.session)) + str(owner_client.cookies)
    assert secret not in session


def test_a_key_without_name_or_scope_is_422_with_links_to_the_fields(
    project: Project, owner_client: Client
) -> None:
    response = owner_client.post(URL, {"name": "", "life": ""})
    assertContains(response, 'href="#id_name"', status_code=422)
    assert not ApiKey.objects.exists()


def test_engineers_make_keys_but_none_that_manages(project: Project, member_client: Client) -> None:
    assert member_client.post(URL, {"name": "a", "scopes": ["read"]}).status_code == 200
    assert member_client.post(URL, {"name": "b", "scopes": ["admin"]}).status_code == 422
    assert ApiKey.objects.get().scopes == ["read"]


@pytest.mark.parametrize("action", ["rotate", "revoke", "scopes"])
def test_a_key_that_manages_is_for_admins(
    project: Project, member_client: Client, action: str
) -> None:
    key = make_key(project, scopes=["read", "admin"])
    response = member_client.post(f"{URL}{key.stored.pk}/{action}/", {"scopes": ["read"]})
    assert response.status_code == 403
    key.stored.refresh_from_db()
    assert (key.stored.revoked_at, key.stored.scopes) == (None, ["read", "admin"])


def test_a_key_of_another_project_is_not_found(
    project: Project, owner_client: Client, charlie: User
) -> None:
    foreign = make_key(Project.objects.get(slug="elsewhere"))
    assert owner_client.post(f"{URL}{foreign.stored.pk}/revoke/").status_code == 404


def test_viewers_are_told_which_role_is_needed(
    project: Project, member_client: Client, bob: User
) -> None:
    Membership.objects.filter(user=bob).update(role=Role.VIEWER)
    response = member_client.get(URL)
    assertContains(response, "role engineer or above; yours is viewer", status_code=403)


def test_idle_keys_are_flagged_after_ninety_days(project: Project, owner_client: Client) -> None:
    idle, busy = make_key(project, name="idle"), make_key(project, name="busy")
    long_ago = timezone.now() - timedelta(days=91)
    ApiKey.objects.update(created_at=long_ago, last_used_at=long_ago)
    ApiKey.objects.filter(pk=busy.stored.pk).update(last_used_at=timezone.now())
    response = owner_client.get(URL)
    assertContains(response, "unused for 90 days", count=1)
    assert [row.key.pk for row in response.context["rows"] if row.is_unused] == [idle.stored.pk]


def test_rotating_shows_the_new_pair_and_marks_the_old(
    project: Project, owner_client: Client
) -> None:
    old = make_key(project)
    response = owner_client.post(f"{URL}{old.stored.pk}/rotate/")
    assertContains(response, response.context["made"].pair.secret)
    assertContains(response, "24 hours more")
    assertContains(owner_client.post(f"{URL}{old.stored.pk}/rotate/"), "rotated", status_code=409)


def test_queries_do_not_grow_with_keys(
    project: Project, owner_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        make_key(project, name=f"key {number}")
    with django_assert_max_num_queries(10):
        owner_client.get(URL)

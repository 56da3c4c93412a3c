"""REST for keys and members: only with the admin scope, only for the key's own project."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.asserts import assertNotContains

from accounts.models import ApiKey, Project, Scope, User
from accounts.verification import forget, verify
from audit.models import AuditEntry
from tests.factories import Key, make_key, make_project

pytestmark = pytest.mark.django_db
KEYS = "/api/v1/keys"


@pytest.fixture
def admin_key(project: Project) -> Key:
    forget()
    return make_key(project, name="automation", scopes=["admin"])


def test_a_key_is_made_and_works(client: Client, admin_key: Key) -> None:
    response = client.post(
        KEYS,
        {"name": "worker", "scopes": ["ingest"]},
        content_type="application/json",
        headers=admin_key.headers,
    )
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    made = response.json()
    assert verify({"x-api-key": made["secret_key"]}, Scope.INGEST).key_id == made["id"]
    entry = AuditEntry.objects.get(action="api_key.created")
    assert (entry.actor_kind, entry.actor_id) == ("key", str(admin_key.stored.pk))


def test_a_list_holds_no_secret_and_only_the_own_project(client: Client, admin_key: Key) -> None:
    foreign = make_key(make_project("elsewhere"))
    response = client.get(KEYS, headers=admin_key.headers)
    assert [row["id"] for row in response.json()["data"]] == [admin_key.stored.pk]
    assert response.json()["next_cursor"] is None
    assertNotContains(response, "secret_key")
    assertNotContains(response, foreign.public)


def test_lists_are_paged_by_cursor(client: Client, project: Project, admin_key: Key) -> None:
    for number in range(4):
        make_key(project, name=f"key {number}")
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get(f"{KEYS}?limit=2&cursor={cursor}", headers=admin_key.headers).json()
        seen += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
    assert seen == sorted(ApiKey.objects.values_list("pk", flat=True), reverse=True)


def test_a_key_is_rotated_and_revoked(client: Client, project: Project, admin_key: Key) -> None:
    old = make_key(project)
    rotated = client.post(f"{KEYS}/{old.stored.pk}/rotate", headers=admin_key.headers)
    assert rotated.status_code == 201
    again = client.post(f"{KEYS}/{old.stored.pk}/rotate", headers=admin_key.headers)
    assert (again.status_code, again["Content-Type"]) == (409, "application/problem+json")
    address = f"{KEYS}/{rotated.json()['id']}"
    assert client.delete(address, headers=admin_key.headers).status_code == 204
    assert client.delete(address, headers=admin_key.headers).status_code == 409


def test_members_are_listed_highest_role_first(
    client: Client, admin_key: Key, alice: User, bob: User, charlie: User
) -> None:
    pages, cursor = [], ""
    while cursor is not None:
        address = f"/api/v1/members?limit=1&cursor={cursor}"
        page = client.get(address, headers=admin_key.headers).json()
        pages += page["data"]
        cursor = page["next_cursor"]
    assert [(row["email"], row["role"]) for row in pages] == [
        ("alice@example.com", "owner"),
        ("bob@example.com", "engineer"),
    ]


@pytest.mark.parametrize("address", [KEYS, "/api/v1/members"])
def test_without_the_admin_scope_it_is_403_and_without_a_key_401(
    client: Client, key: Key, owner_client: Client, address: str
) -> None:
    response = client.get(address, headers=key.headers)
    assert (response.status_code, response["Content-Type"]) == (403, "application/problem+json")
    assert "admin" in response.json()["detail"]
    assert client.get(address).status_code == 401
    assert owner_client.get(address).status_code == 401


@pytest.mark.parametrize("act", ["delete", "post"])
def test_foreign_keys_are_not_found(client: Client, admin_key: Key, act: str) -> None:
    foreign = make_key(make_project("elsewhere")).stored.pk
    address = f"{KEYS}/{foreign}" + ("/rotate" if act == "post" else "")
    assert getattr(client, act)(address, headers=admin_key.headers).status_code == 404


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["everything"]}, "scopes"),
        ({"name": "x", "expires_at": "tomorrow"}, "expires_at"),
    ],
)
def test_what_is_wrong_with_a_new_key_is_named(
    client: Client, admin_key: Key, body: dict[str, object], where: str
) -> None:
    response = client.post(KEYS, body, content_type="application/json", headers=admin_key.headers)
    assert response.status_code == 400
    assert response.json()["errors"][0]["where"].startswith(where)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=rubbish"])
def test_a_bad_page_is_refused(client: Client, admin_key: Key, query: str) -> None:
    assert client.get(f"{KEYS}?{query}", headers=admin_key.headers).status_code == 400

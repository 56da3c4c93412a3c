"""One's own account: name, looks, shortcuts, password."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.asserts import assertContains

from accounts.models import User
from audit.models import AuditEntry
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
NEW = {"current": PASSWORD, "password": "another fine password"}


def test_the_theme_is_kept_with_the_person_and_in_the_browser(
    owner_client: Client, alice: User
) -> None:
    response = owner_client.post("/me/", {"name": "Alice", "theme": "dark", "shortcuts_on": ""})
    assert response.cookies["theme"].value == "dark"
    assert response.cookies["shortcuts"].value == "off"
    alice.refresh_from_db()
    assert (alice.name, alice.theme, alice.shortcuts_on) == ("Alice", "dark", False)
    assertContains(owner_client.get("/me/"), 'data-theme="dark"')
    entry = AuditEntry.objects.get(action="user.profile_changed")
    assert entry.details == {"fields": ["name", "theme", "shortcuts_on"]}


def test_a_new_browser_learns_the_looks_at_sign_in(alice: User) -> None:
    alice.theme = "light"
    alice.save()
    response = Client().post("/login/", {"email": alice.email, "password": PASSWORD})
    assert response.cookies["theme"].value == "light"


def test_the_menu_of_the_shell_changes_the_same_choice(owner_client: Client, alice: User) -> None:
    owner_client.post("/me/", {"theme": "dark"})
    owner_client.post("/preferences/", {"theme": "system"})
    alice.refresh_from_db()
    assert alice.theme == ""


def test_signed_out_people_choose_by_cookie(client: Client) -> None:
    response = client.post("/preferences/", {"theme": "dark", "next": "/login/"})
    assert (response.status_code, response["Location"]) == (303, "/login/")
    assertContains(client.get("/login/"), 'data-theme="dark"')


def test_a_new_password_keeps_this_session_and_ends_the_others(
    owner_client: Client, alice: User
) -> None:
    other = Client()
    other.force_login(alice)
    assert owner_client.post("/me/password/", NEW).status_code == 303
    assert owner_client.get("/me/").status_code == 200
    assert other.get("/me/").status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(NEW["password"])


@pytest.mark.parametrize(
    ("change", "text"),
    [({"current": "wrong"}, "not your current password"), ({"password": "short"}, "too short")],
)
def test_a_refused_password_says_why(
    owner_client: Client, alice: User, change: dict[str, str], text: str
) -> None:
    response = owner_client.post("/me/password/", NEW | change)
    assertContains(response, text, status_code=422)
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)

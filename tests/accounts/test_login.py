"""Signing in: who gets in, what the trail says, and how often one may try."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import RateWindow, User
from accounts.services import attempts
from audit.models import AuditEntry
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _three_attempts(settings: Settings) -> None:
    settings.LOGIN_ATTEMPTS = 3


def sign_in(
    email: str, password: str = PASSWORD, *, address: str = "192.0.2.1", **more: str
) -> int:
    return int(try_in(email, password, address=address, **more).status_code)


def try_in(email: str, password: str, *, address: str = "192.0.2.1", **more: str):  # type: ignore[no-untyped-def]
    form = {"email": email, "password": password, **more}
    return Client().post("/login/", form, REMOTE_ADDR=address)


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_the_right_password_opens_and_cycles_the_session(alice: User, client: Client) -> None:
    client.cookies["sessionid"] = "planted-by-somebody-else"
    response = client.post("/login/", {"email": "ALICE@example.com", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (303, "/")
    assert client.cookies["sessionid"].value != "planted-by-somebody-else"
    assert actions() == ["login.succeeded"]


def test_unknown_address_and_wrong_password_get_the_same_answer(alice: User) -> None:
    wrong = try_in(alice.email, "not the password")
    unknown = try_in("nobody@example.com", "not the password")
    assert wrong.status_code == unknown.status_code == 422
    text = wrong.content.decode().replace(alice.email, "X")
    other = unknown.content.decode().replace("nobody@example.com", "X")
    assert _plain(text) == _plain(other)


def _plain(page: str) -> str:
    import re

    return re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]+"', "", page)


def test_an_unknown_address_costs_a_password_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed = []
    real = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashed.append(1) or real(self, password, salt),
    )
    sign_in("nobody@example.com")
    assert hashed


def test_an_inactive_person_stays_outside(alice: User) -> None:
    alice.is_active = False
    alice.save()
    assert sign_in(alice.email) == 422


def test_an_address_is_locked_after_its_attempts_from_anywhere(alice: User) -> None:
    for number in range(3):
        assert sign_in(alice.email, "wrong", address=f"192.0.2.{number}") == 422
    assert sign_in(alice.email, address="192.0.2.99") == 429
    assert actions() == ["login.failed"] * 3 + ["login.locked"]


def test_a_client_is_locked_after_its_attempts_for_anybody(alice: User) -> None:
    for number in range(3):
        sign_in(f"guess{number}@example.com", "wrong")
    assert sign_in(alice.email) == 429
    assert sign_in(alice.email, address="192.0.2.77") == 303


def test_success_clears_the_count_of_the_address(alice: User) -> None:
    for _ in range(2):
        sign_in(alice.email, "wrong")
        sign_in(alice.email, "wrong", address="192.0.2.9")
        RateWindow.objects.filter(subject__startswith="login:client").delete()
        attempts.clear(f"login:email:{alice.email}")
    assert sign_in(alice.email) == 303
    assert attempts.count(f"login:email:{alice.email}") == 0


def test_those_who_get_in_do_not_use_up_their_offices_attempts(alice: User, bob: User) -> None:
    for _ in range(4):
        assert sign_in(alice.email) == 303
        assert sign_in(bob.email) == 303


def test_the_lock_opens_after_a_quarter_of_an_hour(alice: User) -> None:
    for _ in range(3):
        sign_in(alice.email, "wrong")
    assert sign_in(alice.email) == 429
    for row in RateWindow.objects.all():
        row.starts_at -= timedelta(minutes=16)
        row.save()
    assert sign_in(alice.email) == 303


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("/p/support/", "/p/support/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_it_leads_on_only_within_this_installation(alice: User, target: str, place: str) -> None:
    assert try_in(alice.email, PASSWORD, next=target)["Location"] == place


def test_signing_out_is_a_post_and_ends_the_session(owner_client: Client) -> None:
    assert owner_client.get("/logout/").status_code == 405
    assert owner_client.post("/logout/").status_code == 303
    assert owner_client.get("/me/").status_code == 302


def test_members_logins_stand_in_their_organizations_chain(alice: User) -> None:
    sign_in(alice.email)
    sign_in("nobody@example.com")
    chains = dict(AuditEntry.objects.values_list("action", "organization_id"))
    assert chains["login.succeeded"] is not None
    assert chains["login.failed"] is None
    assert AuditEntry.objects.get(action="login.failed").ip == "192.0.2.1"


def test_attempts_count_across_processes() -> None:
    make_user("x@example.com")
    assert all(attempts.take(["thing"], 5) for _ in range(5))
    assert not attempts.take(["thing"], 5)
    assert attempts.count("thing") == 5

"""Sign in, keys, members and one's own account, as a person with a browser meets them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import ApiKey, Invitation, Project, Role, Scope, User
from accounts.services import invitations, keys
from accounts.verification import Refused, forget, verify
from tests.factories import PASSWORD, make_key
from tests.pages.browsing import EVERY_LOOK, assert_no_violations, login

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = "/p/support/settings"
LOOKS = [look for look in EVERY_LOOK if look.width in {1440, 390}]


@pytest.fixture
def furnished(project: Project, alice: User, bob: User) -> Project:
    """A project with keys in every state and an open invitation."""
    make_key(project, name="Production worker", created_by=alice, last_used_at=timezone.now())
    make_key(project, name="Old gateway", revoked_at=timezone.now())
    idle = make_key(project, name="Nightly evals", scopes=["read", "evals"])
    long_ago = timezone.now() - timedelta(days=100)
    ApiKey.objects.filter(pk=idle.stored.pk).update(created_at=long_ago)
    keys.rotate_key(make_key(project, name="Automation", scopes=["admin"]).stored, actor=alice)
    invitations.invite("nina@example.com", Role.REVIEWER, project.organization, actor=alice)
    return project


def test_signing_in_leads_to_the_page_that_was_asked_for(page: Page, alice: User) -> None:
    page.goto(f"{SETTINGS}/keys/")
    page.get_by_label("E-mail").fill(alice.email)
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(f"{SETTINGS}/keys/$"))


def test_a_key_is_created_copied_and_revoked(page: Page, alice: User, address: str) -> None:
    login(page, alice, address)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{SETTINGS}/keys/")
    page.get_by_label("Name").fill("Worker")
    page.get_by_role("button", name="Create key").click()
    secret = page.locator("#made-secret").inner_text()
    page.get_by_role("button", name="Copy the secret key").click()
    expect(page.get_by_role("button", name="Copy the secret key")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == secret
    forget()
    assert verify({"x-api-key": secret}, Scope.INGEST).project_slug == "support"
    page.goto(f"{SETTINGS}/keys/")
    expect(page.locator("body")).not_to_contain_text(secret)
    page.get_by_role("button", name="Revoke Worker").click()
    page.get_by_role("dialog", name="Revoke Worker").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("The key Worker was revoked.")).to_be_visible()
    forget()
    with pytest.raises(Refused, match="revoked"):
        verify({"x-api-key": secret}, Scope.INGEST)


def test_scopes_change_in_place(page: Page, alice: User, project: Project, address: str) -> None:
    key = make_key(project, name="Worker", scopes=["read"])
    login(page, alice, address)
    page.goto(f"{SETTINGS}/keys/")
    row = page.get_by_role("row", name="Worker")
    row.locator("summary").click()
    row.get_by_label("Datasets, runs, checks").check()
    row.get_by_role("button", name="Save scopes").click()
    expect(page.get_by_text("Scopes of Worker saved.")).to_be_visible()
    key.stored.refresh_from_db()
    assert key.stored.scopes == ["read", "evals"]


def test_an_invitation_is_handed_over_and_accepted(
    page: Page, alice: User, address: str, project: Project
) -> None:
    login(page, alice, address)
    page.goto(f"{SETTINGS}/members/")
    page.get_by_label("E-mail").fill("nina@example.com")
    page.get_by_label("Role", exact=True).select_option("reviewer")
    page.get_by_role("button", name="Make invitation").click()
    link = page.locator("#invite-link").inner_text()
    page.context.clear_cookies()
    page.goto(link[link.index("/invite/") :])
    page.get_by_label("Your name").fill("Nina")
    page.get_by_label("New password").fill("a long enough word")
    page.get_by_role("button", name="Join").click()
    expect(page).to_have_url(re.compile("/p/support/$"))
    assert Invitation.objects.get().accepted_at is not None


def test_the_theme_follows_the_account(page: Page, alice: User, address: str) -> None:
    login(page, alice, address)
    page.goto("/me/")
    page.get_by_label("Dark", exact=True).check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_pages_before_sign_in_are_accessible(page: Page) -> None:
    for at in ("/login/", "/reset/", "/invite/none/"):
        page.goto(at)
        assert_no_violations(page, LOOKS)


def test_pages_are_accessible(page: Page, furnished: Project, alice: User, address: str) -> None:
    login(page, alice, address)
    for at in (
        "/projects/",
        "/projects/new/",
        "/me/",
        f"{SETTINGS}/general/",
        f"{SETTINGS}/members/",
        f"{SETTINGS}/keys/",
    ):
        page.goto(at)
        assert_no_violations(page, LOOKS)


def test_answers_with_a_secret_or_an_error_are_accessible(
    page: Page, furnished: Project, alice: User, address: str
) -> None:
    login(page, alice, address)
    page.goto(f"{SETTINGS}/keys/")
    page.get_by_label("Name").fill("Worker")
    page.get_by_role("button", name="Create key").click()
    expect(page.locator("#made-secret")).to_be_visible()
    assert_no_violations(page, LOOKS)
    page.goto(f"{SETTINGS}/general/")
    page.get_by_label("Name of the project").fill("another name")
    page.get_by_role("button", name="Delete Support").click()
    expect(page.get_by_role("alert")).to_contain_text("The project was not deleted.")
    assert_no_violations(page, LOOKS)
    page.goto(f"{SETTINGS}/keys/")
    page.get_by_role("button", name="Revoke Nightly evals").click()
    assert_no_violations(page, LOOKS)

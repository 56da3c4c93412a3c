"""From a connected provider to a saved draft: the settings page and the test panel in a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from gateway import services
from gateway.models import Kind, Provider
from gateway.terms import Terms
from prompts.content import Content
from prompts.services.versions import NewVersion, create_version
from tests.pages.browsing import PAGE_LOOKS, Look, assert_no_violations, login, wear

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
PROVIDERS, PANEL = "/p/support/settings/providers/", "/p/support/prompts/refund/test/"


@pytest.fixture
def provider(project: Project, alice: User) -> Provider:
    content = Content("text", "Where is {{what}}?", model="simulated-small")
    create_version(project, "refund", NewVersion(content), actor=alice)
    return services.create_provider(project, Terms(Kind.SIMULATED, "Simulated"), actor=alice)


def test_a_provider_is_connected_tested_and_removed(
    page: Page, project: Project, alice: User, address: str
) -> None:
    login(page, alice, address)
    page.goto(PROVIDERS)
    expect(page.get_by_text("No provider is connected")).to_be_visible()
    page.get_by_role("link", name="Simulated").click()
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("button", name="Test Simulated").click()
    row = page.get_by_role("row").filter(has_text="no network")
    expect(row).to_contain_text("Works")
    expect(row).to_contain_text("simulated-small answers.")
    assert_no_violations(page, PAGE_LOOKS)
    wear(page, Look("light", 1440))
    row.get_by_role("link", name="Simulated").click()
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    assert_no_violations(page)
    page.get_by_role("button", name="Remove").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Its key is deleted")
    dialog.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No provider is connected")).to_be_visible()


def test_versions_and_models_run_side_by_side(
    page: Page, provider: Provider, alice: User, address: str
) -> None:
    login(page, alice, address)
    page.goto(f"{PANEL}?version_0=1&version_1=draft")
    page.wait_for_selector("html[data-ready]")
    page.get_by_label("what", exact=True).fill("my refund")
    page.get_by_label("Model of column 2").select_option("simulated-cut")
    expect(page.locator("#panel-setup")).to_contain_text("simulated-cut at Simulated")
    expect(page.get_by_label("what", exact=True)).to_have_value("my refund")  # what was typed stays
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#panel-state")).to_have_text("All are over.")
    first, second = (page.locator(f'[data-column="{place}"]') for place in (0, 1))
    expect(first).to_contain_text("refund")
    expect(first.locator("footer")).to_contain_text(re.compile(r"Cost\s*\$0"))
    expect(second).to_contain_text("The answer broke off before its end")
    assert_no_violations(page, PAGE_LOOKS)
    first.get_by_role("link", name="Open the trace").click()
    expect(page).to_have_url(re.compile(r"/traces/[0-9a-f]{32}/"))


def test_a_run_is_cancelled_and_a_draft_saved(
    page: Page, provider: Provider, alice: User, address: str
) -> None:
    login(page, alice, address)
    wear(page, Look("light", 390))
    page.goto(f"{PANEL}?version_0=1&target_0={provider.pk}:simulated-slow")
    page.wait_for_selector("html[data-ready]")
    page.get_by_role("button", name="Run").click()
    expect(page.locator('[data-column="0"]')).to_contain_text("asking")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#panel-state")).to_have_text("Cancelled.")
    expect(page.locator('[data-column="0"]')).to_contain_text("cancelled")
    page.get_by_text("begins as v1").click()
    page.get_by_label("Text").fill("Where, please, is {{what}}?")
    page.get_by_label("What changes, and why").fill("Politer.")
    assert_no_violations(page)
    page.get_by_role("button", name="Save as draft version").click()
    expect(page).to_have_url(re.compile(r"/prompts/refund/v/2/"))
    expect(page.locator("main")).to_contain_text("by test panel")

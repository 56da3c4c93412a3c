"""The command palette is opened, walked and left by keys alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from tests.pages.browsing import PAGE_LOOKS, assert_no_violations, login, ready
from tests.traces.seeing import call, store

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened(project: Project, alice: User, page: Page, address: str) -> Page:
    store(project, call("7f3a9c", "root", name="resolve_ticket"))
    login(page, alice, address)
    page.goto("/p/support/traces/")
    ready(page)
    page.keyboard.press("Control+k")
    page.locator("#palette-q:focus").wait_for()
    return page


def test_a_trace_is_found_by_its_id(opened: Page) -> None:
    field = opened.get_by_role("combobox", name="Search or jump to")
    expect(field).to_be_focused()
    opened.keyboard.type("7f3a")
    option = opened.get_by_role("option", name="resolve_ticket")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "found-1")
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/traces/7f3a9c/")


def test_arrows_walk_and_an_action_is_done(opened: Page) -> None:
    opened.keyboard.type("dark")
    expect(opened.get_by_role("option", name="Dark theme")).to_be_visible()
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("ArrowUp")
    while (
        opened.locator("#palette [aria-selected=true]").inner_text().split("\n")[0] != "Dark theme"
    ):
        opened.keyboard.press("ArrowDown")
    opened.keyboard.press("Enter")
    expect(opened.locator("html")).to_have_attribute("data-theme", "dark")
    expect(opened.locator("#palette")).to_be_hidden()


def test_escape_closes_it_and_the_same_keys_too(opened: Page) -> None:
    opened.keyboard.press("Escape")
    expect(opened.locator("#palette")).to_be_hidden()
    opened.keyboard.press("Meta+k")
    expect(opened.locator("#palette")).to_be_visible()
    opened.keyboard.press("Meta+k")
    expect(opened.locator("#palette")).to_be_hidden()


def test_nothing_is_in_the_way_of_anybody(opened: Page) -> None:
    opened.keyboard.type("se")
    opened.get_by_role("option", name="Sessions").wait_for()
    assert_no_violations(opened, PAGE_LOOKS)
    opened.goto("/p/support/find/?q=se")
    assert_no_violations(opened, PAGE_LOOKS)

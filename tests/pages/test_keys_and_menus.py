"""What the page's script adds: keys, folds, menus, copying, theme; each has a visible control."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.pages.browsing import Look, ready, wear

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def guide(page: Page) -> Page:
    """The style guide with its script at work."""
    page.goto("/styleguide/")
    ready(page)
    return page


def test_arrows_walk_and_fold_the_tree(guide: Page) -> None:
    plan = guide.get_by_role("treeitem").filter(has_text="plan_turn")
    child = guide.get_by_role("treeitem").filter(has_text="haiku-4.5")
    plan.click()
    guide.keyboard.press("ArrowLeft")
    expect(plan).to_have_attribute("aria-expanded", "false")
    expect(child).to_be_hidden()
    guide.keyboard.press("ArrowRight")
    guide.keyboard.press("ArrowRight")
    expect(child).to_be_focused()
    guide.keyboard.press("ArrowLeft")
    expect(plan).to_be_focused()
    expect(guide.locator('[role="treeitem"][tabindex="0"]')).to_have_count(1)


def test_e_finds_the_next_error_even_below_a_fold(guide: Page) -> None:
    root = guide.get_by_role("treeitem").first
    root.click()
    guide.keyboard.press("ArrowLeft")
    guide.keyboard.press("e")
    expect(guide.locator("[data-error]")).to_be_focused()
    expect(guide.locator("[data-error]")).to_have_attribute("aria-selected", "true")


def test_t_opens_the_range_and_question_mark_the_list_of_keys(guide: Page) -> None:
    guide.keyboard.press("t")
    expect(guide.locator("#range")).to_be_visible()
    expect(guide.get_by_label("From, ")).to_be_visible()
    guide.keyboard.press("Escape")
    guide.keyboard.press("?")
    expect(guide.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    guide.get_by_role("button", name="Close", exact=True).click()
    expect(guide.locator("#shortcuts")).to_be_hidden()


def test_keys_are_letters_while_typing(guide: Page) -> None:
    guide.get_by_label("Name", exact=True).focus()
    guide.keyboard.type("t?e")
    expect(guide.locator("#range")).to_be_hidden()
    expect(guide.locator("#shortcuts")).to_be_hidden()


def test_shortcuts_can_be_turned_off(guide: Page) -> None:
    guide.keyboard.press("?")
    guide.get_by_role("button", name="Turn shortcuts off").click()
    guide.locator('html[data-shortcuts="off"][data-ready]').wait_for(state="attached")
    guide.keyboard.press("t")
    expect(guide.locator("#range")).to_be_hidden()


def test_the_theme_changes_at_once_and_stays(guide: Page) -> None:
    wear(guide, Look("light", 1440))
    guide.get_by_role("button", name="Maya Ruiz").click()
    with guide.expect_response("**/preferences/"):
        guide.locator("#side-me").get_by_role("button", name="Dark").click()
    expect(guide.locator("html")).to_have_attribute("data-theme", "dark")
    guide.reload()
    expect(guide.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_menu_is_walked_with_arrows(guide: Page) -> None:
    guide.get_by_role("button", name="Actions", exact=True).click()
    expect(guide.get_by_role("menuitem", name="Rename")).to_be_focused()
    guide.keyboard.press("ArrowUp")
    expect(guide.get_by_role("menuitem", name="Revoke")).to_be_focused()
    guide.keyboard.press("Escape")
    expect(guide.get_by_role("button", name="Actions", exact=True)).to_be_focused()


def test_copying_says_so(guide: Page) -> None:
    guide.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = guide.get_by_role("button", name="Copy public key")
    button.click()
    expect(button).to_contain_text("Copied")
    assert guide.evaluate("navigator.clipboard.readText()") == "pk-rw-4c1e90b7d2"


def test_the_drawer_has_the_same_links_on_a_phone(page: Page) -> None:
    wear(page, Look("light", 390))
    page.goto("/styleguide/")
    page.get_by_role("button", name="Open navigation").click()
    drawer = page.get_by_role("dialog", name="Navigation")
    expect(drawer.get_by_role("link", name="Traces")).to_be_visible()
    expect(drawer.get_by_role("link", name="Settings")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_times_are_shown_in_the_readers_zone(page: Page) -> None:
    page.goto("/styleguide/")
    shown = page.locator('time[data-time="full"]').first
    assert "UTC" in (shown.get_attribute("title") or "")
    assert page.locator("[data-zone]").inner_text() in (shown.text_content() or "")

"""Suggestions below the query bar, chosen by keyboard and by mouse, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from tests.pages.browsing import assert_no_violations, login
from tests.traces.seeing import call, span, store
from traces.ingest.record import Kind

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/p/support/traces/"


@pytest.fixture
def seen(page: Page, address: str, alice: User, project: Project) -> Page:
    """A signed-in tab, with one trace stored."""
    store(project, call("t", "a"), span("t", "b", kind=Kind.TOOL, parent_span_id="a", at=0.1))
    login(page, alice, address)
    return page


def test_fields_and_values_are_taken_by_keyboard_and_mouse(seen: Page) -> None:
    page = seen
    page.goto(f"{LIST}?t=400d")
    bar = page.get_by_label("Query", exact=True)
    bar.press_sequentially("kin")
    choices = page.get_by_role("option")
    expect(choices.first).to_contain_text("kind")
    assert_no_violations(page)
    bar.press("ArrowDown")
    bar.press("Enter")
    expect(bar).to_have_value("kind:")
    expect(page.get_by_role("option", name="tool")).to_be_visible()
    page.get_by_role("option", name="tool").click()
    expect(bar).to_have_value("kind:tool ")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(page.locator(".qc")).to_contain_text("tool")
    bar.press_sequentially("lat")
    expect(choices.first).to_contain_text("latency")
    bar.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(bar).to_have_value("kind:tool lat")


def test_the_reference_opens_beside_the_bar(seen: Page) -> None:
    page = seen
    page.goto(f"{LIST}?t=400d")
    page.get_by_role("button", name="Query language").click()
    expect(page.get_by_role("dialog")).to_contain_text("score.<name>")
    assert_no_violations(page)
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

"""What a printed page holds: its own head, no navigation or controls, folded parts opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from tests.pages.browsing import login, settled
from tests.traces.seeing import call, store

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

HIDDEN = ".side, .topbar .btn, .tools, .qb, .fac, .keys, .toasts, dialog, .tl .c-s"


def printed(page: Page, address: str) -> None:
    """As on A4 without its margins, by somebody who reads in the dark."""
    page.emulate_media(media="screen", color_scheme="dark")
    page.goto(address)
    settled(page)
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 718, "height": 1000})
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(HIDDEN).locator("visible=true").count() == 0
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(21, 23, 28)"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_pages_print_light_without_controls_under_their_own_head(
    page: Page, address: str, alice: User, project: Project
) -> None:
    store(project, call("t", "a"))
    login(page, alice, address)
    printed(page, "/p/support/traces/?t=7d&q=latency%3E1ms")
    head = page.locator("#print-head")
    for words in ("Support", "Last 7 days", "query latency>1ms", "Printed ", "traces/?t=7d"):
        expect(head).to_contain_text(words)
    row = page.locator(".tl tbody tr[data-id]").first.bounding_box()
    assert row is not None
    assert 22 <= row["height"] < 25
    printed(page, "/p/support/traces/t/")
    expect(page.get_by_role("tree")).to_be_visible()
    printed(page, "/p/support/")
    table = page.locator("details table").first.bounding_box()
    assert table is not None
    assert table["height"] > 20
    page.emulate_media(media="screen")
    expect(head).to_be_hidden()

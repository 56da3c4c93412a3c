"""Rows of the list are ticked with keys and pointer, and acted on; axe finds nothing on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts.models import Project, User
from tests.pages.browsing import LOOKS, assert_no_violations, login, ready, settled, wear
from tests.traces.bulk.working import ask, furnish, run
from traces.models import BulkJob, SavedView, Trace, TraceTag

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listed(project: Project, alice: User, page: Page, address: str) -> Page:
    furnish(project, 8)
    login(page, alice, address)
    page.goto(f"{address}/p/support/traces/?t=7d")
    ready(page)
    return page


def box(page: Page, name: str):
    return page.locator(f'input[name="id"][value="{name}"]')


def test_by_keys_alone(listed: Page) -> None:
    page = listed
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert box(page, "t000").is_checked()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert page.locator("[data-bulk-count]").inner_text() == "3"
    page.get_by_role("button", name="Tag", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Tags, separated by commas").fill("checked")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=3 traces tagged.")
    assert sorted(TraceTag.objects.values_list("trace_id", flat=True)) == ["t000", "t001", "t002"]


def test_a_range_with_shift_and_all_that_match(listed: Page) -> None:
    page = listed
    box(page, "t001").click()
    box(page, "t004").click(modifiers=["Shift"])
    assert page.locator("[data-bulk-count]").inner_text() == "4"
    page.wait_for_selector("#total b")
    page.get_by_role("button", name="Select all 8").click()
    assert page.locator("[data-bulk-count]").inner_text() == "8"
    page.get_by_role("button", name="Delete 8 traces").click()
    page.get_by_role("heading", name="Delete 8 traces?").wait_for()
    page.keyboard.press("Escape")
    assert Trace.objects.count() == 8
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_label("CSV").check()
    page.locator("#bulk-export").get_by_role("button", name="Export").click()
    page.wait_for_url("**/jobs/*/")
    job = BulkJob.objects.get()
    assert (job.ids, job.options) == (None, {"format": "csv", "content": False})


def test_a_deletion_is_confirmed_by_its_count(listed: Page) -> None:
    page = listed
    box(page, "t000").click()
    page.get_by_role("button", name="Delete 1 trace", exact=True).click()
    page.locator("#bulk-ask").get_by_role("button", name="Delete 1 trace").click()
    page.wait_for_selector("text=1 trace deleted.")
    assert Trace.objects.count() == 7


def test_a_view_is_saved_and_shows_that_the_list_differs(listed: Page) -> None:
    page = listed
    page.locator("#q").fill("user:u1")
    page.wait_for_url("**q=user*")
    page.locator("#view-picker").click()
    page.get_by_role("button", name="Save as a new view").click()
    page.get_by_label("Name", exact=True).fill("Of u1")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Saved as Of u1.")
    assert SavedView.objects.get().query == "q=user%3Au1&t=7d"
    assert page.locator("[data-view-dot]").is_hidden()
    page.locator("#q").fill("user:u0")
    page.locator("[data-view-dot]").wait_for()


def test_nothing_is_in_the_way_of_anybody(
    listed: Page, project: Project, alice: User, address: str
) -> None:
    page = listed
    job = run(ask(project, BulkJob.Kind.TAG, alice, options={"tags": ["x"]}))
    box(page, "t001").click()
    page.locator("#bulk").wait_for()
    settled(page)
    assert_no_violations(page, LOOKS)
    for width in (1440, 1280, 390):  # what opens beside its button is opened anew in each
        looks = [look for look in LOOKS if look.width == width]
        wear(page, looks[0])
        if width > 390:
            page.get_by_role("button", name="Tag", exact=True).click()
            assert_no_violations(page, looks)
            page.keyboard.press("Escape")
        page.get_by_role("button", name="Export", exact=True).click()
        assert_no_violations(page, looks)
        page.keyboard.press("Escape")
        page.locator("#view-picker").click()
        assert_no_violations(page, looks)
        page.keyboard.press("Escape")
    for place in ("jobs/", f"jobs/{job.pk}/"):
        page.goto(f"{address}/p/support/{place}")
        assert_no_violations(page, LOOKS)

"""Experiments in a real browser: ticked in the list, compared by keys and filters, opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from evals.models import Experiment
from tests.evals.test_experiment_pages import build
from tests.pages.browsing import PAGE_LOOKS, assert_no_violations, login, settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


def test_runs_are_compared_by_keys_and_filters(
    page: Page, address: str, project: Project, alice: User
) -> None:
    runs = build(project)
    login(page, alice, address)

    # The list: two runs are ticked and compared; what is scored arrives after the rows.
    page.goto("/p/support/experiments/")
    expect(page.locator("#xs-1")).to_contain_text("Faithfulness 0.90")
    page.get_by_label("Select run 2").check()
    page.get_by_label("Select run 1").check()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/experiments/compare/?ids=*")
    settled(page)
    expect(page.locator(".q-say")).to_contain_text("No difference beyond noise")
    expect(page.locator("#lines tr")).to_have_count(2)
    assert_no_violations(page, PAGE_LOOKS)

    # A count narrows the matrix to what it counts, in the address too.
    page.get_by_role("link", name="2 to fail").click()
    expect(page.locator("#items")).to_contain_text("to fail in run 2")
    assert "show=flipped" in page.url
    page.get_by_role("link", name="In any run").click()
    expect(page.locator("#items")).not_to_contain_text("in run 2")
    page.get_by_role("navigation", name="Show").get_by_role("link", name="All").click()
    expect(page.locator("#lines tr")).to_have_count(12)
    page.keyboard.press("/")
    page.keyboard.type("parcel 11")
    expect(page.locator("#lines tr")).to_have_count(1)
    assert "q=parcel" in page.url
    page.get_by_label("Find in answers").fill("")
    expect(page.locator("#lines tr")).to_have_count(12)

    # Keys: the second row, its words against the baseline, its page.
    page.locator("h2", has_text="Items").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#lines tr").nth(1).locator("[data-open]")).to_be_focused()
    page.keyboard.press("d")
    page.wait_for_url("**/items/case-1/**diff=baseline")
    expect(page.locator(".xi-a ins")).to_contain_text("Tuesday")
    assert_no_violations(page, PAGE_LOOKS)
    page.go_back()
    settled(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/items/case-0/?with=*")

    # One run, and a new one like it.
    Experiment.objects.filter(pk=runs[1].pk).update(state="running", done=20, to_judge=48)
    page.goto("/p/support/experiments/2/")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    assert_no_violations(page, PAGE_LOOKS)
    page.get_by_role("link", name="Run again").click()
    page.get_by_label("Repeats").fill("5")
    page.get_by_label("Repeats").press("Tab")
    expect(page.get_by_label("Repeats")).to_have_value("5")
    settled(page)
    assert_no_violations(page, PAGE_LOOKS)
    page.goto("/p/support/experiments/")
    settled(page)
    assert_no_violations(page, PAGE_LOOKS)

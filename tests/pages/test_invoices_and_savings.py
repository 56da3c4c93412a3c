"""An export compared and advice dismissed by a person with a browser, in every look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from costs.services.savings import look_due
from tests.costs.test_savings_are_kept import now, spend
from tests.pages.browsing import PAGE_LOOKS, assert_no_violations, login

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
COSTS = "/p/support/costs/"
EXPORT = Path(__file__).parent.parent / "fixtures" / "costs" / "openai-costs.csv"


def test_an_export_is_loaded_and_advice_dismissed_in_every_look(
    page: Page, project: Project, alice: User, address: str
) -> None:
    spend(project)
    look_due(now())
    login(page, alice, address)
    page.goto(f"{COSTS}invoices/")
    page.get_by_label("Export", exact=True).set_input_files(EXPORT)
    page.get_by_role("button", name="Load and compare").click()
    expect(page.get_by_role("table").first).to_contain_text("Unexplained remainder")
    assert_no_violations(page, PAGE_LOOKS)
    page.goto(f"{COSTS}invoices/")
    assert_no_violations(page, PAGE_LOOKS)
    page.goto(f"{COSTS}savings/")
    assert_no_violations(page, PAGE_LOOKS)
    page.get_by_label("Why it is not followed").first.fill("Answers must be new")
    page.get_by_role("button", name="Dismiss").first.click()
    expect(page.get_by_role("table")).to_contain_text("Answers must be new")

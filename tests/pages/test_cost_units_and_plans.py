"""Unit costs and plans as a person with a browser meets them, in every look."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from costs.services.outcomes import choose_good_end
from costs.services.plans import create_plan
from tests.costs.test_plans import TODAY, draft, prices
from tests.costs.test_units import seed
from tests.pages.browsing import PAGE_LOOKS, assert_no_violations, login
from tests.traces.seeing import call, store

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["prices"]
COSTS = "/p/support/costs/"


def test_units_and_plans_in_every_look(
    page: Page, project: Project, alice: User, address: str
) -> None:
    seed(project, 60)
    choose_good_end(project, kind="outcome", name="resolved", actor=alice)
    launch = TODAY - timedelta(days=9)
    store(project, *(call(f"p{n}", cost=3, feature="answers", ago=86_400 * n) for n in range(1, 9)))
    made = create_plan(project, name="Answers of spring", draft=draft(launch=launch), actor=alice)
    login(page, alice, address)
    for at in ("units/?by=prompt&d=7", "plans/", "plans/new/", f"plans/{made.pk}/"):
        page.goto(f"{COSTS}{at}")
        assert_no_violations(page, PAGE_LOOKS)
    page.goto(f"{COSTS}units/")
    page.get_by_role("navigation", name="Dimension").get_by_role("link", name="Model").click()
    expect(page.locator("#units")).to_contain_text("m2")
    page.get_by_label("Told by").select_option("score")
    page.get_by_label("Name", exact=True).fill("solved")
    page.get_by_role("button", name="Choose").click()
    expect(page.locator("#ends")).to_contain_text("score solved is yes")

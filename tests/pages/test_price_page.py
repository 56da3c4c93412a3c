"""From an unpriced model to its price, as an admin with a browser meets it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Project, User
from pricing.models import PriceJob
from tests.pages.browsing import PAGE_LOOKS, assert_no_violations, login
from tests.traces.recosting import call, state_price, store

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
PRICES = "/p/support/costs/prices/"


@pytest.fixture
def furnished(project: Project, alice: User) -> Project:
    """Calls of a priced and of an unpriced model, and a stated price."""
    state_price(project, "house-*", note="by contract")
    PriceJob.objects.update(state="done", finished_at=timezone.now())
    store(
        project,
        call("a"),
        call("b", at=2),
        call("c", model="house-large"),
        call("d", model="gpt-4o-mini"),
    )
    return project


def test_an_unpriced_model_is_one_form_away_from_its_price(
    page: Page, furnished: Project, alice: User, address: str
) -> None:
    login(page, alice, address)
    page.goto(PRICES)
    row = page.get_by_role("row").filter(has_text="our-model").first
    expect(row).to_contain_text("the base table has no model our-model")
    row.get_by_role("link", name=re.compile("Set a price for our-model")).click()
    expect(page.get_by_label("Model", exact=True)).to_have_value("our-model")
    page.get_by_label("Input", exact=True).fill("1")
    page.get_by_label("Output", exact=True).fill("2")
    page.get_by_label("Valid from (UTC)").fill("2026-01-01T00:00")
    page.get_by_role("button", name="Preview").click()
    told = page.locator("#price-preview")
    expect(told).to_contain_text("2 of 2 calls change: $0 before, $0.0060 after")
    expect(told).to_contain_text("2 had no cost")
    page.get_by_role("button", name="Set price").click()
    expect(page.locator("#toasts")).to_contain_text("The price of our-model is set")
    jobs = page.locator("#jobs")
    expect(jobs).to_contain_text("Waiting")
    job = PriceJob.objects.get(pattern="our-model")
    PriceJob.objects.filter(pk=job.pk).update(state="done", seen=2, changed=2)
    expect(jobs).not_to_contain_text("Waiting")
    expect(jobs).not_to_have_attribute("hx-trigger", "every 2s")


def test_a_mistake_is_said_without_leaving_the_form(
    page: Page, furnished: Project, alice: User, address: str
) -> None:
    login(page, alice, address)
    page.goto(f"{PRICES}?model=our-model")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#price-preview")).to_contain_text("State at least one price")


def test_the_page_is_accessible(page: Page, furnished: Project, alice: User, address: str) -> None:
    login(page, alice, address)
    for at in (PRICES, "/p/support/models-seen/"):
        page.goto(at)
        expect(page.get_by_role("region", name="Table of models in use")).to_be_visible()
        for details in page.locator("details").all():
            details.evaluate("(one) => { one.open = true; }")
        assert_no_violations(page, PAGE_LOOKS)


def test_who_may_not_write_sees_no_form(
    page: Page, furnished: Project, bob: User, address: str
) -> None:
    login(page, bob, address)
    page.goto(PRICES)
    expect(page.get_by_text("Prices are set by admins and owners")).to_be_visible()
    expect(page.get_by_role("button", name="Set price")).to_have_count(0)
    assert_no_violations(page)

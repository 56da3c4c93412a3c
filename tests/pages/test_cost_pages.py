"""Costs in a browser: from what is unexpected to its traces, and a budget whose page arrives."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Project, User
from alerts.delivering import deliver_due
from alerts.services.budgets import follow_budgets
from costs.models import Budget
from tests.alerts.making import bodies, slack
from tests.costs.making import DOLLAR, anomaly, budget
from tests.pages.browsing import PAGE_LOOKS, assert_no_violations, login, settled
from tests.receiver import receiver
from tests.traces.seeing import call, store

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.fixtures import SettingsWrapper as Settings

pytestmark = pytest.mark.django_db(transaction=True)


def spend(project: Project) -> None:
    """Three days of two features and of none, with a spike of one."""
    store(
        project,
        *(
            call(
                f"t{n}", cost=0.2 + n % 3, ago=60 + n * 5000, name="nightly sum",
                feature=("chat", "search", None)[n % 3], model=("gpt-x", "gpt-y")[n % 2],
                in_cached=n * 50, prompt_name="greet", prompt_version=str(n % 2),
            )
            for n in range(40)
        ),
        call("dear", cost=9, ago=3600, feature="chat", model="gpt-x", name="who did it"),
    )  # fmt: skip


def _told() -> None:
    """What the workers do about budgets and messages."""
    try:
        follow_budgets()
        deliver_due()
    finally:
        connections.close_all()


def shoot(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for one."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_from_an_anomaly_to_its_traces_in_two_clicks(
    page: Page, project: Project, alice: User, address: str
) -> None:
    spend(project)
    anomaly(project, since=timezone.now() - timedelta(hours=2), excess=8 * DOLLAR)
    budget(project, alice, limit=40 * DOLLAR, name="All of us")
    at = f"{address}/p/support/costs/"
    login(page, alice, address)
    for path in ("?t=7d", "spend/?by=model&t=7d&feature=chat", "unattributed/?t=7d"):
        page.goto(at + path)
        settled(page)
        shoot(page, "cost-" + path[:5].strip("?=/"))
        assert_no_violations(page, PAGE_LOOKS)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{at}spend/?t=7d")
    settled(page)
    page.get_by_text("Explore the days").click()
    expect(page.locator(".js-plotly-plot .legend .traces").first).to_be_visible()
    shoot(page, "cost-explore")
    page.goto(at)
    page.get_by_role("link", name="$8.00").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spike of chat")
    settled(page)
    assert_no_violations(page, PAGE_LOOKS)
    page.get_by_role("link", name="chat with gpt-x").click()
    expect(page.get_by_role("link", name="who did it").first).to_be_visible()


def test_a_budget_is_set_and_its_drill_arrives(
    page: Page, project: Project, alice: User, address: str, settings: Settings
) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    with receiver() as server:
        slack(project, server)
        login(page, alice, address)
        page.goto(f"{address}/p/support/costs/budgets/?scope=feature&value=chat#new")
        settled(page)
        page.get_by_label("Name").fill("Chat of a month")
        page.get_by_label("Limit", exact=True).fill("12.50")
        page.get_by_role("button", name="Create budget").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Chat of a month")
        settled(page)
        assert_no_violations(page, PAGE_LOOKS)
        made = Budget.objects.get()
        assert (made.value, made.limit) == ("chat", 12_500_000_000)
        page.get_by_role("button", name="Run a drill").click()
        expect(page.get_by_role("status").filter(has_text="drill").first).to_be_visible()
        page.goto(f"{address}/p/support/costs/budgets/")
        settled(page)
        assert_no_violations(page, PAGE_LOOKS)
        with ThreadPoolExecutor(1) as pool:  # beside the loop of the browser
            pool.submit(_told).result()
        (heard,) = bodies(server)
        assert "Drill: The budget" in str(heard)

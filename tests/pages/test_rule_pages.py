"""A rule is written with its past in sight, and found again in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Project, User
from alerts.models import AlertRule
from tests.alerts import rule_making
from tests.alerts.rule_making import traffic
from tests.pages.browsing import PAGE_LOOKS, assert_no_violations, login, settled, wear
from tests.pages.test_alert_pages import shoot

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rule_is_written_with_its_past_in_sight(
    page: Page, address: str, project: Project, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_making, "NOW", timezone.now())
    for hours in range(2, 30, 2):
        traffic(project, 12, ago=60 * hours, failing=6 if hours in (8, 20) else 0)
    login(page, alice, address)
    page.goto("/p/support/alerts/rules/")
    settled(page)
    expect(page.get_by_text("Would have fired").first).to_be_visible()
    assert_no_violations(page, PAGE_LOOKS)
    for look in PAGE_LOOKS:
        wear(page, look)
        shoot(page, f"rules-empty-{look}")
    page.get_by_role("link", name="New rule").click()
    settled(page)
    page.get_by_label("Name").fill("Errors of refunds")
    page.get_by_label("Least number").fill("5")
    page.get_by_label("Scope").fill("feature:refunds")
    preview = page.get_by_role("region", name="The last 14 days")
    expect(preview).to_contain_text("Would have fired twice in 14 days.")
    assert_no_violations(page, PAGE_LOOKS)
    for look in PAGE_LOOKS:
        wear(page, look)
        shoot(page, f"rules-editor-{look}")
    page.get_by_label("Condition").select_option("rises")
    expect(page.get_by_label("By more than, %")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Errors of refunds")
    page.get_by_label("Condition").select_option("above")
    expect(page.get_by_label("Bar, %")).to_be_visible()
    page.get_by_role("button", name="Make the rule").click()
    settled(page)
    expect(page.get_by_text("Would have fired twice in 14 days.")).to_be_visible()
    assert_no_violations(page, PAGE_LOOKS)
    for look in PAGE_LOOKS:
        wear(page, look)
        shoot(page, f"rule-{look}")
    assert AlertRule.objects.get().scope == "feature:refunds"
    page.goto("/p/support/alerts/rules/")
    expect(page.get_by_role("rowheader", name="Errors of refunds")).to_be_visible()
    shoot(page, "rules-list")

"""The page Limits and sampling as an admin meets it whose project is over its limits."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Project, User
from tests.pages.browsing import PAGE_LOOKS, Look, assert_no_violations, login
from tests.traces.seeing import span, store
from traces.queries.limits import Limits, limits_of
from traces.services import Notice, note_intake
from traces.services.limits import set_limits, spend

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
LIMITS = "/p/support/settings/limits/"
LOOKS = [*PAGE_LOOKS, Look("dark", 390)]


@pytest.fixture
def over(project: Project) -> Project:
    """A project over both limits, with traces that were sampled away."""
    features = ("refund-agent", "a-feature-with-a-rather-long-name-of-its-own")
    set_limits(
        project,
        Limits(500, None, 1_000, Decimal("12.5"), 2_500, features, ("vip",), 30),
        actor=None,
    )
    spend({project.pk: 1_204.0})
    note_intake(
        Notice("limited", 503, "POST", "/v1/traces", "Over its limit.", project_id=project.pk), 37
    )
    store(project, span("kept"))
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into trace_hour (project_id, hour, environment, feature, name, release, "
            "sampled, traces, errors, recovered, duration_us, lat_b, lat_n) values "
            "(%s, %s, '', '', 'n', '', true, 1834, 0, 0, 0, '{}', '{}')",
            [project.pk, hour],
        )
    return project


def test_it_is_accessible(page: Page, over: Project, alice: User, address: str) -> None:
    login(page, alice, address)
    page.goto(LIMITS)
    expect(page.get_by_text("over the quota of 1,000")).to_be_visible()
    expect(page.get_by_label("Keep, in percent of all traces")).to_have_value("12.5")
    assert_no_violations(page, LOOKS)
    page.goto("/p/support/settings/intake/")
    expect(page.get_by_label("Limits and sampling")).to_contain_text("1,834")
    assert_no_violations(page, LOOKS)
    page.goto("/p/support/traces/")
    expect(page.locator("#count")).to_contain_text("sampled away")
    assert_no_violations(page, LOOKS)


def test_an_admin_changes_them(page: Page, project: Project, alice: User, address: str) -> None:
    login(page, alice, address)
    page.goto("/p/support/")
    page.goto(LIMITS)
    page.get_by_label("Spans a second").fill("250")
    page.get_by_label("Keep, in percent of all traces").fill("140")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nothing was saved.")).to_be_visible()
    assert_no_violations(page)
    page.get_by_label("Keep, in percent of all traces").fill("20")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    kept = limits_of(project.pk)
    assert (kept.spans_per_second, kept.keep_percent) == (250, Decimal(20))

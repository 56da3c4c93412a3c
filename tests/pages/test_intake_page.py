"""The page Intake as somebody meets it who wonders whether their SDK arrives."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from tests.factories import make_key
from tests.pages.browsing import PAGE_LOOKS, Look, assert_no_violations, connected, login
from traces.services import Notice, note_intake
from traces.services.intake_counts import Count, keep_counts

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
INTAKE = "/p/support/settings/intake/"


@pytest.fixture
def furnished(project: Project) -> Project:
    """An hour of three senders, one of them in trouble, and a notice of why."""
    now = int(time.time())
    for ago in range(60):
        minute = now // 60 - ago
        sdk = (project.pk, minute, "opentelemetry-python", "1.45.2")
        long_name = ("a-house-framework-with-a-rather-long-name-of-its-own", "2026.11.20-rc1+g1")
        keep_counts(
            {
                (*sdk, "genai"): Count(3, 40 + ago % 7, last_at=now, lags=[0] * 40 + [40]),
                (*sdk, "openinference"): Count(1, 12, last_at=now, lags=[0] * 44 + [12]),
                (project.pk, minute, *long_name, ""): Count(
                    1, 2, refused=1, rejected=1, cut=2, clamped=1, last_at=now, lags=[0] * 60 + [2]
                ),
                (project.pk, minute, "", "", "native"): Count(0, 0, refused=1, last_at=now),
            }
        )
    note_intake(
        Notice("refused", 413, "POST", "/v1/traces", "The body is too big.", project_id=project.pk)
    )
    return project


def test_it_is_accessible(page: Page, furnished: Project, alice: User, address: str) -> None:
    login(page, alice, address)
    page.goto(INTAKE)
    expect(page.get_by_role("region", name="Table of senders")).to_be_visible()
    expect(page.get_by_role("navigation", name="Settings")).to_contain_text("Intake")
    assert_no_violations(page, [*PAGE_LOOKS, Look("dark", 390)])


def test_nothing_yet_is_accessible(page: Page, project: Project, alice: User, address: str) -> None:
    login(page, alice, address)
    page.goto(INTAKE)
    expect(page.get_by_text("Nothing arrived in the last hour")).to_be_visible()
    assert_no_violations(page)


def test_what_arrives_appears_by_itself(
    page: Page, project: Project, alice: User, address: str
) -> None:
    login(page, alice, address)
    page.goto("/p/support/intake/")  # where it was
    expect(page).to_have_url(f"{address}{INTAKE}")
    connected(page)
    body = {"spans": [{"name": "one", "start_time": "2026-11-20T12:00:00Z"}]}
    headers = {**make_key(project).headers, "User-Agent": "house-agent/7.1"}
    assert httpx.post(f"{address}/api/v1/traces", json=body, headers=headers).status_code == 200
    row = page.get_by_role("row").filter(has_text="house-agent")
    expect(row).to_contain_text("7.1")  # counts are written every few seconds
    expect(row).to_contain_text("native")

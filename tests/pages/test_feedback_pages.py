"""Scores on the pages in a real browser: accessible in every look, and live."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts.models import Project, User
from tests.pages.browsing import PAGE_LOOKS, assert_no_violations, connected, login, settled
from tests.traces.seeing import call, span, store
from traces.feedback.given import GivenOutcome, GivenScore, Terms
from traces.services.outcomes import record_outcomes
from traces.services.score_definitions import define_score
from traces.services.scores import record_scores

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)

LIST, TRACE, SETTINGS = "/p/support/traces/", "/p/support/traces/t/", "/p/support/settings/scores/"


@pytest.fixture
def scored(project: Project) -> Project:
    store(project, call("t", "a", session_id="s"), span("t", "b", parent_span_id="a", at=0.1))
    store(project, call("u", ago=200))
    record_scores(
        project.pk,
        [
            GivenScore(
                "faithfulness", 0.62, trace_id="t", source="judge", comment="One claim off."
            ),
            GivenScore("faithfulness", 0.9, trace_id="t", span_id="b", source="judge"),
            GivenScore("helpful", False, trace_id="t", source="user", author="pk-rw-1"),
            GivenScore("tone", "very polite", session_id="s", source="human", author="a@b.example"),
        ],
    )
    record_outcomes(project.pk, [GivenOutcome("refunded", trace_id="t")])
    define_score(project, Terms("faithfulness", minimum=0, maximum=1), actor=None)
    define_score(project, Terms("old", is_archived=True), actor=None)
    return project


def test_nothing_is_wrong_with_a_page(
    page: Page, address: str, scored: Project, alice: User
) -> None:
    login(page, alice, address)
    for at in (LIST, f"{TRACE}?tab=scores", SETTINGS):
        page.goto(at)
        settled(page)
        assert_no_violations(page, PAGE_LOOKS)


def test_a_score_appears_while_the_page_is_open(
    page: Page, address: str, scored: Project, alice: User
) -> None:
    login(page, alice, address)
    page.goto(f"{TRACE}?tab=scores")
    connected(page)
    record_scores(scored.pk, [GivenScore("politeness", 0.31, trace_id="t", comment="Fresh")])
    page.locator("#strip-scores", has_text="politeness").wait_for()
    page.locator("#span-scores", has_text="Fresh").wait_for()


def test_the_bar_narrows_the_list(page: Page, address: str, scored: Project, alice: User) -> None:
    login(page, alice, address)
    page.goto(LIST)
    bar = page.get_by_label("Query", exact=True)
    bar.click()
    page.locator("#q[role=combobox]").wait_for()  # its script comes when it is first used
    bar.fill("score.faithfulness<0.7")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=score.faithfulness%3C0.7**")
    page.locator(".fchip", has_text="faithfulness").wait_for()
    assert page.locator("tbody tr").count() == 1
    page.locator(".fchip .fx").click()
    page.wait_for_url("**/traces/**")
    page.locator("tbody tr").nth(1).wait_for()

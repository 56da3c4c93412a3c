"""Answers are labelled by keyboard, and the judge's page changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from evals.models import HumanLabel, QueueItem
from evals.services.calibrating import calibrate, calibrate_due
from tests.evals.labelled import TABLE, calibrated, make_judge, make_queue
from tests.pages.browsing import PAGE_LOOKS, assert_no_violations, connected, login, settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
TONE = {"name": "tone", "data_type": "category", "categories": ["warm", "plain", "cold"]}


def test_answers_are_labelled_by_keyboard_and_the_judges_page_changes(
    page: Page, address: str, project: Project, alice: User, bob: User
) -> None:
    judge = make_judge(project)
    calibrated(judge, bob, TABLE)
    queue = make_queue(project, judge, traces=4, fields=[TONE], instructions="Read all.")
    calibrate(judge.pk)
    login(page, alice, address)
    page.goto(f"/p/support/queue/{queue.pk}/")
    settled(page)
    assert_no_violations(page, PAGE_LOOKS)
    page.keyboard.press("2")
    expect(page.get_by_role("radio", name="partly")).to_be_checked()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("3")
    expect(page.get_by_role("radio", name="cold")).to_be_checked()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("1")
    expect(page.get_by_role("radio", name="faithful", exact=True)).to_be_checked()
    pass_on(page, "Control+Enter", "act=save", "Where is parcel 1?")
    assert said(alice) == {"faithfulness": "faithful", "tone": "cold"}
    pass_on(page, "s", "act=skip", "Where is parcel 2?")
    page.keyboard.press("z")  # the one that was skipped comes back
    expect(page.get_by_role("heading", name="Where is parcel 1?")).to_be_visible()
    page.keyboard.press("f")
    page.get_by_label("What is wrong with it").fill("In Polish")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Where is parcel 1?")).to_be_hidden()
    settled(page)
    assert QueueItem.objects.get(state="flagged").flag == "In Polish"

    page.goto("/p/support/judges/faithfulness/")
    settled(page)
    connected(page)
    expect(page.get_by_text("111 of 130 labels")).to_be_visible()
    row = page.get_by_role("row", name="answer-0065")
    row.get_by_role("button", name="Judge is right").click()
    expect(row).to_be_hidden()
    settled(page)
    connected(page)
    calibrate_due()  # as the worker does; the page hears of it
    expect(page.get_by_text("111 of 129 labels")).to_be_visible()
    slider = page.get_by_role("slider", name="Threshold")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Fails below")).to_have_value("1.00")
    assert_no_violations(page, PAGE_LOOKS)


def pass_on(page: Page, key: str, sent: str, heading: str) -> None:
    with page.expect_response(lambda answer: sent in (answer.request.post_data or "")):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.get_by_role("button", name="Undo last")).to_be_visible()
    settled(page)


def said(person: User) -> dict[str, str]:
    rows = HumanLabel.objects.filter(author=person).values_list("name", "label")
    return {name: label or "" for name, label in rows}

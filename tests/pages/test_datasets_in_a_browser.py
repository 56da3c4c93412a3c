"""A dataset in a real browser: from a failing trace to an item, by keys; every page reads well."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from evals.models import Dataset
from evals.queries.datasets import items_of
from evals.services.datasets import ChangeItem, RemoveItem, change_items
from evals.services.importing import keep_upload
from tests.evals.making import item, make_dataset
from tests.pages.browsing import (
    EVERY_LOOK,
    PAGE_LOOKS,
    assert_no_violations,
    login,
    ready,
    settled,
    wear,
)
from tests.traces.seeing import call, span, store

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
AT = "/p/support/datasets/golden/refunds/"
QUESTION = "Where is my refund for order 1234? I sent the shoes back two weeks ago."


@pytest.fixture
def golden(project: Project, bob: User) -> Dataset:
    dataset = make_dataset(
        project,
        "golden/refunds",
        item(QUESTION, "refund-1", slice="edge", expected="Ask for the tracking number first."),
        item(
            {"messages": [{"role": "user", "content": "Refund NOW or I call my lawyer"}]},
            "refund-2",
            slice="adversarial",
            characteristics=["Stays calm.", "Promises no date."],
        ),
        item({"question": "How long?", "language": "de"}, "refund-3", metadata={"team": "eu"}),
        item("held", "refund-4", split="held_out"),
        item("refnd pls", "refund-5", slice="messy", is_draft=True, title="Typos"),
        actor=bob,
        description="What customers ask about refunds, with the answers that support wrote.",
    )
    change_items(
        dataset,
        [
            ChangeItem("refund-1", {"expected": "Ask for the tracking number, then look."}),
            item(QUESTION.replace("two", "three"), "refund-6"),
            RemoveItem("refund-3"),
        ],
        actor=bob,
        message="Say what comes next",
    )
    return dataset


def test_a_failing_trace_is_an_item_in_two_clicks_or_keys(
    page: Page, project: Project, bob: User, golden: Dataset, address: str
) -> None:
    store(
        project,
        span("t1", input="Where is order 99?", output="Tomorrow!"),
        call("t1", "c", parent_span_id="root", input="Where is order 99?", output="Tomorrow!"),
    )
    login(page, bob, address)
    page.goto("/p/support/traces/t1/")
    settled(page)
    page.keyboard.press("d")
    expect(page.get_by_role("heading", name="Add to dataset")).to_be_visible()
    settled(page)
    expect(page.get_by_label("Input", exact=True)).to_have_value("Where is order 99?")
    assert_no_violations(page)
    page.get_by_role("button", name="Add the item").click()
    expect(page.get_by_text("Added to golden/refunds")).to_be_visible()
    rows = items_of(golden, 3)
    assert [row.input for row in rows if row.item.source_trace_id == "t1"] == ["Where is order 99?"]
    page.get_by_role("link", name="Open the item").click()
    expect(page.get_by_role("link", name="From a trace")).to_be_visible()


def test_every_page_of_a_dataset_reads_well(
    page: Page, project: Project, bob: User, golden: Dataset, address: str
) -> None:
    upload = keep_upload(
        golden, "cases.csv", b"id,question,answer,tag\na,Where?,Here,\n,,x,\n", actor=bob
    )
    login(page, bob, address)
    places = {
        "list": "/p/support/datasets/",
        "items": AT,
        "versions": f"{AT}?tab=versions",
        "settings": f"{AT}?tab=settings",
        "diff": f"{AT}diff/1..2/",
        "item": f"{AT}items/refund-1/",
        "form": f"{AT}items/refund-2/?edit=1",
        "held": f"{AT}items/refund-4/",
        "drafts": f"{AT}drafts/",
        "import": f"{AT}import/{upload.pk}/",
    }
    folder = os.environ.get("SHOTS", "")
    for name, place in places.items():
        page.goto(place)
        settled(page)
        assert_no_violations(page, PAGE_LOOKS)
        for look in EVERY_LOOK if folder else ():
            wear(page, look)
            page.screenshot(path=f"{folder}/{name}-{look}.png")
    page.goto(f"{AT}drafts/")
    ready(page)
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="No draft waits")).to_be_visible()
    assert not [row for row in items_of(golden, 3, with_drafts=True) if row.is_draft]

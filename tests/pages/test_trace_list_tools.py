"""The list of traces by keyboard: query, facets, histogram, what differs, peek, columns."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from tests.pages.browsing import LOOKS, assert_no_violations, login, settled
from tests.traces.seeing import call, span, store
from traces.ingest.record import Kind, Level

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/p/support/traces/"


def fill(project: Project, old: int, new: int) -> None:
    """Old calls, and new ones of another model, some failed."""
    common = {"feature": "refunds", "input": "Where is my order?", "output": "On its way."}
    store(
        project,
        *(call(f"old-{n:02}", ago=7200 + 60 * n, name="answer", **common) for n in range(old)),
        *(
            span(f"new-{n:02}", "a", ago=300 + n, name="resolve", kind=Kind.AGENT,
                 level=Level.ERROR if n % 4 == 0 else Level.DEFAULT, **common)
            for n in range(new)
        ),
        *(
            call(f"new-{n:02}", "b", ago=300 + n, parent_span_id="a", model="claude-3",
                 level=Level.ERROR if n % 4 == 0 else Level.DEFAULT)
            for n in range(new)
        ),
    )  # fmt: skip


@pytest.fixture
def filled(page: Page, address: str, alice: User, project: Project) -> Page:
    """A signed-in tab over forty old calls and twenty new ones."""
    fill(project, 40, 20)
    login(page, alice, address)
    return page


def _open(page: Page, query: str = "t=6h") -> None:
    page.goto(f"{LIST}?{query}")
    page.wait_for_selector("#facets details")
    page.wait_for_selector("[data-bars]")
    page.locator("#facets summary").first.hover()
    settled(page)


def test_a_query_is_written_with_suggestions(filled: Page) -> None:
    page = filled
    _open(page)
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("mod")
    expect(page.get_by_role("option", name=re.compile("model"))).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_have_value("model:")
    expect(page.get_by_role("option", name=re.compile("claude-3"))).to_be_visible()
    page.keyboard.type("cl")
    expect(page.get_by_role("option", name=re.compile("gpt-4o"))).to_have_count(0)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("[data-rows] > [data-id]")).to_have_count(20)
    expect(page).to_have_url(re.compile("q=model%3Aclaude-3"))
    expect(page.get_by_role("link", name="Remove model is claude-3")).to_be_visible()
    page.keyboard.press("End")
    page.keyboard.type("latncy>2s")
    expect(page.locator("#q-error")).to_contain_text("There is no field “latncy”")
    expect(page.locator("[data-rows] > [data-id]")).to_have_count(20)  # the last good rows


def test_facets_edit_the_query_and_alt_excludes(filled: Page) -> None:
    page = filled
    _open(page)
    link = page.locator("#facets").get_by_role("link", name=re.compile("^Error"))
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_have_value("status:error")
    expect(page.locator("[data-rows] > [data-id]")).to_have_count(5)
    page.wait_for_selector("#facets a[aria-current]")
    page.get_by_role("link", name="Turn round: status is error").click()
    expect(page.locator("#q")).to_have_value("-status:error")
    page.get_by_role("link", name=re.compile("^Remove status")).click()
    expect(page.locator("#q")).to_have_value("")
    page.wait_for_selector("#facets details")
    page.locator("#facets").get_by_role("link", name=re.compile("^claude-3")).click(
        modifiers=["Alt"]
    )
    expect(page.locator("#q")).to_have_value("model!=claude-3")
    expect(page.locator("[data-rows] > [data-id]")).to_have_count(40)


def test_a_range_is_selected_with_keys_and_compared(filled: Page) -> None:
    page = filled
    _open(page)
    page.locator("[data-bars]").focus()
    page.wait_for_selector("[data-bars][data-ready]")
    page.keyboard.press("ArrowLeft")
    for _ in range(5):
        page.keyboard.press("Shift+ArrowLeft")
    expect(page).to_have_url(re.compile("sel="))
    expect(page.locator("#hist").get_by_role("link", name="20 traces")).to_be_visible()
    expect(page.locator("#hist").get_by_role("link", name="5 errors")).to_be_visible()
    expect(page.locator("[data-bars]")).to_be_focused()
    page.get_by_role("link", name="What is different here?").focus()
    page.keyboard.press("Enter")
    chip = page.get_by_role("link", name="Filter for model claude-3: 100%, rest 0%")
    expect(chip).to_be_visible()
    page.get_by_role("button", name=re.compile("^All .* attributes")).click()
    expect(page.get_by_role("dialog", name="What is different here")).to_contain_text("Cohen")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Zoom").click()
    expect(page).to_have_url(re.compile(r"t=\d{4}.*\.\."))
    expect(page.locator("[data-rows] > [data-id]")).to_have_count(20)


def test_a_range_is_dragged(filled: Page) -> None:
    page = filled
    _open(page)
    box = page.locator("[data-bars]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 30)
    page.wait_for_selector("[data-bars][data-ready]")
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 30, steps=4)
    page.mouse.up()
    expect(page.locator("#hist").get_by_role("link", name="20 traces")).to_be_visible()
    page.get_by_role("link", name="Clear the selected range").click()
    expect(page).not_to_have_url(re.compile("sel="))


def test_a_trace_is_peeked_at_and_followed(filled: Page) -> None:
    page = filled
    _open(page)
    page.keyboard.press("j")
    page.keyboard.press("Space")
    heading = page.locator("#peek-h")
    expect(heading).to_be_focused()
    expect(page.locator("#peek")).to_contain_text("Where is my order?")
    expect(page).to_have_url(re.compile("peek=new-00"))
    page.keyboard.press("j")
    expect(page.locator("[data-peeked]")).to_have_attribute("data-peeked", "new-01")
    page.keyboard.press("[")
    expect(page.locator("[data-peeked]")).to_have_attribute("data-peeked", "new-00")
    page.reload()
    expect(heading).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#peek")).to_be_empty()
    expect(page).not_to_have_url(re.compile("peek="))


def test_columns_orders_and_statistics(filled: Page) -> None:
    page = filled
    _open(page)
    page.get_by_role("button", name="Duration").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Highest first").press("Enter")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Duration")
    page.get_by_role("button", name="Model").press("Enter")
    page.get_by_role("link", name="Statistics").press("Enter")
    expect(page.locator("#stats")).to_contain_text("gpt-4o")
    expect(page.locator("#stats-h")).to_be_focused()
    page.get_by_role("button", name="Columns").press("Enter")
    page.get_by_label("Feature", exact=True).check()
    page.get_by_label("User", exact=True).uncheck()
    page.get_by_role("button", name="Show", exact=True).press("Enter")
    expect(page.get_by_role("columnheader", name="Feature")).to_be_visible()
    expect(page.get_by_role("columnheader", name="User")).to_have_count(0)
    expect(page).to_have_url(re.compile("cols=.*feature"))
    page.get_by_role("button", name="Comfortable rows").press("Enter")
    expect(page.locator("tbody .an").first).to_be_visible()


def test_the_first_load_is_small(filled: Page) -> None:
    page = filled
    scripts: dict[str, bytes] = {}
    page.on(
        "response",
        lambda answer: (
            scripts.update({answer.url: answer.body()}) if "/js/" in answer.url else None
        ),
    )
    answer = page.goto(f"{LIST}?t=6h")
    assert answer is not None
    assert len(gzip.compress(answer.body())) < 30_000
    page.wait_for_selector("[data-bars]")
    settled(page)
    pieces = page.evaluate(
        """() => {
            const [page] = performance.getEntriesByType("navigation");
            return performance.getEntriesByType("resource")
                .filter((piece) => piece.startTime < page.loadEventStart)
                .filter((piece) => piece.initiatorType !== "xmlhttprequest")
                .map((piece) => piece.name)
                .filter((name) => !name.startsWith("data:"));
        }"""
    )
    assert 1 + len(pieces) <= 8, "\n".join(pieces)
    assert page.locator("*").count() <= 6000
    assert sum(len(gzip.compress(body)) for body in scripts.values()) <= 14_500, list(scripts)


def test_axe_finds_nothing(page: Page, address: str, alice: User, project: Project) -> None:
    fill(project, 6, 6)  # more rows of the same kind cost axe a second each time
    login(page, alice, address)
    now = datetime.now(UTC)
    since, until = now - timedelta(minutes=30), now + timedelta(minutes=1)
    chosen = f"{since:%Y-%m-%dT%H:%MZ}..{until:%Y-%m-%dT%H:%MZ}"
    for query in (
        f"t=6h&q=model:claude-3&sel={chosen}",
        "t=6h&cols=time,name,session,feature,tags,ttft,spans,attr.tier&sort=-latency",
        "t=6h&peek=new-00",
        "t=6h&q=latncy:1",
    ):
        page.goto(f"{LIST}?{query}")
        settled(page)
        if "sel=" in query:
            page.get_by_role("link", name="What is different here?").dispatch_event("click")
            page.locator("#differs .dif").wait_for()
            settled(page)
        assert_no_violations(page, LOOKS)

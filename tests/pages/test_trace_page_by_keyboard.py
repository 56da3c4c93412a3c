"""The page of a trace by keyboard alone, on a phone, while it runs, and for all to use."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from tests.factories import make_key
from tests.pages.browsing import LOOKS, Look, assert_no_violations, login, ready, settled, wear
from traces.models import Score, ScoreDefinition, TraceNote

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
TRACE = "/p/support/traces/ticket/"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _span(
    span_id: str, parent: str | None, name: str, kind: str, at: int, ms: int | None, **more: object
) -> dict[str, object]:
    start = NOON + timedelta(milliseconds=at)
    found: dict[str, object] = {
        "span_id": span_id, "parent_span_id": parent, "name": name, "kind": kind,
        "start_time": start.isoformat(), **more,
    }  # fmt: skip
    if ms is not None:
        found["end_time"] = (start + timedelta(milliseconds=ms)).isoformat()
    return found


def _trace(identity: str, *, at: int = 0, answer: str = "Refunded.") -> dict[str, object]:
    chat = [{"role": "user", "content": "Order 88412 was charged twice."}]
    usage = {"input_total": 900, "output_total": 120}
    return {
        "id": identity,
        "name": "agent.resolve_ticket",
        "spans": [
            _span("r", None, "agent.resolve_ticket", "agent", at, 8000),
            _span("a", "r", "plan_turn", "generation", at + 100, 1200, model="m", tokens=usage,
                  input=chat, output="Look it up."),
            _span("t", "r", "refunds.create", "tool", at + 2000, 460, level="ERROR",
                  error_type="Conflict", status_message="taken", input={"order": 1}),
            *[_span(f"e{n}", "r", "embed", "embedding", at + 2600 + n, 40) for n in range(8)],
            _span("c", "r", "compose_reply", "generation", at + 3000, 4900, model="m",
                  tokens=usage, cost_usd="0.02", input=chat, output=answer),
            _span("j", "r", "judge", "evaluator", at + 49_000, 500),
        ],
    }  # fmt: skip


@pytest.fixture
def seen(page: Page, address: str, alice: User, project: Project) -> Page:
    """A signed-in tab, with two traces stored."""
    login(page, alice, address)
    sent = [_trace("ticket"), _trace("other", at=-60_000, answer="Refused.")]
    with httpx.Client(base_url=address, headers=make_key(project).headers, timeout=30) as http:
        for one in sent:
            assert http.post("/api/v1/traces", json=one).status_code == 200
    ScoreDefinition.objects.create(project=project, name="helpful", data_type="boolean")
    ScoreDefinition.objects.create(project=project, name="tone", data_type="number", maximum=5)
    return page


def test_everything_is_reached_by_keys(seen: Page) -> None:
    page = seen
    page.goto(f"{TRACE}?t=400d")
    ready(page)
    expect(page.locator("#place")).to_have_text("1 of 2")
    page.keyboard.press("c")
    expect(page.get_by_text("Critical path 8.00 s over")).to_be_visible()
    expect(page).to_have_url(re.compile("critical=1"))
    settled(page)
    page.keyboard.press("c")
    expect(page.locator("#critical")).not_to_have_attribute("aria-current", "true")
    page.keyboard.press("/")
    page.keyboard.type("compose")
    expect(page.get_by_text("1 of 13 spans")).to_be_visible()
    expect(page).to_have_url(re.compile("find=compose"))
    page.keyboard.press("Escape")
    page.goto(f"{TRACE}?t=400d")
    ready(page)
    brush = page.locator("#brush")
    brush.focus()
    for _ in range(2):
        expect(page.locator("#brush[data-ready]")).to_be_focused()
        before = brush.get_attribute("aria-valuetext")
        page.keyboard.press("+")
        expect(page.locator("#brush")).not_to_have_attribute("aria-valuetext", str(before))
    expect(page.locator("#brush[data-ready]")).to_be_focused()
    expect(page).to_have_url(re.compile("zoom="))
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("zoom="))
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile("/traces/other/"))
    page.keyboard.press("[")
    expect(page).to_have_url(re.compile("/traces/ticket/"))


def test_what_is_typed_as_a_region_comes_is_heard(seen: Page) -> None:
    """What htmx has swapped in listens as soon as it is there, however quick the hand is."""
    page = seen
    page.goto(f"{TRACE}?t=400d&critical=1")
    ready(page)
    page.evaluate(
        """() => {
          const old = document.querySelector("#find");
          new MutationObserver((_, observer) => {
            const find = document.querySelector("#find");
            if (find === old || !find) return;
            observer.disconnect();
            find.value = "compose";
            find.dispatchEvent(new InputEvent("input", {bubbles: true}));
          }).observe(document.body, {childList: true, subtree: true});
        }"""
    )
    page.keyboard.press("c")
    expect(page.get_by_text("1 of 13 spans")).to_be_visible()


def test_a_person_annotates_by_keys(seen: Page, project: Project) -> None:
    page = seen
    page.goto(f"{TRACE}?span=c")
    ready(page)
    page.keyboard.press("a")
    expect(page.locator("#annotate-h")).to_be_focused()
    settled(page)
    page.keyboard.press("2")
    expect(page.get_by_role("radio", name="No", exact=True)).to_be_checked()
    page.get_by_label("Add tags").focus()
    page.keyboard.type("golden")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 score saved, tagged golden.")).to_be_visible()
    settled(page)  # its heading takes the focus
    page.get_by_label("Add a note").focus()
    page.keyboard.type("Seen by keys.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Note kept.")).to_be_visible()
    settled(page)
    score = Score.objects.get(project_id=project.pk)
    assert (score.name, score.num, score.span_id, score.source) == ("helpful", 0, None, "human")
    assert TraceNote.objects.get().text == "Seen by keys."
    page.get_by_role("button", name="Remove the tag golden").press("Enter")
    expect(page.get_by_text("golden is removed.")).to_be_visible()
    settled(page)
    page.get_by_role("link", name="Back to span").press("Enter")
    expect(page.locator("#span-h")).to_have_text("compose_reply")


def test_a_link_is_made_opened_and_revoked(seen: Page, browser: object, address: str) -> None:
    page = seen
    page.goto(TRACE)
    ready(page)
    page.get_by_role("link", name="Share").press("Enter")
    expect(page.locator("#share-h")).to_be_focused()
    page.get_by_role("button", name="Make link").press("Enter")
    link = page.locator("#made-link").inner_text()
    anybody = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    path = link[link.index("/share/") :]
    outside = anybody.new_page()
    outside.goto(f"{address}{path}")
    expect(outside.get_by_role("heading", name="agent.resolve_ticket")).to_be_visible()
    assert "88412" not in outside.content()
    page.get_by_role("button", name="Revoke").press("Enter")
    expect(page.get_by_text("The link is revoked.")).to_be_visible()
    assert outside.goto(f"{address}{path}").status == 404
    anybody.close()


def test_the_window_is_drawn_with_the_pointer(seen: Page) -> None:
    page = seen
    page.goto(TRACE)
    ready(page)
    page.wait_for_selector("#brush[data-ready]")
    box = page.locator("#brush").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 12, steps=4)
    page.mouse.up()
    expect(page.get_by_text("Show everything")).to_be_visible()
    expect(page.locator('[data-span="c"]')).to_have_count(0)
    page.get_by_role("link", name="Show everything").click()
    expect(page.locator('[data-span="c"]')).to_have_count(1)


def test_a_running_trace_goes_on_by_itself_and_keeps_what_was_folded(
    page: Page, address: str, alice: User, project: Project
) -> None:
    login(page, alice, address)
    with httpx.Client(base_url=address, headers=make_key(project).headers, timeout=30) as http:
        late = {"start_time": datetime.now(UTC).isoformat()}
        spans = [
            {"span_id": "r", "name": "run", "kind": "agent", **late},
            {"span_id": "p", "parent_span_id": "r", "name": "part", **late},
            {"span_id": "q", "parent_span_id": "p", "name": "inner", **late},
        ]
        http.post("/api/v1/traces", json={"id": "live", "spans": spans})
        page.goto("/p/support/traces/live/")
        ready(page)
        expect(page.get_by_text("Still running").first).to_be_visible()
        page.locator('[data-span="p"]').focus()
        page.keyboard.press("ArrowLeft")
        expect(page.locator('[data-span="q"]')).to_be_hidden()
        more = {"span_id": "n", "parent_span_id": "r", "name": "came later", **late}
        http.post("/api/v1/traces", json={"id": "live", "spans": [more]})
        expect(page.get_by_role("link", name="came later")).to_be_visible()
        settled(page)
        expect(page.locator('[data-span="q"]')).to_be_hidden()
        expect(page.locator('[data-span="p"]')).to_be_focused()


def test_on_a_phone_the_tree_stands_above_the_span(seen: Page) -> None:
    page = seen
    wear(page, Look("light", 390))
    page.goto(TRACE)
    ready(page)
    page.locator('[data-span="c"] a').click()
    expect(page.locator("#span-h")).to_have_text("compose_reply")
    expect(page.locator("#span-h")).to_be_in_viewport()
    page.get_by_role("link", name="Back to tree").click()
    expect(page.locator("#main")).to_be_in_viewport()


def test_views_can_be_read_without_script(
    seen: Page, browser: object, address: str, alice: User
) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    login(page, alice, address)
    page.goto(TRACE)
    page.get_by_role("link", name="Conversation").click()
    expect(page.get_by_text("Look it up.")).to_be_visible()
    page.get_by_role("link", name="Log").click()
    expect(page.get_by_role("cell", name="m, 1.20 s")).to_be_visible()
    page.get_by_role("link", name="Annotate").click()
    page.get_by_label("Add a note").fill("Without script.")
    page.get_by_role("button", name="Save").last.click()
    expect(page).to_have_url(re.compile("/traces/ticket/"))
    assert TraceNote.objects.get().text == "Without script."
    context.close()


def test_axe_finds_nothing(seen: Page) -> None:
    page = seen
    for address in (
        TRACE,
        f"{TRACE}?critical=1",
        f"{TRACE}?zoom=1000000-4000000",
        f"{TRACE}?only=slow",
        f"{TRACE}?view=conversation",
        f"{TRACE}?view=log",
        f"{TRACE}annotate/?span=c",
        f"{TRACE}share/",
        f"{TRACE}compare/",
        f"{TRACE}compare/other/",
        "/p/support/settings/shares/",
        "/p/support/traces/absent/",
    ):
        page.goto(address)
        settled(page)
        assert_no_violations(page, LOOKS)
        if address == f"{TRACE}share/":
            page.get_by_role("button", name="Make link").click()
            link = page.locator("#made-link").inner_text()
            assert_no_violations(page)
            page.goto(link[link.index("/share/") :])
            assert_no_violations(page)

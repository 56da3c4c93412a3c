"""Traces in a real browser: read by keyboard, arriving by themselves, usable by all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from tests.factories import make_key
from tests.pages.browsing import EVERY_LOOK, assert_no_violations, connected, login, ready, settled
from traces.services import Notice, note_intake

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS = [look for look in EVERY_LOOK if look.width in {1440, 390}]
LIST = "/p/support/traces/"


def _span(
    span_id: str, parent: str | None, name: str, kind: str, at: int, ms: int, **more: object
) -> dict[str, object]:
    start = f"2026-11-20T12:00:{at // 1000:02}.{at % 1000:03}Z"
    end = f"2026-11-20T12:00:{(at + ms) // 1000:02}.{(at + ms) % 1000:03}Z"
    return {
        "span_id": span_id, "parent_span_id": parent, "name": name, "kind": kind,
        "start_time": start, "end_time": end, **more,
    }  # fmt: skip


def _ticket(identity: str = "ticket") -> dict[str, object]:
    """An agent that plans, looks an order up, fails a refund and answers."""
    chat = [
        {"role": "system", "content": "You are the refunds specialist. " * 200},
        {"role": "user", "content": "Order 88412 was charged twice."},
    ]
    usage = {"input_total": 900, "output_total": 120, "input_cached": 400}
    return {
        "id": identity,
        "name": "agent.resolve_ticket",
        "user_id": "u_48213",
        "session_id": "s_91fa",
        "environment": "production",
        "feature": "refunds",
        "tags": ["beta"],
        "spans": [
            _span("r", None, "agent.resolve_ticket", "agent", 0, 8420, input="Charged twice"),
            _span("p", "r", "plan_turn", "chain", 100, 1200),
            _span("l", "p", "chat", "generation", 140, 1150, model="haiku-4.5", tokens=usage),
            _span("s", "r", "search_policies", "retriever", 1400, 440,
                  documents=[{"id": "policy-4.1", "content": "In a week.", "score": 0.9}]),
            _span("t", "r", "refunds.create", "tool", 2000, 460, level="ERROR", error_type="409",
                  status_message="Conflict", input={"order_id": "88412"}),
            _span("c", "r", "compose_reply", "generation", 3000, 2420, model="sonnet-4.5",
                  tokens=usage, cost_usd="0.0229", prompt_name="refund", prompt_version="v15",
                  input=chat, output=[{"role": "assistant", "content": "Refunded."}]),
        ],
    }  # fmt: skip


@pytest.fixture
def send(address: str, project: Project) -> Iterator[httpx.Client]:
    """Sends to the project's intake over HTTP."""
    headers = make_key(project).headers
    with httpx.Client(base_url=address, headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
def seen(page: Page, address: str, alice: User, send: httpx.Client) -> Page:
    """A signed-in tab, with one trace stored."""
    login(page, alice, address)
    assert send.post("/api/v1/traces", json=_ticket()).status_code == 200
    return page


def test_the_first_trace_appears_on_onboarding_by_itself(
    page: Page, address: str, alice: User, project: Project, send: httpx.Client
) -> None:
    login(page, alice, address)
    page.goto("/p/support/")
    waiting = page.locator("#waiting")
    expect(waiting).to_contain_text("No request yet")
    connected(page)
    refused = send.post("/api/v1/traces", json=[7])
    assert refused.status_code >= 400
    expect(waiting).to_contain_text("Last request: rejected")
    page.get_by_role("button", name="Make another key").click()
    secret = page.locator("#secret-key")
    expect(secret).to_contain_text("sk-rw-")
    page.locator("label", has_text="curl").click()
    expect(page.locator("#snippet-curl")).to_contain_text(secret.inner_text())
    assert send.post("/api/v1/traces", json=_ticket()).status_code == 200
    expect(waiting).to_contain_text("Your first trace is here")
    expect(secret).to_be_visible()  # nothing but the waiting line was replaced
    page.get_by_role("link", name="Open it").click()
    expect(page).to_have_url(re.compile("/traces/ticket/"))


def test_the_first_trace_and_those_after_it_appear_on_the_list(
    page: Page, address: str, alice: User, project: Project, send: httpx.Client
) -> None:
    login(page, alice, address)
    page.goto(f"{LIST}?t=400d")
    expect(page.get_by_text("No traces yet")).to_be_visible()
    connected(page)
    send.post("/api/v1/traces", json=_ticket())
    rows = page.locator("tbody")  # the facets name it as well
    expect(rows.get_by_role("link", name="agent.resolve_ticket")).to_be_visible()
    later = _ticket("later")
    for span in later["spans"]:  # type: ignore[attr-defined]
        span["start_time"] = span["start_time"].replace("T12", "T13")
        span["end_time"] = span["end_time"].replace("T12", "T13")
    send.post("/api/v1/traces", json=later)
    news = page.get_by_text("1 new trace")
    expect(news).to_be_visible()
    assert page.locator("tbody tr").count() == 1  # the list does not jump
    news.click()
    expect(page.locator("tbody tr")).to_have_count(2)


def test_the_list_and_a_trace_are_walked_by_keyboard(seen: Page) -> None:
    page = seen
    page.goto(f"{LIST}?t=400d")
    ready(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/traces/ticket/"))
    chosen = page.locator('[role="treeitem"][aria-selected="true"]')
    expect(chosen).to_have_attribute("data-span", "t")  # where the trouble began
    expect(page.locator("#span-h")).to_have_text("refunds.create")
    ready(page)
    page.keyboard.press("j")  # to the row that is open
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#span-h")).to_have_text("compose_reply")
    expect(page).to_have_url(re.compile("span=c"))
    expect(page.locator("#span")).to_contain_text("Refunded.")
    page.keyboard.press("e")
    expect(page.locator("#span-h")).to_have_text("refunds.create")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    expect(page.locator('[data-span="c"]')).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-span="c"]')).to_be_visible()
    page.go_back()
    expect(page.locator("#span-h")).to_have_text("compose_reply")


def test_keys_wait_for_their_script_in_their_order(seen: Page) -> None:
    page = seen
    held: list[Route] = []
    page.route(re.compile(r"/js/(shortcuts|palette)\.js"), lambda route: held.append(route))

    def let_go() -> None:
        for _ in range(1000):
            if held:
                return held.pop().continue_()
            page.evaluate("new Promise(requestAnimationFrame)")
        raise AssertionError("no script was asked for")

    page.goto(f"{LIST}?t=400d")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("t=400d$"))
    let_go()
    page.wait_for_url("**/traces/ticket/**")
    page.keyboard.press("Control+k")
    page.keyboard.type("refund")
    let_go()
    let_go()
    expect(page.locator("#palette-q")).to_have_value("refund")


def test_a_filter_changes_rows_address_and_chips(seen: Page) -> None:
    page = seen
    page.goto(f"{LIST}?t=400d")
    bar = page.get_by_label("Query", exact=True)
    bar.fill("name:agent* latncy>2s")
    expect(page.locator("#q-error mark")).to_have_text("latncy")
    expect(page.locator("#q-error")).to_contain_text("Expected latency.")
    expect(page.locator("tbody").get_by_role("link", name="agent.resolve_ticket")).to_be_visible()
    bar.fill('"nothing like it"')
    expect(page.get_by_text("No trace matches")).to_be_visible()
    expect(page.locator("#q-error mark")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"\?q=%22nothing\+like\+it%22&t=400d$"))
    page.locator(".qc").get_by_role("link", name="Remove").click()
    rows = page.locator("tbody")
    expect(rows.get_by_role("link", name="agent.resolve_ticket")).to_be_visible()
    page.locator("#facets").get_by_role("link", name="Recovered").click()
    expect(page).to_have_url(re.compile("q=status%3Arecovered"))
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")  # parts scroll


def test_news_never_overtakes_what_the_reader_asked_for(seen: Page) -> None:
    """Traces change while a filter's answer is on its way: that answer is shown all the same."""
    page = seen
    page.goto(f"{LIST}?t=400d&q=absent")
    settled(page)
    held: list[Route] = []
    page.route(
        lambda url: "absent" not in url and "piece=" not in url, lambda route: held.append(route)
    )
    page.locator(".qc").get_by_role("link", name="Remove").click()
    page.wait_for_function("() => document.querySelector('#by-link.htmx-request')")
    is_asked = """() => {
      const live = document.querySelector("#results [data-live]");
      live.dispatchEvent(new CustomEvent("changed:traces"));
      return live.classList.contains("htmx-request");
    }"""
    assert not page.evaluate(is_asked)
    assert len(held) == 1
    held[0].continue_()
    expect(page.locator("tbody").get_by_role("link", name="agent.resolve_ticket")).to_be_visible()
    page.unroute_all()


def test_axe_finds_nothing(seen: Page, project: Project) -> None:
    page = seen
    note_intake(
        Notice(
            "refused", 404, "POST", "/v1/trace", "Traces go to /v1/traces.", project_id=project.pk
        )
    )
    for address in (
        "/p/support/",
        f"{LIST}?t=400d",
        f"{LIST}?t=400d&q=absent",
        f"{LIST}?t=400d&q=absnt:x",
        f"{LIST}?t=400d&status=error&min_duration=1ms",
        f"{LIST}ticket/",
        *(f"{LIST}ticket/?span=c&tab={tab}" for tab in ("messages", "cost", "attributes", "json")),
        f"{LIST}ticket/?span=s&tab=documents",
        f"{LIST}gone/",
        "/p/support/settings/intake/",
    ):
        page.goto(address)
        settled(page)
        assert_no_violations(page, LOOKS)


def test_axe_finds_nothing_on_onboarding(
    page: Page, address: str, alice: User, project: Project
) -> None:
    login(page, alice, address)
    page.goto("/p/support/")
    assert_no_violations(page, LOOKS)
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator("#secret-key")).to_be_visible()
    assert_no_violations(page, LOOKS)


def test_the_api_reference_runs_under_the_content_security_policy(page: Page) -> None:
    page.goto("/api/v1/docs")
    page.locator("#operations-tag-traces").get_by_role("button", name="Expand").click()
    expect(page.get_by_text("Traces, newest first")).to_be_visible()


def test_pages_can_be_read_without_script(
    seen: Page, browser: object, address: str, alice: User
) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    login(page, alice, address)
    page.goto(f"{LIST}?t=400d")
    page.locator("tbody").get_by_role("link", name="agent.resolve_ticket").click()
    page.get_by_role("link", name="compose_reply").click()
    expect(page.locator("#span")).to_contain_text("Refunded.")
    page.get_by_role("link", name="Attributes").click()
    expect(page.locator("#span")).to_contain_text("Attributes")
    context.close()

"""Overview, sessions and users in a real browser: by keyboard, by themselves, usable by all."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from django.conf import settings
from playwright.sync_api import expect

from accounts.models import Project, User
from tests.factories import make_key
from tests.pages.browsing import EVERY_LOOK, assert_no_violations, connected, login, ready, settled
from tests.traces.stored import connect
from traces.digest import queue
from traces.digest.settle import settle_what_is_due

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS = [look for look in EVERY_LOOK if look.width != 1280 or look.theme == "light"]


def _turn(number: int, minutes: float, session: str = "chat/1", **more: Any) -> dict[str, Any]:
    """One trace of a session, with a tool and an answer."""
    start = datetime.now(UTC) - timedelta(minutes=minutes)

    def at(seconds: float) -> str:
        return (start + timedelta(seconds=seconds)).isoformat()

    chat = [{"role": "user", "content": f"Question {number}?"}]
    answer = [{"role": "assistant", "content": f"Answer **{number}**."}]
    return {
        "id": f"{session.replace('/', '-')}-{number}",
        "name": "agent.resolve",
        "user_id": "u_48213",
        "session_id": session,
        "environment": "production",
        "release": "1.1" if minutes < 60 else "1.0",
        "spans": [
            {"span_id": "r", "name": "agent.resolve", "kind": "agent", "start_time": at(0),
             "end_time": at(6), "input": f"Question {number}?", "output": f"Answer **{number}**."},
            {"span_id": "t", "parent_span_id": "r", "name": "orders.lookup", "kind": "tool",
             "start_time": at(1), "end_time": at(2), "input": {"order": "88412"},
             "output": {"state": "shipped"}, **more},
            {"span_id": "c", "parent_span_id": "r", "name": "chat", "kind": "generation",
             "start_time": at(2), "end_time": at(5), "model": "sonnet-4.5", "cost_usd": "0.02",
             "tokens": {"input_total": 900, "output_total": 120}, "input": chat, "output": answer},
        ],
    }  # fmt: skip


@pytest.fixture
def send(address: str, project: Project) -> Iterator[httpx.Client]:
    headers = make_key(project).headers
    with httpx.Client(base_url=address, headers=headers, timeout=30) as client:
        yield client


def settle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)
    with connect() as link:
        settle_what_is_due(link)


@pytest.fixture
def seen(
    page: Page,
    address: str,
    alice: User,
    send: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
) -> Page:
    """A signed-in tab; a session of three turns, one of them with a failed tool, and another."""
    login(page, alice, address)
    for number, minutes in ((1, 90), (2, 80), (3, 10)):
        level = {"level": "ERROR", "status_message": "Gone"} if number == 3 else {}
        assert send.post("/api/v1/traces", json=_turn(number, minutes, **level)).status_code == 200
    send.post("/api/v1/traces", json=_turn(1, 2000, session="older"))
    settle(monkeypatch)
    score = {"name": "thumbs", "value": False, "trace_id": "chat-1-2", "source": "user"}
    assert send.post("/api/v1/scores", json=score).status_code < 300
    return page


def test_a_session_is_found_and_read_by_keyboard(seen: Page) -> None:
    page = seen
    page.goto("/p/support/")
    page.keyboard.press("g")  # without waiting: keys wait for their script
    page.keyboard.press("s")
    expect(page).to_have_url(re.compile("/sessions/$"))
    ready(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/sessions/chat/1/$"))
    conversation = page.locator(".turns")
    expect(conversation).to_contain_text("Question 1?")
    expect(conversation.locator("strong")).to_have_count(3)
    expect(page.get_by_text("88412")).to_have_count(0)
    page.locator(".turn").nth(2).get_by_text("1 tool call").click()
    expect(page.locator(".turn").nth(2)).to_contain_text("88412")
    page.keyboard.press("g")
    page.keyboard.press("u")
    expect(page).to_have_url(re.compile("/users/$"))


def test_new_turns_appear_by_themselves(seen: Page, send: httpx.Client) -> None:
    page = seen
    page.goto("/p/support/sessions/chat/1/")
    connected(page)
    send.post("/api/v1/traces", json=_turn(4, 0.2))
    expect(page.locator(".turns")).to_contain_text("Question 4?")
    expect(page.locator(".kpis")).to_contain_text("4")


def test_sessions_are_filtered_while_typing_and_the_address_follows(seen: Page) -> None:
    page = seen
    page.goto("/p/support/sessions/?t=7d")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_label("Filter sessions by id").fill("old")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=old"))
    expect(page).to_have_url(re.compile(r"t=7d"))
    page.get_by_role("button", name="All but experiments").click()
    page.get_by_role("link", name="production").click()  # fetched when the menu opened
    expect(page).to_have_url(re.compile("env=production"))


def test_axe_finds_nothing(seen: Page) -> None:
    page = seen
    for address in (
        "/p/support/",
        "/p/support/?env=nowhere&vs=none",
        "/p/support/sessions/",
        "/p/support/sessions/?user=u_48213&q=absent",
        "/p/support/sessions/chat/1/?all=1",
        "/p/support/sessions/none/",
        "/p/support/users/",
        "/p/support/users/?q=absent",
        "/p/support/users/u_48213/",
        "/p/support/users/none/",
    ):
        page.goto(address)
        settled(page)
        assert_no_violations(page, LOOKS)


def test_all_of_it_prints_and_reads_without_script(
    seen: Page, browser: Any, address: str, alice: User
) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    login(page, alice, address)
    page.goto("/p/support/sessions/chat/1/")
    page.get_by_role("link", name="Unfold all").click()
    expect(page.locator(".turns")).to_contain_text("88412")
    page.goto("/p/support/users/?sort=traces")
    page.locator("tbody").get_by_role("link", name="u_48213").click()
    expect(page.locator("main")).to_contain_text("sonnet-4.5")
    page.goto("/p/support/")
    page.emulate_media(media="print")
    expect(page.locator(".kpis").first).to_be_visible()
    expect(page.locator(".side").first).to_be_hidden()
    context.close()


def test_a_first_load_stays_small(seen: Page) -> None:
    names = ("css/base.css", "css/components.css", "css/pages.css", "css/overview.css")
    packed = sum(
        len(gzip.compress((settings.BASE_DIR / "static" / name).read_bytes(), 9)) for name in names
    )
    assert packed < 20_000
    for address in ("/p/support/", "/p/support/sessions/", "/p/support/users/u_48213/"):
        seen.goto(address)
        pieces = seen.evaluate(
            """() => {
                const [page] = performance.getEntriesByType("navigation");
                return performance.getEntriesByType("resource")
                    .filter((piece) => piece.startTime < page.loadEventStart)
                    .map((piece) => piece.name)
                    .filter((name) => !name.startsWith("data:"));
            }"""
        )
        assert 1 + len(pieces) <= 8, pieces

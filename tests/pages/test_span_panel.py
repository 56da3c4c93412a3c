"""The panel of a span in a real browser: tabs by keyboard, long texts, usable by all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from accounts.models import Project, User
from tests.factories import make_key
from tests.pages.browsing import LOOKS, assert_no_violations, login, settled
from traces.models import ScoreDefinition

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
TRACE = "/p/support/traces/ticket/"
TABS = ("messages", "scores", "cost", "attributes", "json")

ANSWER = """I am sorry, **Dana**. I refunded 89.00 [policy-4.1].

1. It arrives in a week.
2. Nothing to return.

| Order | State |
|---|---|
| 88412 | refunded |

```json
{"refund_id": "RF-20391"}
```
See [our policy](https://example.com/refunds) ![receipt](https://example.com/r.png)
"""
CHAT: list[dict[str, Any]] = [
    {"role": "system", "content": "You are the refunds specialist for Northwind support. " * 200},
    {"role": "user", "content": "Hi, order 88412 was charged twice. Can you do it today?"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "call_1",
                "type": "function",
                "function": {
                    "name": "refunds.create",
                    "arguments": '{"order_id": "88412", "amount": 89.0}',
                },
            }
        ],
    },
    {"role": "tool", "tool_call_id": "call_1", "content": '{"refund_id": "RF-20391"}'},
]


def _span(span_id: str, kind: str, second: int, **more: Any) -> dict[str, Any]:
    return {
        "span_id": span_id, "kind": kind, "name": more.pop("name", span_id),
        "start_time": f"2026-11-20T12:00:{second:02}Z",
        "end_time": f"2026-11-20T12:00:{second + 2:02}Z", **more,
    }  # fmt: skip


def _ticket() -> dict[str, Any]:
    found = [{"id": f"policy-{n}.1", "content": "In a week. " * 20, "score": 0.9 - n / 10,
              "metadata": {"source": "kb/refunds.md"}} for n in range(5)]  # fmt: skip
    return {
        "id": "ticket",
        "name": "agent.resolve_ticket",
        "spans": [
            _span("search_policies", "retriever", 1, documents=found),
            _span("rerank", "reranker", 3, documents=[found[4], found[0]]),
            _span("compose_reply", "generation", 5, model="claude-sonnet-4-5",
                  provider="anthropic", cost_usd="0.0229", prompt_name="refund-agent",
                  prompt_version="15", params={"temperature": 0.2, "max_tokens": 600},
                  tokens={"input_total": 7130, "output_total": 820, "input_cached": 4180,
                          "input_cache_write": 640},
                  input=CHAT, output=[{"role": "assistant", "content": ANSWER}],
                  attributes={"app.tier": "gold", "http.response.status_code": 200,
                              "app.note": "a longer value that says more than one thing " * 4}),
            _span("unpriced", "generation", 7, model="own-llama",
                  tokens={"input_total": 10, "output_total": 2}),
            _span("silent", "tool", 8),
        ],
    }  # fmt: skip


@pytest.fixture
def seen(page: Page, address: str, alice: User, project: Project) -> Iterator[Page]:
    """A signed-in tab, with one trace and its scores stored."""
    login(page, alice, address)
    ScoreDefinition.objects.create(
        project=project, name="tone", data_type="number", minimum=0, maximum=1
    )
    with httpx.Client(base_url=address, headers=make_key(project).headers, timeout=30) as send:
        assert send.post("/api/v1/traces", json=_ticket()).status_code == 200
        for place, value in enumerate((0.4, 0.8)):
            given = {"name": "tone", "value": value, "trace_id": "ticket", "comment": "Kind.",
                     "span_id": "compose_reply", "id": f"s{place}"}  # fmt: skip
            assert send.post("/api/v1/scores", json=given).is_success
        yield page


def test_tabs_are_walked_by_keyboard(seen: Page) -> None:
    page = seen
    page.goto(f"{TRACE}?span=compose_reply")
    tabs = page.get_by_role("navigation", name="Span detail")
    tabs.get_by_role("link", name="Messages").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("tab=cost"))
    expect(page.locator("#span")).to_contain_text("Cost by token class")
    expect(tabs.get_by_role("link", name="Cost")).to_be_focused()  # and stays there
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#span")).to_contain_text("app.tier")
    page.go_back()
    expect(page.locator("#span")).to_contain_text("Cost by token class")


def test_messages_are_rendered_and_long_ones_opened(seen: Page) -> None:
    page = seen
    page.goto(f"{TRACE}?span=compose_reply")
    answer = page.locator(".msg.asst").last
    expect(answer.get_by_role("listitem")).to_have_count(2)
    expect(answer.get_by_role("link", name="our policy")).to_have_attribute(
        "rel", "nofollow noopener noreferrer"
    )
    expect(answer.locator("img")).to_have_count(0)
    page.locator("summary", has_text="System").click()
    page.get_by_role("link", name="Show all 11 KB").click()
    expect(page.get_by_role("link", name="Show all 11 KB")).to_have_count(0)
    page.get_by_role("link", name="Plain").click()
    expect(page.locator("#span")).to_contain_text("**Dana**")
    expect(page).to_have_url(re.compile("as=plain"))
    page.get_by_role("link", name="Rendered").click()
    answer.get_by_role("link", name="policy-4.1").click()
    expect(page.locator("#span-h")).to_have_text("rerank")
    expect(page.locator("#doc-1")).to_contain_text("policy-4.1")


def test_attributes_are_found_while_typing(seen: Page) -> None:
    page = seen
    page.goto(f"{TRACE}?span=compose_reply&tab=attributes")
    page.get_by_label("Find among attributes").fill("tier")
    expect(page.get_by_text("1 of 4")).to_be_visible()
    expect(page.get_by_label("Find among attributes")).to_be_focused()
    expect(page.get_by_text("http.response.status_code")).to_have_count(0)
    page.get_by_role("link", name="exclude").click()
    expect(page).to_have_url(re.compile("q=-attr.app.tier%3Agold"))


def test_the_first_load_takes_eight_requests(seen: Page) -> None:
    page = seen
    page.goto(f"{TRACE}?span=compose_reply")
    pieces = page.evaluate(
        """() => {
            const [page] = performance.getEntriesByType("navigation");
            // What waits half a second on purpose belongs to no first load, however slow.
            const end = Math.min(page.loadEventStart, page.domContentLoadedEventStart + 500);
            return performance.getEntriesByType("resource")
                .filter((piece) => piece.startTime < end)
                .map((piece) => piece.name);
        }"""
    )
    assert 1 + len(pieces) <= 8, "\n".join(pieces)


def test_axe_finds_nothing(seen: Page) -> None:
    page = seen
    for query in (
        *(f"span=compose_reply&tab={tab}" for tab in TABS),
        "span=rerank&tab=documents",
        "span=unpriced&tab=cost",
        "span=silent",
        "span=compose_reply&part=0",
    ):
        page.goto(f"{TRACE}?{query}")
        settled(page)
        assert_no_violations(page, LOOKS)

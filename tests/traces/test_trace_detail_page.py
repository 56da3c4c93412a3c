"""One trace as a page: its tree, its spans one by one, and that content is never HTML."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from tests.traces.seeing import call, span, store
from traces.ingest.record import Kind

pytestmark = pytest.mark.django_db

LIST, TRACE = "/p/support/traces/", "/p/support/traces/t/"
PIECE = {"HX-Request": "true"}


def test_the_trace_opens_where_the_trouble_began(trace: Project, member_client: Client) -> None:
    html = member_client.get(TRACE).content.decode()
    assert re.search(r'aria-selected="true"[^>]*data-span="c"', html)
    assert html.count('role="treeitem"') == 3
    assert "Recovered, 1 error inside" in html


def test_a_span_comes_alone_with_each_of_its_tabs(trace: Project, member_client: Client) -> None:
    for tab in ("messages", "cost", "attributes", "json"):
        response = member_client.get(f"{TRACE}?span=b&tab={tab}", headers=PIECE)
        assertNotContains(response, "treeitem")
        assertContains(response, 'id="span"')
    assertContains(member_client.get(f"{TRACE}?span=b", headers=PIECE), "Where is it?")
    assert member_client.get(f"{TRACE}?span=none", headers=PIECE).status_code == 404


def test_content_is_never_html(project: Project, member_client: Client) -> None:
    evil = '<script>alert(1)</script><img src=x onerror="alert(2)">'
    store(
        project,
        call("t", "a", name=evil, input=evil, output=[{"role": evil, "content": evil}],
             user_id=evil, tags=[evil], prompt_name=evil, metadata={evil: evil}, error_type=evil,
             attributes={evil: evil}, documents=[{"id": evil, "content": evil}]),
    )  # fmt: skip
    tabs = ("messages", "documents", "cost", "attributes", "json")
    for address in (LIST, TRACE, *(f"{TRACE}?tab={tab}" for tab in tabs)):
        html = member_client.get(address).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html


def test_long_text_is_cut_and_comes_whole_when_asked(
    project: Project, member_client: Client
) -> None:
    store(project, call("t", "a", input="x" * 10_000 + "END"))
    html = member_client.get(TRACE).content.decode()
    assert "Show all 10 KB" in html
    assert "END" not in html
    more = re.search(r'hx-get="([^"]+part=0)"', html)
    assert more is not None
    whole = member_client.get(more[1].replace("&amp;", "&"), headers=PIECE)
    assertContains(whole, "END")
    assertNotContains(whole, "<h2")


def test_a_large_trace_stays_a_small_page(project: Project, member_client: Client) -> None:
    shards = [span("t", f"c{n}", parent_span_id="r", name=f"shard {n}") for n in range(60)]
    leaves = [
        span("t", f"c{n}-{m}", parent_span_id=f"c{n}", name=f"step {m}")
        for n in range(60) for m in range(40)
    ]  # fmt: skip
    store(project, span("t", "r", kind=Kind.AGENT), *shards, *leaves)
    html = member_client.get(TRACE).content.decode()
    assert html.count("<") / 2 < 6000
    below = re.search(r'data-children="([^"]+)"', html)
    assert below is not None
    rows = member_client.get(below[1].replace("&amp;", "&"), headers=PIECE)
    assert rows.content.decode().count('role="treeitem"') == 40
    assert rows["HX-Push-Url"] == "false"
    found = member_client.get(f"{TRACE}?find=step 7", headers=PIECE)
    assertContains(found, "60 of 2,461 spans")


def test_going_on_obeys_the_list(trace: Project, member_client: Client) -> None:
    store(trace, call("older", ago=600, name="resolve"), call("between", ago=300, name="no"))
    response = member_client.get(f"{TRACE}?go=older&q=resolve")
    assert response["Location"] == "/p/support/traces/older/?q=resolve"
    end = member_client.get(f"{TRACE}?go=newer&q=resolve", follow=True)
    assertContains(end, "There is no trace above this one in the list.")
    failed = member_client.get(f"{TRACE}?go=error&span=a")
    assert failed["Location"].endswith("?span=c")

"""The tab Messages of a span: rendered or plain, cut and whole, paged, with citations."""

from __future__ import annotations

import gzip
import re
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from tests.traces.seeing import call, span, store
from traces.ingest.record import Kind

pytestmark = pytest.mark.django_db

TRACE = "/p/support/traces/t/"
ADDRESS = f"{TRACE}?span=root&tab=messages"
PIECE = {"HX-Request": "true"}


def said(role: str, text: str) -> dict[str, str]:
    return {"role": role, "content": text}


def test_markdown_is_rendered_and_can_be_seen_plain(
    project: Project, member_client: Client
) -> None:
    store(project, call("t", input=[said("user", "**Now**")], output=[said("assistant", "- a")]))
    rendered = member_client.get(ADDRESS, headers=PIECE)
    assertContains(rendered, "<strong>Now</strong>")
    assertContains(rendered, "<li>a</li>")
    plain = member_client.get(f"{ADDRESS}&as=plain", headers=PIECE)
    assertContains(plain, '<p class="pre">**Now**</p>')
    assertContains(plain, "tab=cost&amp;as=plain")  # the choice is kept from tab to tab
    assertContains(plain, '&amp;tab=messages" hx-get')  # and can be taken back


def test_long_text_comes_whole_with_and_without_script(
    project: Project, member_client: Client
) -> None:
    store(project, call("t", input=[said("user", "word " * 62_400 + "END")]))
    html = member_client.get(ADDRESS, headers=PIECE).content.decode()
    assert "Show all 312 KB" in html
    assert "END" not in html
    [more] = re.findall(r'href="([^"]+part=0)"', html)[:1]
    piece = member_client.get(unescape(more), headers=PIECE)
    assertContains(piece, "END")
    assertNotContains(piece, "<h1")
    page = member_client.get(unescape(more))
    assertContains(page, "END")
    assertContains(page, "<h1")
    assertNotContains(page, "treeitem")
    assert member_client.get(f"{ADDRESS}&part=9", headers=PIECE).status_code == 404
    assert member_client.get(f"{TRACE}?span=none&part=0").status_code == 404


def test_a_long_tool_result_comes_whole(project: Project, member_client: Client) -> None:
    asked = {"id": "1", "function": {"name": "find", "arguments": '{"q": "x"}'}}
    store(project, call("t", input=[
        {"role": "assistant", "content": None, "tool_calls": [asked]},
        {"role": "tool", "tool_call_id": "1", "content": "row " * 5000 + "END"},
    ]))  # fmt: skip
    response = member_client.get(ADDRESS, headers=PIECE)
    assertContains(response, "find</span>")
    assertContains(response, "Show all 20 KB")
    assertContains(member_client.get(f"{ADDRESS}&part=0", headers=PIECE), "END")


def test_a_long_conversation_comes_in_pieces(project: Project, member_client: Client) -> None:
    talk = [said("user" if n % 2 else "assistant", f"turn-{n:03}. " * 60) for n in range(150)]
    store(project, call("t", input=talk))
    response = member_client.get(ADDRESS, headers=PIECE)
    html = response.content.decode()
    assert "turn-149" in html
    assert "turn-089" not in html
    assert "90 more" in html
    [href] = re.findall(r'hx-get="([^"]+before=90)"', html)
    earlier = member_client.get(unescape(href), headers=PIECE).content.decode()
    assert "turn-089" in earlier
    assert "turn-029" not in earlier
    assert "<h2" not in earlier
    assert "turn-089" in member_client.get(unescape(href)).content.decode()


def test_the_answer_is_small_however_much_was_said(
    project: Project, member_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    words = " ".join(f"w{n * 7919 % 10007}" for n in range(20_000))
    talk = [said("user", words[n * 900 : n * 900 + 12_000]) for n in range(100)]
    attributes = {f"key.{n}": words[n * 40 : n * 40 + 300] for n in range(400)}
    documents = [{"id": f"d{n}", "content": words[n * 900 : n * 900 + 9000]} for n in range(100)]
    store(project, call("t", input=talk, attributes=attributes, documents=documents))
    for tab in ("messages", "documents", "scores", "cost", "attributes", "json"):
        with django_assert_max_num_queries(14):
            response = member_client.get(f"{TRACE}?span=root&tab={tab}", headers=PIECE)
        assert len(gzip.compress(response.content)) < 30_000, tab
        assert response.content.count(b"<") / 2 < 5000, tab


def test_citations_lead_to_the_documents(project: Project, member_client: Client) -> None:
    documents = [{"id": "policy-4.1", "content": "In a week."}, {"id": "faq", "content": "No."}]
    store(
        project,
        span("t", "find", kind=Kind.RETRIEVER, documents=documents),
        call("t", at=2, output=[said("assistant", "In a week [policy-4.1]. Not [2024].")]),
    )
    response = member_client.get(ADDRESS, headers=PIECE)
    assertContains(response, 'href="?span=find&amp;tab=documents#doc-1"')
    assertContains(response, "[2024]")
    documents_tab = member_client.get(f"{TRACE}?span=find&tab=documents", headers=PIECE)
    assertContains(documents_tab, 'id="doc-1"')


def test_what_has_no_messages_says_why(project: Project, member_client: Client) -> None:
    store(project, call("t"), call("t", "open", lasts=None))
    assertContains(member_client.get(ADDRESS, headers=PIECE), "CAPTURE_MESSAGE_CONTENT=true")
    running = member_client.get(f"{TRACE}?span=open", headers=PIECE)
    assertContains(running, "No input or output has come yet.")


def test_a_span_that_never_ended_says_so(project: Project, member_client: Client) -> None:
    store(project, call("t", ago=9000, lasts=None, input="Hi"))
    response = member_client.get(ADDRESS, headers=PIECE)
    assertContains(response, "Its end has not come")
    assertContains(response, "no end")


def test_the_link_to_copy_names_the_span(project: Project, member_client: Client) -> None:
    store(project, call("t"))
    link = "http://testserver/p/support/traces/t/?span=root&amp;tab=messages"
    assertContains(member_client.get(TRACE), f'data-copy="{link}"')

"""The tab Documents of a span: rank, score, source, reranked from, used in the answer or not."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django.asserts import assertContains

from accounts.models import Project
from tests.traces.seeing import call, span, store
from traces.ingest.record import Kind
from traces.pages.documents import told

TRACE = "/p/support/traces/t/"
PIECE = {"HX-Request": "true"}
TEXT = "Refunds to cards arrive within five to seven business days after approval."


def test_a_document_is_used_where_it_is_named_or_quoted() -> None:
    sent = [{"id": "policy-4", "content": "x"}, {"id": "b", "content": TEXT}, {"id": "nine"}]
    answer = "As policy-4 says: refunds to cards arrive within FIVE to seven business days. Ninety."
    assert [one.used for one in told(sent, answer=answer)] == [True, True, False]
    assert [one.used for one in told(sent)] == [None, None, None]


def test_a_reranked_document_says_where_it_stood() -> None:
    before = [{"id": "a"}, {"content": TEXT}, {"id": "c"}]
    after = [{"id": "c"}, {"content": TEXT}, {"id": "new"}]
    assert [one.was for one in told(after, before=before)] == [3, 2, None]


def test_metadata_say_title_and_source() -> None:
    sent = [{"id": 7, "metadata": {"title": "Refunds", "url": "https://kb/7", "page": 2}}]
    [one] = told([*sent])
    assert (one.title, one.source, one.score_text) == ("Refunds", 'https://kb/7, {"page": 2}', "")
    assert [one.title for one in told([{"id": 7}, {"content": 5}])] == ["7", "Document 2"]


@pytest.mark.django_db
def test_the_tab_tells_all_of_it(project: Project, member_client: Client) -> None:
    found = [{"id": f"doc-{n}", "content": f"{n} " * 4000, "score": 0.9} for n in range(4)]
    store(
        project,
        span("t", "find", kind=Kind.RETRIEVER, documents=found),
        span("t", "rank", at=1, kind=Kind.RERANKER, documents=[found[2], found[0]]),
        call("t", "answer", at=2, output="It is doc-02, or doc-2."),
    )
    response = member_client.get(f"{TRACE}?span=rank&tab=documents", headers=PIECE)
    assertContains(response, "Reranked: 4 documents went in, 2 came out.")
    html = response.content.decode()
    first, second = re.findall(r"<article.*?</article>", html, re.DOTALL)
    assert "was 3" in first
    assert "was 1" in second
    assert "</svg>used</span>" in first
    assert "not used" in second
    assert "score 0.90" in first
    assert "Show all 8 KB" in first
    whole = member_client.get(f"{TRACE}?span=rank&tab=documents&part=1", headers=PIECE)
    assert whole.content.decode().count("2 ") >= 4000
    page = member_client.get(f"{TRACE}?span=rank&tab=documents&part=1")
    assertContains(page, "<h1")
    missing = member_client.get(f"{TRACE}?span=rank&tab=documents&part=3", headers=PIECE)
    assert missing.status_code == 404

"""Two traces side by side: aligned spans, what differs first, the words of one pair."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Project
from tests.traces.seeing import call, span, store
from traces.feedback.given import GivenScore
from traces.ingest.record import Kind, Level
from traces.pages.two_traces import word_diff
from traces.services.scores import record_scores

pytestmark = pytest.mark.django_db

COMPARE = "/p/support/traces/a/compare/b/"


@pytest.fixture
def two(project: Project) -> Project:
    for name, answer, tokens in (("a", "It is in the post.", 20), ("b", "It was in the van.", 30)):
        store(
            project,
            span(name, "r", name="agent", kind=Kind.AGENT, lasts=5),
            span(name, "t1", parent_span_id="r", at=1, name="look_up", kind=Kind.TOOL),
            call(name, "c", parent_span_id="r", at=2, name="compose", input="Where is it?",
                 output=answer, out_text=tokens, cost=0.01),
        )  # fmt: skip
    store(project, span("b", "t2", parent_span_id="r", at=1.5, name="look_up", kind=Kind.TOOL,
                        level=Level.ERROR))  # fmt: skip
    record_scores(project.pk, [GivenScore("tone", 2, trace_id="a"),
                               GivenScore("tone", 3, trace_id="b")])  # fmt: skip
    return project


def test_what_differs_stands_first_and_the_answer_is_read(
    two: Project, member_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(16):
        html = member_client.get(COMPARE).content.decode()
    names = re.findall(r'data-open href="[^"]*"[^>]*>([^<]+)</a>', html)
    assert names == ["compose", "look_up (2)", "agent", "look_up"]
    assert "only in B" in html
    assert '<span class="n num">2 of 4 differ</span>' in html
    assert '<del><span class="vh">removed: </span>is </del>' in html
    assert '<ins><span class="vh">added: </span>van</ins>' in html
    assert "+10" in html  # tokens
    assert ">+1<" in html  # the score


def test_another_pair_is_read_by_its_address(two: Project, member_client: Client) -> None:
    assertContains(member_client.get(f"{COMPARE}?other=t2"), "look_up (2), word by word")
    assertContains(member_client.get(f"{COMPARE}?span=none"), "compose, word by word")


def test_the_other_trace_is_chosen_from_its_name_or_typed(
    two: Project, member_client: Client
) -> None:
    choose = "/p/support/traces/a/compare/"
    assertContains(member_client.get(choose), 'href="/p/support/traces/a/compare/b/"')
    assert member_client.get(f"{choose}?with=b")["Location"] == COMPARE
    for wrong in ("absent", "a"):
        assert member_client.get(f"{choose}?with={wrong}").status_code == 422
    assert member_client.get("/p/support/traces/a/compare/absent/").status_code == 404


def test_content_in_a_comparison_is_never_html(two: Project, member_client: Client) -> None:
    evil = "<script>alert(1)</script>"
    store(two, call("a", "x", parent_span_id="r", name=evil, input=evil, output=evil))
    html = member_client.get(f"{COMPARE}?span=x").content.decode()
    assert "<script>alert" not in html
    assert "&lt;" in html


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_diff_holds_both_texts(before: str, after: str) -> None:
    pieces, _ = word_diff(before, after)
    old = "".join(piece.text for piece in pieces if piece.change != "added")
    new = "".join(piece.text for piece in pieces if piece.change != "removed")
    assert (old, new) == (before, after)


def test_a_diff_of_very_long_texts_says_that_it_is_cut() -> None:
    assert word_diff("a " * 9000, "b " * 9000)[1]

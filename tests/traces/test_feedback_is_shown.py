"""Scores and outcomes on the pages: the list's column and filter, the trace's strip and tab."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from tests.traces.seeing import call, many, span, store
from traces.feedback.given import GivenOutcome, GivenScore, Terms
from traces.pages.score_chips import letters
from traces.services.outcomes import record_outcomes
from traces.services.score_definitions import define_score
from traces.services.scores import record_scores
from traces.values.score_values import number_text

pytestmark = pytest.mark.django_db

LIST, TRACE = "/p/support/traces/", "/p/support/traces/t/"
PIECE = {"HX-Request": "true"}


@pytest.fixture
def scored(project: Project) -> Project:
    """A trace of the feature refund-agent with scores on every level, and one without any."""
    store(project, call("t", "a", feature="refund-agent", session_id="s", cost=0.3))
    store(project, span("t", "b", parent_span_id="a", at=0.1), call("plain", ago=600))
    record_scores(
        project.pk,
        [
            GivenScore("faithfulness", 0.625, trace_id="t", source="judge", comment="<b>why</b>"),
            GivenScore("faithfulness", 0.1, trace_id="t", span_id="b", author="judge-1"),
            GivenScore("helpful", True, trace_id="t", source="user"),
            GivenScore("tone", "polite", session_id="s", source="human"),
        ],
        author="",
    )
    record_outcomes(
        project.pk,
        [GivenOutcome("refunded", session_id="s", value=Decimal(12), unit="USD", comment="ok")],
    )
    return project


def cells(html: str) -> list[list[str]]:
    found = re.findall(r'<td role="cell" class="c-sc">(.*?)</td>', html, re.S)
    return [re.findall(r'title="([^"]*)"', cell) for cell in found]


def test_a_row_shows_letters_and_values(scored: Project, member_client: Client) -> None:
    html = member_client.get(LIST).content.decode()
    assert cells(html) == [["faithfulness 0.62", "helpful yes"], []]
    assert re.search(r"<dt>F</dt><dd>faithfulness</dd>", html)


def test_the_primary_score_of_the_feature_comes_first(
    scored: Project, member_client: Client
) -> None:
    define_score(scored, Terms("helpful", "boolean", primary_for=["refund-agent"]), actor=None)
    html = member_client.get(LIST).content.decode()
    assert cells(html)[0] == ["helpful yes", "faithfulness 0.62"]


def test_the_queries_do_not_grow_with_scores(project: Project, member_client: Client) -> None:
    counts = []
    for known in (1, 60):
        for trace_id in many(project, known):
            record_scores(
                project.pk,
                [GivenScore(f"n{n}", n, trace_id=trace_id, span_id=f"s{n}") for n in range(5)],
            )
        with CaptureQueriesContext(connection) as asked:
            assert member_client.get(LIST).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 16


@pytest.mark.parametrize(
    ("query", "chip", "is_found"),
    [
        ("?score.faithfulness=<0.7", "score.faithfulness below 0.7", True),
        ("?score.faithfulness=>0.7", "score.faithfulness above 0.7", False),
        ("?outcome=refunded", "outcome is refunded", True),
        ("?score_name=faithfulness&score_op=<&score_value=0.7", "below 0.7", True),
        ("?score_name=faithfulness", "score.faithfulness is known", True),
    ],
)
def test_the_list_is_narrowed(
    scored: Project, member_client: Client, query: str, chip: str, is_found: bool
) -> None:
    response = member_client.get(LIST + query, headers=PIECE)
    assertContains(response, chip)
    (assertContains if is_found else assertNotContains)(response, 'title="t"')
    assertNotContains(response, 'title="plain"')
    pushed = response["HX-Push-Url"]
    assert "score_name" not in pushed
    assert "score." in pushed or "outcome" in pushed
    again = member_client.get(pushed)
    assertContains(again, chip)


def test_a_bad_condition_is_told_and_conditions_are_kept(
    scored: Project, member_client: Client
) -> None:
    response = member_client.get(f"{LIST}?score.tone=<high")
    assertContains(response, "Write a condition on tone such as")
    html = member_client.get(f"{LIST}?score.a%26b=>1").content.decode()
    assert 'name="score.a&amp;b" value="&gt;1"' in html
    assert "score.a%26b=%3E1" in html  # links keep it as well


def test_the_strip_shows_scores_and_the_outcome(scored: Project, member_client: Client) -> None:
    html = member_client.get(TRACE).content.decode()
    strip = html[html.index('id="summary"') : html.index("</dl>")]
    for word in ("faithfulness", "0.62", "helpful", "yes", "tone", "polite", "refunded", "12 USD"):
        assert word in strip
    assert "0.10" not in strip  # that of a span stands behind that of the trace
    piece = member_client.get(f"{TRACE}?piece=scores", headers=PIECE)
    assertContains(piece, "hx-swap-oob", count=1)
    assertNotContains(piece, "<dt>Status")


def test_the_tab_groups_them_by_what_they_are_about(scored: Project, member_client: Client) -> None:
    html = member_client.get(f"{TRACE}?span=a&tab=scores").content.decode()
    order = [html.index(f"<h3>{word}</h3>") for word in ("The whole trace", "Its session")]
    assert order == sorted(order)
    assert "<h3>This span</h3>" not in html
    assert "&lt;b&gt;why&lt;/b&gt;" in html
    assert "?span=b&amp;tab=scores" in html  # that of the other span, linked
    own = member_client.get(f"{TRACE}?span=b&tab=scores", headers=PIECE)
    assertContains(own, "<h3>This span</h3>")
    nothing = member_client.get("/p/support/traces/plain/?tab=scores")
    assertContains(nothing, "No scores yet")


def test_values_and_letters_are_short_and_apart() -> None:
    texts = [number_text(n) for n in (0, 1, 0.625, 0.004, 0.00001, 1234.6, 1e12, -0.5)]
    assert texts == ["0", "1", "0.62", "0.004", "1e-05", "1,235", "1e+12", "-0.50"]
    found = letters(["faithfulness", "fluency", "f", "Harm", "harm"])
    assert len(set(found.values())) == 4  # a name that is a letter's own word may share it
    assert found["faithfulness"] == "F"
    assert found["fluency"] == "Fl"

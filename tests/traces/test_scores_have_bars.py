"""The bar of a score: what a definition may say, and where a score that misses it is marked."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from tests.traces.seeing import call, span, store
from traces.feedback.definitions import faults_of_terms
from traces.feedback.given import GivenScore, Terms
from traces.models import Score, ScoreDefinition
from traces.services.score_definitions import define_score
from traces.services.scores import record_scores
from traces.values.score_bars import bar_of

pytestmark = pytest.mark.django_db

LIST, TRACE = "/p/support/traces/", "/p/support/traces/t/"
SETTINGS = "/p/support/settings/scores/"


@pytest.mark.parametrize(
    ("said", "value", "fails", "words"),
    [
        ({"bar": 0.8}, 0.8, False, "at least 0.80"),
        ({"bar": 0.8}, 0.79, True, "at least 0.80"),
        ({"bar": 3, "bar_direction": "at_most"}, 3, False, "at most 3"),
        ({"bar": 3, "bar_direction": "at_most"}, 3.5, True, "at most 3"),
        ({"bar": None}, 0, None, ""),
        ({"data_type": "boolean", "passing": ["true"]}, 0, True, "yes"),
        ({"data_type": "boolean", "passing": ["false"]}, 0, False, "no"),
        ({"data_type": "category", "passing": ["a", "b"]}, "b", False, "a or b"),
        ({"data_type": "category", "passing": ["a"]}, "rude", True, "a"),
        ({"bar": 0.8}, "old label", None, "at least 0.80"),
        ({"bar": 0.8, "is_archived": True}, 0, None, ""),
    ],
)
def test_what_passes(said: dict[str, Any], value: Any, fails: bool | None, words: str) -> None:
    definition = ScoreDefinition(name="n", **{"data_type": "number", **said})
    kind = "category" if isinstance(value, str) else definition.data_type
    label = value if isinstance(value, str) else None
    score = Score(name="n", data_type=kind, num=None if label else value, label=label)
    bar = bar_of(definition)
    assert (bar.words if bar else "") == words
    verdict = bar.judge(score) if bar else None
    assert (verdict.fails if verdict else None) is fails


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (Terms("n", bar=2, minimum=0, maximum=1), "bar"),
        (Terms("n", bar=float("nan")), "bar"),
        (Terms("n", bar_direction="up"), "bar_direction"),
        (Terms("n", passing=["a"]), "passing"),
        (Terms("n", "boolean", bar=1), "bar"),
        (Terms("n", "boolean", passing=["true", "false"]), "passing"),
        (Terms("n", "category", categories=["a"], passing=["b"]), "passing"),
        (Terms("n", "category", categories=["a", "b"], passing=["b", "a"]), "passing"),
    ],
)
def test_a_bar_that_cannot_stand_is_refused(terms: Terms, field: str) -> None:
    assert field in dict(faults_of_terms(terms))


@pytest.fixture
def judged(project: Project) -> Project:
    """A trace whose answer misses one bar, passes another, and has a score without any."""
    store(project, call("t", "a"), span("t", "judge", parent_span_id="a", kind=8, at=0.1))
    for terms in (Terms("faithfulness", bar=0.8), Terms("calls", bar=3, bar_direction="at_most")):
        define_score(project, terms, actor=None)
    given = {"faithfulness": (0.62, ""), "calls": (2, ""), "tone": (0.1, "")}
    record_scores(
        project.pk,
        [GivenScore(name, value, trace_id="t", span_id=at) for name, (value, at) in given.items()],
    )
    record_scores(
        project.pk,
        [
            GivenScore("faithfulness", 0.5, trace_id="t", span_id="a", comment="Not in the text."),
            GivenScore("calls", 1, trace_id="t", span_id="judge"),
        ],
    )
    return project


def test_the_list_marks_only_what_misses_its_bar(judged: Project, member_client: Client) -> None:
    html = member_client.get(LIST).content.decode()
    [cell] = re.findall(r'<td role="cell" class="c-sc">(.*?)</td>', html, re.S)
    first, second = re.findall(r'<span class="(chip sc[^"]*)" title="([^"]*)"', cell)
    assert first == ("chip sc bad", "faithfulness 0.62, below its bar, at least 0.80")
    assert second == ("chip sc", "calls 2, its bar is at most 3")
    assert cell.count("#i-down1") == 1


def test_the_trace_marks_strip_rows_messages_and_scores(
    judged: Project, member_client: Client
) -> None:
    html = member_client.get(f"{TRACE}?span=a").content.decode()
    strip = html[html.index('id="strip-scores"') : html.index('id="strip-outcomes"')]
    assert re.findall(r'class="chip xs( \w+)?"', strip) == [" bad", " ok", ""]
    rows = html[html.index('role="tree"') : html.index('id="span"')]
    assert re.findall(r'class="chip xs num (\w+)"', rows) == ["bad", "ok"]  # the judge's passed
    assertContains(member_client.get(f"{TRACE}?span=a"), "Not in the text.")
    tab = member_client.get(f"{TRACE}?span=a&tab=scores").content.decode()
    assert "below its bar, at least 0.80" in tab[tab.index("<h3>This span</h3>") :]


def test_the_facets_cut_at_the_bar(judged: Project, member_client: Client) -> None:
    page = member_client.get(f"{LIST}?piece=facets", headers={"HX-Request": "true"})
    for word in ("below 0.8", "3 and below"):
        assertContains(page, word)
    assertNotContains(page, "0.50 to 0.80")


def test_admins_set_bars_on_the_page(project: Project, owner_client: Client) -> None:
    sent = {"name": "solved", "data_type": "boolean", "passing": "Yes"}
    assert owner_client.post(SETTINGS, sent).status_code == 303
    made = ScoreDefinition.objects.get()
    assert made.passing == ["true"]
    assertContains(owner_client.get(f"{SETTINGS}{made.pk}/"), ">\nyes</textarea>")
    number = {"name": "f", "data_type": "number", "bar": "0.8", "bar_direction": "at_least"}
    assert owner_client.post(SETTINGS, number).status_code == 303
    assertContains(owner_client.get(SETTINGS), "at least 0.80")
    assertContains(
        owner_client.post(SETTINGS, {**sent, "name": "x", "bar": "1"}), "id_bar", status_code=422
    )

"""The tab Scores of a span: the newest of each name with its bar, those before it below."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import Project
from tests.traces.seeing import call, store
from traces.feedback.given import GivenScore, Value
from traces.models import Score, ScoreDefinition
from traces.pages.score_rows import Measures, grouped, ranges
from traces.services.scores import record_scores

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ADDRESS = "/p/support/traces/t/?span=root&tab=scores"


def give(project: Project, name: str, value: Value, minutes: int, comment: str = "") -> None:
    at = NOON + timedelta(minutes=minutes)
    given = GivenScore(name, value, trace_id="t", span_id="root", at=at, comment=comment)
    record_scores(project.pk, [given])


def test_the_newest_stands_above_its_history(project: Project, member_client: Client) -> None:
    store(project, call("t"))
    for minutes, value in ((2, 0.75), (0, 0.25), (1, 0.5)):
        give(project, "tone", value, minutes, comment=f"at {minutes}")
    html = member_client.get(ADDRESS, headers={"HX-Request": "true"}).content.decode()
    [article] = re.findall(r"<article.*?</article>", html, re.DOTALL)
    assert "2 before it" in article
    places = [article.index(text) for text in ("0.75", "at 2", "0.50", "at 1", "0.25", "at 0")]
    assert places == sorted(places)


def test_a_definition_s_range_gives_a_bar(project: Project, member_client: Client) -> None:
    store(project, call("t"))
    ScoreDefinition.objects.create(
        project=project, name="stars", data_type="number", minimum=1, maximum=5
    )
    give(project, "stars", 4, 0)
    give(project, "free", 4, 0)
    html = member_client.get(ADDRESS, headers={"HX-Request": "true"}).content.decode()
    assert html.count('class="meter"') == 1
    assert 'aria-label="4 in the range 1 to 5"' in html
    assert 'width="75%"' in html


def test_a_bar_stays_within_its_range() -> None:
    known = ranges(
        [
            ScoreDefinition(name="a", minimum=0, maximum=2),
            ScoreDefinition(name="b", minimum=0),
            ScoreDefinition(name="c", minimum=1, maximum=1),
        ]
    )
    assert known == {"a": (0, 2)}
    score = Score(id="x", name="a", trace_id="t", span_id="s", data_type="number", num=9, at=NOON)
    [group] = grouped([score], "s", Measures(known, {}))
    assert (group.scores[0].share, group.scores[0].range_words) == (1.0, "0 to 2")

"""Every field and operator finds what plain Python finds over the same traces."""

from __future__ import annotations

from random import Random

import pytest

from accounts.models import Project
from bench.query_texts import sentence, term
from tests.factories import make_project
from tests.traces.query.meaning import meets
from tests.traces.query.stage import Told, tell
from traces.queries.criteria import ANY_ENVIRONMENT, Criteria
from traces.queries.lists import list_traces
from traces.query import parse

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(project: Project) -> list[Told]:
    tell(make_project("other"), 20)
    return tell(project, 40)


def found(project: Project, text: str) -> list[str]:
    criteria = Criteria(query=parse(text), environment=ANY_ENVIRONMENT)
    page = list_traces(project.pk, criteria, limit=200, budget=60)
    assert page.next_cursor is None
    return [row.trace_id for row in page.rows]


def expected(told: list[Told], text: str) -> list[str]:
    root = parse(text).root
    return [trace.trace_id for trace in told if meets(root, trace)]


def test_each_term_finds_what_it_says(project: Project, told: list[Told]) -> None:
    random = Random(11)
    texts = [term(random) for _ in range(220)]
    differing = {text for text in texts if found(project, text) != expected(told, text)}
    assert differing == set()
    assert sum(bool(expected(told, text)) for text in texts) > 110


def test_each_sentence_finds_what_it_says(project: Project, told: list[Told]) -> None:
    random = Random(12)
    for _ in range(80):
        text = sentence(random)
        assert found(project, text) == expected(told, text), text


def test_a_query_and_its_opposite_find_everything_once(project: Project, told: list[Told]) -> None:
    random = Random(13)
    for _ in range(25):
        text = sentence(random)
        assert sorted(found(project, text) + found(project, f"-({text})")) == sorted(
            trace.trace_id for trace in told
        ), text

"""Conditions that an index answers are answered by it, and spans are opened by their key."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Project
from tests.factories import make_project
from tests.traces.query.stage import tell
from tests.traces.test_trace_list_uses_indexes import FILL
from traces.queries.criteria import Criteria
from traces.queries.lists import list_traces
from traces.query import parse

pytestmark = pytest.mark.django_db

CASES = [
    ("user:u17", "trace_user"),
    ("session:s40", "trace_session"),
    ('feature:"feature 3"', "trace_feature"),
    ("status:error", "trace_error"),
    ("model:model-7", "trace_facets"),
    ("cost>=$0.000000999", "trace_cost"),
    ("latency>=4.999s", "trace_duration"),
    ("prompt:refund", "prompt_name"),
    ("span(kind:tool name:lookup)", "span"),
    ("score.helpful<0.5", "score"),
    ("zzz", "trace_words"),
]


@pytest.fixture(scope="module")
def filled(kept: Callable[[], AbstractContextManager[None]]) -> Project:
    with kept():
        project = make_project()
        tell(project, 10)
        with connection.cursor() as cursor:
            cursor.execute(FILL, [project.pk, 20_000])
            cursor.execute("analyze trace")
    return project


def plans(filled: Project, text: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        list_traces(filled.pk, Criteria(query=parse(text)))
    found: list[Any] = []
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan to off")  # so that small tables are no excuse
        for query in captured:
            sql = query["sql"]
            if sql.lower().startswith(("select", "with")) and "materialized" in sql:
                cursor.execute(f"explain {sql}")
                found.append("\n".join(row[0] for row in cursor.fetchall()))
        cursor.execute("set local enable_seqscan to on")
    return found or _plain(filled, text)


def _plain(filled: Project, text: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        list_traces(filled.pk, Criteria(query=parse(text)))
    with connection.cursor() as cursor:
        for query in captured:
            if 'FROM "trace"' in query["sql"]:
                cursor.execute(f"explain {query['sql']}")
                return ["\n".join(row[0] for row in cursor.fetchall())]
    return []


@pytest.mark.parametrize(("text", "index"), CASES)
def test_a_condition_finds_its_index(filled: Project, text: str, index: str) -> None:
    found = plans(filled, text)
    assert any(index in plan for plan in found), "\n\n".join(found)
    assert not any("Seq Scan" in plan for plan in found), "\n\n".join(found)

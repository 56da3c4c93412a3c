"""The pieces around the list read a day by index, a long range from the figures by hour."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Project
from tests.factories import make_project
from tests.traces.test_trace_list_uses_indexes import FILL, ROWS
from traces.feedback.given import GivenScore
from traces.queries.bars import bars
from traces.queries.column_stats import column_stats
from traces.queries.criteria import Criteria
from traces.queries.differences import sides
from traces.queries.facets import count_facets
from traces.queries.score_bands import count_scores
from traces.query import parse
from traces.services.scores import record_scores
from traces.values.columns import COLUMNS

pytestmark = pytest.mark.django_db

DAY = timedelta(hours=24)
PIECES: dict[str, Callable[[int, Criteria], Any]] = {
    "bars": lambda project_id, criteria: bars(project_id, criteria, "count"),
    "p95": lambda project_id, criteria: bars(project_id, criteria, "p95"),
    "cost": lambda project_id, criteria: bars(project_id, criteria, "cost"),
    "score": lambda project_id, criteria: bars(project_id, criteria, "score.tone"),
    "facets": count_facets,
    "scores": lambda project_id, criteria: count_scores(project_id, criteria, 720),
    "statistics": lambda project_id, criteria: column_stats(
        project_id, criteria, COLUMNS["duration"]
    ),
    "differences": lambda project_id, criteria: sides(
        project_id,
        criteria,
        datetime.now(UTC) - timedelta(hours=6),
        datetime.now(UTC) - timedelta(hours=3),
    ),
}


@pytest.fixture(scope="module")
def filled(kept: Callable[[], AbstractContextManager[None]]) -> Project:
    with kept():
        project = make_project()
        with connection.cursor() as cursor:
            cursor.execute(FILL, [project.pk, ROWS])
            cursor.execute("analyze trace")
        record_scores(project.pk, [GivenScore("tone", 0.5, trace_id="bulk-1")])
    return project


def _plans(run: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        run()
    plans = []
    with connection.cursor() as cursor:
        for query in captured:
            if " from " in query["sql"].lower() and "trace" in query["sql"]:
                cursor.execute(f"explain {query['sql']}")
                plans.append("\n".join(row[0] for row in cursor.fetchall()))
    return plans


@pytest.mark.parametrize("query", ["", "status:error", 'feature:"feature 3" model:model-7'])
@pytest.mark.parametrize("piece", PIECES)
def test_a_day_is_read_by_index(filled: Project, piece: str, query: str) -> None:
    criteria = Criteria(since=datetime.now(UTC) - DAY, query=parse(query))
    plans = _plans(lambda: PIECES[piece](filled.pk, criteria))
    assert plans
    for plan in plans:
        assert "Seq Scan on trace " not in plan, plan
        assert "Seq Scan on span" not in plan, plan


@pytest.mark.parametrize("measure", ["count", "p95", "cost"])
def test_a_long_range_reads_traces_at_its_ends_only(filled: Project, measure: str) -> None:
    criteria = Criteria(since=datetime.now(UTC) - timedelta(days=20))
    found: list[Any] = []
    plans = _plans(lambda: found.append(bars(filled.pk, criteria, measure)))
    assert found[0].is_by_hour
    assert any("trace_hour" in plan for plan in plans)
    for plan in plans:
        assert "Seq Scan on trace " not in plan, plan


@pytest.mark.parametrize("project_id", [0, 10**9])
def test_a_project_without_traces_has_empty_pieces(db: None, project_id: int) -> None:
    for piece in PIECES.values():
        piece(project_id, Criteria())

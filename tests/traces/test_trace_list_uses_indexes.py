"""Lists and facets stay index scans on the table of traces, and never open the spans."""

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
from traces.queries import facets
from traces.queries.criteria import Criteria
from traces.queries.lists import list_traces

pytestmark = pytest.mark.django_db

ROWS = 20_000
FILL = """
insert into trace (project_id, trace_id, start_time, end_time, duration_us, cost_nano, tokens_in,
  tokens_out, span_count, error_count, call_count, metered_count, unpriced_count, open_count,
  name, feature, environment, user_id, session_id, facets, ranks)
select %s, 'bulk-' || n, now() - n * interval '2 minutes', now(), 1000 * (n %% 5000), n %% 1000,
  10, 5, 3, (n %% 50 = 0)::int, 1, 1, 0, 0, 'name ' || n %% 7, 'feature ' || n %% 40,
  case when n %% 3 = 0 then 'staging' else 'production' end, 'u' || n %% 4000, 's' || n %% 9000,
  array['k:generation', 'm:model-' || n %% 200], array[]::bigint[]
from generate_series(1, %s) n
"""


@pytest.fixture(scope="module")
def filled(kept: Callable[[], AbstractContextManager[None]]) -> Project:
    with kept():
        project = make_project()
        with connection.cursor() as cursor:
            cursor.execute(FILL, [project.pk, ROWS])
            cursor.execute(FILL, [make_project("other").pk, 500])
            cursor.execute("analyze trace")
    return project


def statements(run: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        run()
    return [query["sql"] for query in captured if "trace" in query["sql"]]


CASES: list[dict[str, Any]] = [
    {},
    {"status": "error"},
    {"user_id": "u17"},
    {"session_id": "s40"},
    {"feature": "feature 3"},
    {"environment": "staging"},
    {"model": "model-7"},
    {"q": "no such name"},
    {"min_cost_nano": 999},
    {"min_duration_us": 4_999_000},
]


@pytest.mark.parametrize("criteria", CASES, ids=lambda criteria: "+".join(criteria) or "newest")
def test_a_list_never_scans_the_table(filled: Project, criteria: dict[str, Any]) -> None:
    asked = Criteria(**criteria, since=datetime.now(UTC) - timedelta(hours=24))
    found = statements(lambda: list_traces(filled.pk, asked))
    assert found
    with connection.cursor() as cursor:
        for statement in found:
            cursor.execute(f"explain {statement}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan on trace" not in plan, f"{statement}\n{plan}"
            assert "offset" not in statement.lower()
            assert " span" not in statement.replace("span_count", "").replace("root_span_id", "")


def test_the_number_of_statements_does_not_grow_with_rows(filled: Project) -> None:
    for size in (5, 200):
        assert len(statements(lambda: list_traces(filled.pk, Criteria(), limit=size))) == 1  # noqa: B023
    # A day is searched in windows of 1, 2, 4, 8 and 9 hours, after one look for its first trace.
    day = Criteria(q="no such name", since=datetime.now(UTC) - timedelta(hours=24))
    assert len(statements(lambda: list_traces(filled.pk, day))) <= 6


def test_counts_are_exact_up_to_ten_thousand_and_say_so_beyond(filled: Project) -> None:
    day = Criteria(since=datetime.now(UTC) - timedelta(hours=24, minutes=1))
    counted = facets.count_facets(filled.pk, day)
    assert (counted.total, counted.is_capped) == (720, False)
    by_environment = {value.value: value.count for value in counted.values["env"]}
    assert by_environment == {"production": 480, "staging": 240}
    assert facets.count_facets(filled.pk, Criteria()).is_capped

"""Traces are found by the scores and the outcome they have, over an index."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Project
from tests.factories import Key, make_project
from tests.traces.seeing import call, store
from traces.feedback.given import GivenOutcome, GivenScore
from traces.queries.criteria import Criteria
from traces.queries.lists import list_traces
from traces.queries.score_conditions import BadCondition, parse_condition
from traces.services.outcomes import record_outcomes
from traces.services.scores import record_scores

pytestmark = pytest.mark.django_db


@pytest.fixture
def scored(project: Project) -> Project:
    """Traces a, b, c and d, newest first; helpfulness 0.2, 0.5 and 0.9, d has none."""
    store(
        project,
        *(call(name, ago=n + 1, session_id=f"s-{name}") for n, name in enumerate("abcd")),
    )
    record_scores(
        project.pk,
        [
            GivenScore("helpfulness", 0.2, trace_id="a"),
            GivenScore("helpfulness", 0.5, trace_id="b", span_id="root"),
            GivenScore("helpfulness", 0.9, trace_id="c"),
            GivenScore("solved", True, trace_id="a"),
            GivenScore("solved", False, trace_id="b"),
            GivenScore("tone", "very polite", trace_id="a"),
            GivenScore("tone", "rude", trace_id="c"),
            GivenScore("helpfulness", 0.1, session_id="s-d"),
        ],
    )
    record_outcomes(
        project.pk,
        [
            GivenOutcome("resolved", trace_id="a"),
            GivenOutcome("refunded", session_id="s-b"),
        ],
    )
    stranger = make_project("other")
    record_scores(stranger.pk, [GivenScore("helpfulness", 0.1, trace_id="d")])
    return project


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"score.helpfulness": "<0.5"}, "a"),
        ({"score.helpfulness": "<=0.5"}, "ab"),
        ({"score.helpfulness": ">0.5"}, "c"),
        ({"score.helpfulness": ">=0.5"}, "bc"),
        ({"score.helpfulness": ">0.3,<0.7"}, "b"),
        ({"score.helpfulness": "=0.2"}, "a"),
        ({"score.helpfulness": "!=0.2"}, "bc"),
        ({"score.helpfulness": "*"}, "abc"),
        ({"score.solved": "true"}, "a"),
        ({"score.solved": "no"}, "b"),
        ({"score.tone": "very polite"}, "a"),
        ({"score.tone": "!=rude"}, "a"),
        ({"score.nothing": "*"}, ""),
        ({"score.helpfulness": "<0.6", "score.solved": "false"}, "b"),
        ({"outcome": "resolved"}, "a"),
        ({"outcome": "refunded"}, "b"),
        ({"outcome": "*"}, "ab"),
        ({"outcome": "lost"}, ""),
        ({"score.helpfulness": "<0.5", "outcome": "resolved"}, "a"),
    ],
    ids=str,
)
def test_over_rest(scored: Project, key: Key, asked: dict[str, str], found: str) -> None:
    response = Client().get("/api/v1/traces", asked, headers=key.headers)
    assert response.status_code == 200, response.content
    assert "".join(trace["trace_id"] for trace in response.json()["data"]) == found


@pytest.mark.parametrize("text", ["", "<", "<high", "<0.5,>", ",".join(["<1"] * 9)])
def test_a_bad_condition_is_told(scored: Project, key: Key, text: str) -> None:
    with pytest.raises(BadCondition):
        parse_condition("helpfulness", text)
    response = Client().get("/api/v1/traces", {"score.helpfulness": text}, headers=key.headers)
    assert response.status_code == 400
    assert response.json()["errors"][0]["where"] == "score.helpfulness"


FILL = """
insert into score (project_id, trace_id, id, name, data_type, source, num, at, created_at,
  updated_at)
select %s, 'bulk-' || n, 'i' || n || name, name, 'number', 'judge', (n %% 1000) / 1000.0,
  now() - n * interval '2 minutes', now(), now()
from generate_series(1, 20000) n, unnest(array['helpfulness', 'tone', 'a', 'b', 'c', 'd']) name
"""
OUTCOMES = """
insert into outcome (project_id, trace_id, id, name, at, created_at, updated_at)
select %s, 'bulk-' || n, 'i' || n, 'name ' || n %% 50, now() - n * interval '2 minutes', now(),
  now()
from generate_series(1, 20000) n
"""
TRACES = """
insert into trace (project_id, trace_id, start_time, end_time, duration_us, cost_nano, tokens_in,
  tokens_out, span_count, error_count, call_count, metered_count, unpriced_count, open_count,
  name, session_id, facets, ranks)
select %s, 'bulk-' || n, now() - n * interval '2 minutes', now(), 1000, 1, 1, 1, 1, 0, 1, 1, 0, 0,
  'answer', 's' || n, array[]::text[], array[]::bigint[]
from generate_series(1, 20000) n
"""


def test_no_table_is_scanned(project: Project) -> None:
    with connection.cursor() as cursor:
        for fill in (TRACES, FILL, OUTCOMES):
            cursor.execute(fill, [project.pk])
        cursor.execute("analyze trace, score, outcome")
    for name, criteria in {
        "rare": {"scores": (parse_condition("helpfulness", "<0.002"),)},
        "common": {
            "scores": (parse_condition("helpfulness", ">0.2,<0.9"), parse_condition("tone", "*"))
        },
        "outcome": {"outcome": "name 7"},
        "absent": {"scores": (parse_condition("absent", "*"),)},
    }.items():
        with CaptureQueriesContext(connection) as asked:
            page = list_traces(project.pk, Criteria(**criteria))
        assert page.rows or name == "absent"
        statements = [query["sql"] for query in asked if 'from "trace"' in query["sql"].lower()]
        assert statements
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(f"explain {statement}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
                assert "Seq Scan" not in plan, f"{name}: {statement}\n{plan}"

"""Scores and outcomes go when their time is over, and with their project; lists end in time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Project
from audit.models import AuditEntry
from tests.factories import Key, make_project
from traces import services, tasks
from traces.feedback.given import GivenOutcome, GivenScore
from traces.models import Outcome, Score
from traces.queries import scores as queries
from traces.services.outcomes import record_outcomes
from traces.services.scores import record_scores

pytestmark = pytest.mark.django_db(transaction=True)

FILL = """
insert into score (project_id, trace_id, id, name, data_type, source, num, at, created_at,
  updated_at)
select %s, 't' || n %% 5000, 'i' || n || project, 'name ' || n %% 20, 'number', 'judge', 0.5,
  now() - n * interval '1 minute', now(), now()
from generate_series(1, 30000) n, generate_series(1, 2) project
"""


def give(project: Project, days_ago: int) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    record_scores(project.pk, [GivenScore("x", 1, trace_id="t", at=at)])
    record_outcomes(project.pk, [GivenOutcome("resolved", session_id="s", at=at)])


def test_what_is_older_than_the_retention_goes(project: Project, settings: Any) -> None:
    give(project, 40)
    give(project, 10)
    settings.RETENTION_DAYS = 30
    services.drop_expired_partitions()
    assert (Score.objects.count(), Outcome.objects.count()) == (1, 1)
    entry = AuditEntry.objects.get(action="retention.applied")
    assert entry.details["scores_and_outcomes"] == 2


def test_it_goes_with_its_project_even_where_no_trace_came(project: Project) -> None:
    gone = make_project("gone")
    for each in (project, gone):
        give(each, 0)
    gone.deleted_at = timezone.now()
    gone.save()
    tasks.remove_data_of_deleted_projects()
    assert list(Score.objects.values_list("project_id", flat=True)) == [project.pk]
    assert list(Outcome.objects.values_list("project_id", flat=True)) == [project.pk]


def test_lists_are_read_from_an_index(project: Project) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, [project.pk])
        cursor.execute("analyze score")
    wanted = queries.FeedbackFilter
    after = (timezone.now() - timedelta(days=1), "i")
    with CaptureQueriesContext(connection) as asked:
        assert len(queries.list_scores(project.pk, wanted(), after=after, limit=51)) == 51
        queries.list_scores(project.pk, wanted(name="name 7"), limit=51)
        queries.list_scores(project.pk, wanted(trace_id="t7"), limit=51)
        queries.scores_of_page(project.pk, [f"t{n}" for n in range(50)])
        assert len(queries.score_names(project.pk)) == 20
        queries.count_scores(project.pk, ["name 1"], timezone.now() - timedelta(days=1))
        queries.get_score(project.pk, "i7")
    statements = [query["sql"] for query in asked if "score" in query["sql"]]
    assert len(statements) == 7
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(f"explain {statement}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan on score" not in plan, f"{statement}\n{plan}"


def test_a_list_that_takes_too_long_says_how_to_narrow_it(
    project: Project, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, [project.pk])
    monkeypatch.setattr(queries, "STATEMENT_TIMEOUT_MS", 1)
    asked = {"source": "human"}
    response = Client().get("/api/v1/scores", asked, headers=key.headers)
    assert response.status_code == 400
    assert response.json()["errors"][0]["where"] == "since"

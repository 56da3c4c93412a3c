"""Scores and outcomes as services store them: checked, once by id, moved and never doubled."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Project
from audit.models import AuditEntry
from traces.feedback.given import GivenOutcome, GivenScore
from traces.models import Outcome, Score
from traces.services.outcomes import delete_outcome, record_outcomes
from traces.services.scores import NotRecorded, delete_score, record_scores

pytestmark = pytest.mark.django_db


def given(**fields: Any) -> GivenScore:
    return GivenScore(**{"name": "helpfulness", "value": 0.5, "trace_id": "t", **fields})


def scores(project: Project) -> list[Score]:
    return list(Score.objects.filter(project_id=project.pk).order_by("name", "id"))


def refusal(project: Project, *several: GivenScore, **how: Any) -> list[tuple[int, str]]:
    with pytest.raises(NotRecorded) as refused:
        record_scores(project.pk, several, **how)
    assert scores(project) == []
    return [(fault.index, fault.field) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("value", "data_type", "num", "label"),
    [
        (0.62, "number", 0.62, None),
        (True, "boolean", 1.0, None),
        ("polite", "category", None, "polite"),
    ],
)
def test_a_value_says_its_own_type(
    project: Project, value: Any, data_type: str, num: float | None, label: str | None
) -> None:
    record_scores(project.pk, [given(value=value)], author="pk-1")
    (score,) = scores(project)
    assert (score.data_type, score.num, score.label) == (data_type, num, label)
    assert (score.author, score.source, score.span_id) == ("pk-1", "code", None)


def test_the_later_write_wins_and_keeps_when_it_was_made(project: Project) -> None:
    record_scores(project.pk, [given(id="a", value=1)])
    Score.objects.update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    record_scores(project.pk, [given(id="a", value=2, comment="no"), given(id="a", value=3)])
    (score,) = scores(project)
    assert (score.num, score.comment) == (3.0, None)
    assert score.created_at == datetime(2026, 1, 1, tzinfo=UTC) < score.updated_at


def test_an_id_that_names_another_trace_is_moved(project: Project) -> None:
    record_scores(project.pk, [given(id="a"), given(id="b")])
    Score.objects.update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    record_scores(project.pk, [given(id="a", trace_id="", session_id="s")])
    moved, stayed = sorted(scores(project), key=lambda score: score.id)
    assert (moved.trace_id, moved.session_id, moved.created_at.year) == ("", "s", 2026)
    assert moved.created_at == stayed.created_at
    assert stayed.trace_id == "t"


def test_a_thousand_are_one_statement(project: Project) -> None:
    many = [given(id=str(n), trace_id=f"t{n}") for n in range(1000)]
    with CaptureQueriesContext(connection) as asked:
        record_scores(project.pk, many)
    writing = [query["sql"] for query in asked if "insert into score (" in query["sql"]]
    assert len(writing) == 1
    assert len(asked) <= 7  # savepoint, definitions, lock, noted, write, noted, release
    assert Score.objects.count() == 1000


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"trace_id": ""}, "trace_id"),
        ({"trace_id": "", "session_id": "s", "span_id": "x"}, "trace_id"),
        ({"source": "oracle"}, "source"),
        ({"data_type": "text"}, "data_type"),
        ({"value": float("nan")}, "value"),
        ({"value": 10**400}, "value"),
        ({"value": ""}, "value"),
        ({"value": "0.5", "data_type": "number"}, "value"),
        ({"value": 0.5, "data_type": "boolean"}, "value"),
        ({"comment": "\0"}, "comment"),
        ({"comment": "\ud800"}, "comment"),
        ({"metadata": {"a": "\0"}}, "metadata"),
        ({"metadata": {"a": "x" * 40_000}}, "metadata"),
        ({"at": datetime(1, 1, 1, tzinfo=UTC)}, "at"),
    ],
)
def test_what_cannot_be_stored_is_named(
    project: Project, fields: dict[str, Any], field: str
) -> None:
    assert refusal(project, given(), given(**fields)) == [(1, field)]


def test_good_ones_may_be_kept_beside_bad_ones(project: Project) -> None:
    done = record_scores(project.pk, [given(id="a"), given(name="")], keep_good=True)
    assert done.ids == ["a", None]
    assert [(fault.index, fault.field) for fault in done.faults] == [(1, "name")]
    assert len(scores(project)) == 1


def test_a_page_writes_as_a_user_and_over_users_alone(project: Project) -> None:
    record_scores(project.pk, [given(id="a", source="human")])
    record_scores(project.pk, [given(id="b", source="judge")], from_page=True)
    with pytest.raises(NotRecorded):
        record_scores(project.pk, [given(id="a", value=0)], from_page=True)
    record_scores(project.pk, [given(id="b", value=1)], from_page=True)
    assert [(s.id, s.source, s.num) for s in scores(project)] == [
        ("a", "human", 0.5),
        ("b", "user", 1),
    ]
    for more in ({"comment": "x" * 2001}, {"metadata": {"a": 1}}, {"run_id": "r"}):
        with pytest.raises(NotRecorded):
            record_scores(project.pk, [given(**more)], from_page=True)


def test_a_deleted_score_leaves_an_entry(project: Project) -> None:
    record_scores(project.pk, [given(id="a")])
    assert not AuditEntry.objects.exists()
    assert delete_score(project, "a", actor=None)
    assert not delete_score(project, "a", actor=None)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.details["name"], scores(project)) == (
        "score.deleted",
        "helpfulness",
        [],
    )


def test_outcomes_are_exact_and_moved_as_scores_are(project: Project) -> None:
    one = {"name": "refunded", "id": "o", "unit": "USD"}
    record_outcomes(project.pk, [GivenOutcome(**one, trace_id="t", value=Decimal("12.345678901"))])
    record_outcomes(project.pk, [GivenOutcome(**one, session_id="s", value=Decimal("-0.10"))])
    stored = Outcome.objects.get()
    assert (stored.trace_id, stored.session_id, stored.value) == ("", "s", Decimal("-0.1"))
    for wrong in (
        {"value": Decimal("1e11")},
        {"value": Decimal("1e-10")},
        {"value": Decimal("NaN")},
    ):
        with pytest.raises(NotRecorded):
            record_outcomes(project.pk, [GivenOutcome("refunded", trace_id="t", **wrong)])
    assert delete_outcome(project, "o", actor=None)
    assert AuditEntry.objects.get().action == "outcome.deleted"


def test_open_pages_are_told_once_a_write(
    project: Project,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks() as calls:
        record_scores(project.pk, [given(), given()])
        record_outcomes(project.pk, [GivenOutcome("resolved", trace_id="t")])
    assert len(calls) == 2
    with django_capture_on_commit_callbacks() as calls:
        record_scores(project.pk, [given(name="")], keep_good=True)
    assert calls == []

"""A definition decides which scores of its name are stored, until it is archived."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Project
from traces.feedback.given import GivenScore, Terms
from traces.models import Score
from traces.services.score_definitions import define_score
from traces.services.scores import NotRecorded, record_scores

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
    ("terms", "bad", "good"),
    [
        (Terms("helpfulness", minimum=0, maximum=1), {"value": 1.5}, {"value": 1}),
        (Terms("helpfulness", "boolean"), {"value": 0.5}, {"value": 0}),
        (Terms("helpfulness", "category", categories=["a"]), {"value": "b"}, {"value": "a"}),
        (Terms("helpfulness", sources=["judge"]), {"source": "user"}, {"source": "judge"}),
        (Terms("helpfulness"), {"value": "high"}, {"value": 3}),
        (Terms("helpfulness"), {"value": True}, {"value": 3}),
        (Terms("helpfulness"), {"data_type": "boolean", "value": 1}, {"data_type": "number"}),
    ],
)
def test_a_definition_decides(
    project: Project, terms: Terms, bad: dict[str, Any], good: dict[str, Any]
) -> None:
    define_score(project, terms, actor=None)
    assert len(refusal(project, given(**bad))) == 1
    record_scores(project.pk, [given(**good), given(name="other", value="anything")])
    assert [score.data_type for score in scores(project)] == [terms.data_type, "category"]


def test_an_archived_definition_decides_nothing(project: Project) -> None:
    define_score(project, Terms("helpfulness", maximum=0.1, is_archived=True), actor=None)
    record_scores(project.pk, [given(value=0.9)])

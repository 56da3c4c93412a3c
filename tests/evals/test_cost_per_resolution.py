"""An experiment's agent: all cost, of failures too, for each run that was resolved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, Role
from evals.evaluating.settings import Terms
from evals.models import Experiment, ExperimentEvaluator, Judgement, Result
from evals.queries.agents import agent_figures
from evals.services.evaluators import create_evaluator
from tests.factories import Key, make_user

pytestmark = pytest.mark.django_db
MOMENT = "2026-11-20T12:00:00Z"


@pytest.fixture
def experiment(project: Project) -> Experiment:
    made = Experiment.objects.create(project=project, number=1, name="Agent", state="done")
    resolved = create_evaluator(project, "resolved", "agent", Terms({"check": "resolution"}),
                                actor=None)  # fmt: skip
    ExperimentEvaluator.objects.create(experiment=made, version=resolved.current)
    runs: list[tuple[Any, Any]] = [(1.0, 100), (1.0, 300), (0.0, 500), (None, 100), (1.0, None)]
    for place, (num, cost) in enumerate(runs):
        result = Result.objects.create(
            experiment=made, item_key=f"i{place}", state="done", cost_nano=cost, finished_at=MOMENT
        )
        Judgement.objects.create(
            project=project, purpose="experiment", name="resolved", version=resolved.current,
            experiment=made, result=result, state="done", num=num,
        )  # fmt: skip
    return made


def test_all_cost_is_divided_by_the_resolved_runs(
    experiment: Experiment, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3):
        found = agent_figures(experiment)
    assert found is not None
    assert (found.runs, found.resolved, found.silent, found.unpriced) == (5, 3, 1, 1)
    assert (found.total_nano, found.per_resolution_nano) == (1000, 500)
    assert found.rate == 3 / 4
    assert found.per_resolution is not None
    assert found.per_resolution.low < 500 < found.per_resolution.high


def test_without_a_resolution_it_is_undefined(experiment: Experiment) -> None:
    Judgement.objects.update(num=0.0)
    found = agent_figures(experiment)
    assert found is not None
    assert (found.per_resolution_nano, found.per_resolution) == (None, None)
    experiment.evaluators.all().delete()
    assert agent_figures(experiment) is None


def test_it_stands_on_the_page_and_over_rest(
    project: Project, experiment: Experiment, key: Key
) -> None:
    told = Client(headers=key.headers).get("/api/v1/experiments/1/agent")
    assert told.status_code == 200, told.content
    assert told.json()["cost_per_resolution_nano"] == 500
    site = Client()
    site.force_login(make_user("v@x.test", organization=project.organization, role=Role.VIEWER))
    panel = site.get("/p/support/experiments/1/agent/").content.decode()
    assert "3 of 5 runs, by resolved; 1 do not say" in panel
    assert site.get("/p/support/experiments/9/agent/").status_code == 404
    assert "experiments/1/agent/" in site.get("/p/support/experiments/1/").content.decode()

"""Judges score an experiment while it runs, within the same cap and the same cancel."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Project
from evals.models import Experiment, Judgement
from evals.running import claiming
from tests.evals.judging import verdict
from tests.evals.labelled import make_judge
from tests.evals.planned import MODEL
from tests.evals.running import in_a_thread, run, started, upstream
from tests.provider import ANSWER, Provider
from traces.models import Score

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db(transaction=True)
RUBRIC = {"rubric": "Faithful is what the documents say.", "sees": ["input", "output"]}


def both(body: dict[str, Any]) -> dict[str, Any]:
    """The target's answer, or the judge's where it is asked for a verdict."""
    is_target = len(body["messages"]) == 1 and "Where is order" in str(body["messages"][0])
    said = ANSWER if is_target else verdict(verdict="faithful")
    return {"role": "assistant", "content": said}


def judged(project: Project, upstream: Provider, count: int = 4, **more: Any) -> Experiment:
    upstream.script = both
    judge = make_judge(project, config=RUBRIC, model=MODEL)
    return started(project, upstream, count, evaluators=[judge], **more)


def test_each_output_is_judged_and_scored_on_its_trace(
    project: Project, upstream: Provider
) -> None:
    experiment = judged(project, upstream)
    run()
    experiment.refresh_from_db()
    assert (experiment.state, experiment.error) == ("done", "")
    assert (experiment.done, experiment.judged, experiment.to_judge) == (4, 4, 4)
    assert len(upstream.answers) == 8
    rows = list(Judgement.objects.filter(experiment=experiment))
    assert {(row.state, row.label, row.error) for row in rows} == {("done", "faithful", "")}
    assert all(row.judge_trace_id and row.cost_nano for row in rows)
    spent = sum(row.cost_nano or 0 for row in [*rows, *experiment.results.all()])
    assert experiment.spent_nano == spent
    scores = Score.objects.filter(project_id=project.pk, run_id=experiment.external_id)
    assert {score.trace_id for score in scores} == {r.trace_id for r in experiment.results.all()}
    assert {(score.source, score.label) for score in scores} == {("judge", "faithful")}


def test_a_judgement_in_flight_at_a_kill_is_asked_for_again(
    project: Project, upstream: Provider
) -> None:
    experiment = judged(project, upstream, 3)
    run()
    Judgement.objects.filter(experiment=experiment).update(state="done", num=None)
    first = Judgement.objects.filter(experiment=experiment).order_by("pk")[0]
    Judgement.objects.filter(pk=first.pk).update(state="due")
    Experiment.objects.update(state="running")
    job = in_a_thread(lambda: claiming.take(experiment.pk))
    assert job is not None
    job.lock.close()  # its thread and connection are gone
    assert len(claiming.claim_judgements(experiment.pk, 5)) == 1
    asked = len(upstream.answers)
    run()
    first.refresh_from_db()
    assert (first.state, first.label) == ("done", "faithful")
    assert len(upstream.answers) == asked + 1


def test_judges_count_in_the_cap(project: Project, upstream: Provider) -> None:
    cap = 60_000_000
    experiment = judged(project, upstream, 20, cost_cap_nano=cap, concurrency=2)
    Experiment.objects.update(cost_cap_nano=3_000_000)
    run()
    experiment.refresh_from_db()
    assert experiment.state == "capped"
    assert experiment.spent_nano <= 3_000_000
    left = Judgement.objects.filter(experiment=experiment, state__in=["due", "running"])
    assert not left.exists()
    assert experiment.judged < 20

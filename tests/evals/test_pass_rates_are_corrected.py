"""A judge's pass rate stands beside the one that people would find."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.asserts import assertContains

from accounts.models import Project, User
from evals.models import Calibration, Experiment, ExperimentEvaluator, Judgement, Result
from evals.queries.corrected import corrected_rate, of_experiment
from evals.services.calibrating import calibrate
from tests.evals.labelled import calibrated, make_judge

pytestmark = pytest.mark.django_db
# A lenient judge: of 120 answers it passes 90, people pass 70.
LENIENT = [("faithful", "faithful", 68), ("faithful", "unfaithful", 2),
           ("unfaithful", "faithful", 22), ("unfaithful", "unfaithful", 28)]  # fmt: skip


def test_a_lenient_judges_rate_is_brought_down(project: Project, bob: User) -> None:
    judge = make_judge(project)
    calibrated(judge, bob, LENIENT)
    rate = corrected_rate(750, 1_000, calibrate(judge.pk))
    assert rate.raw is not None
    assert rate.corrected is not None
    assert rate.raw.value == 0.75
    # Of 120 labels the judge passes 75 %, people 58.3 %: about 16.7 points less.
    assert rate.corrected.value == pytest.approx(0.5833, abs=0.01)
    assert rate.corrected.low < 0.5833 < rate.corrected.high
    assert rate.is_off


def test_the_share_of_the_labelled_answers_is_not_taken_for_that_of_others(
    project: Project, bob: User
) -> None:
    judge = make_judge(project)
    calibrated(judge, bob, [("faithful", "faithful", 90), ("unfaithful", "unfaithful", 40)])
    rate = corrected_rate(3, 12, calibrate(judge.pk))  # a bad run, and a judge that is never wrong
    assert rate.corrected is not None
    assert rate.corrected.value == pytest.approx(0.25)


def test_without_labels_there_is_nothing_to_correct_by(project: Project) -> None:
    rate = corrected_rate(3, 4, Calibration(version=make_judge(project)))
    assert rate.corrected is None
    assert not rate.is_off
    assert corrected_rate(0, 0, Calibration()).raw is None


def test_an_experiments_page_shows_both(member_client: Client, project: Project, bob: User) -> None:
    judge = make_judge(project)
    run = Experiment.objects.create(project=project, number=1, name="run", state="done")
    ExperimentEvaluator.objects.create(experiment=run, version=judge)
    for number in range(8):
        result = Result.objects.create(experiment=run, item_key=f"i{number}", state="done")
        Judgement.objects.create(
            project=project, purpose="experiment", name="faithfulness", version=judge,
            experiment=run, result=result, state="done", passed=number > 1, num=float(number > 1),
        )  # fmt: skip
    assert of_experiment(run, judge).corrected is None
    piece = member_client.get("/p/support/experiments/1/judged/")
    assertContains(piece, "75%")
    assertContains(piece, "no labels")
    calibrated(judge, bob, LENIENT)
    calibrate(judge.pk)
    piece = member_client.get("/p/support/experiments/1/judged/")
    assertContains(piece, "As people would judge")
    assert of_experiment(run, judge).corrected is not None
    assertContains(member_client.get("/p/support/experiments/1/"), "/experiments/1/judged/")

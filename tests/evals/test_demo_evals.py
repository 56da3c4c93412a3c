"""The demo's evals hold together: the gate passes by real reckoning, the judge has earned it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Project
from evals.demo import begin, complete
from evals.models import (
    Calibration,
    Dataset,
    Experiment,
    GateRun,
    HumanLabel,
    Judgement,
    QueueItem,
    Result,
)
from prompts.demo import Story, begin_canary, furnish
from prompts.models import Check
from traces.models import Span

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def story(project: Project) -> Story:
    told = Story(project, timezone.now().date(), 7)
    furnish(told)
    return told


def test_the_story_is_told_once_and_holds_together(story: Story, project: Project) -> None:
    assert begin(story)
    begin_canary(story)
    assert complete(story)
    dataset = Dataset.objects.get()
    assert (dataset.last_number, dataset.versions.count()) == (5, 5)

    run = GateRun.objects.get()
    assert (run.state, run.error) == ("pass", "")
    primary = run.verdict["primary"]
    assert primary["interval"][0] > 0
    assert run.verdict["same"] > primary["improved"] > primary["regressed"]
    check = Check.objects.get(name="evals / gate", state="pass")
    assert check.request.version.number == 15
    assert check.at < timezone.now() - timedelta(days=6)

    usable = Calibration.objects.get(version__number=2)
    assert (usable.state, usable.labels) == ("usable", 112)
    assert usable.kappa is not None
    assert 0.65 < usable.kappa < 0.95
    before = Calibration.objects.get(version__number=1)
    assert before.kappa is not None
    assert before.kappa < usable.kappa - 0.05
    assert HumanLabel.objects.count() == 142
    assert QueueItem.objects.filter(state="open").count() == 14

    assert Experiment.objects.filter(state="done").count() == 3
    results = Result.objects.filter(state="done")
    spans = Span.objects.filter(project_id=project.pk)
    assert results.count() == spans.count() == 3 * 95 * 3
    assert sum(results.values_list("cost_nano", flat=True)) == sum(
        spans.values_list("cost_nano", flat=True)
    )
    assert not Judgement.objects.exclude(state="done").exists()

    assert not begin(story)
    assert not complete(story)
    assert GateRun.objects.count() == 1


def test_nothing_is_told_where_the_prompts_are_gone(story: Story) -> None:
    assert not complete(story)
    assert not Experiment.objects.exists()

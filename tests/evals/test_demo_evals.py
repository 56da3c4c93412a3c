"""The demo's evals hold together: the gate passes by real reckoning, the judge has earned it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Project
from alerts.models import Incident, Origin
from alerts.services.drift import follow_alarms
from costs.demo.launch import plan_launch
from costs.queries.plans import outlooks
from evals.demo import begin, complete
from evals.models import (
    Calibration,
    Dataset,
    DriftAlarm,
    Experiment,
    GateRun,
    HumanLabel,
    Judgement,
    QueueItem,
    Result,
    Schedule,
    TextWatch,
)
from prompts.demo import Story, begin_canary, furnish
from prompts.models import Check
from tests.costs.making import budget
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
    dataset = Dataset.objects.get(name="refunds-golden")
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

    nightly = Experiment.objects.filter(purpose="schedule")
    assert Experiment.objects.filter(state="done").exclude(pk__in=nightly).count() == 3
    results = Result.objects.filter(state="done")
    spans = Span.objects.filter(project_id=project.pk)
    assert results.count() == spans.count() == 3 * 95 * 3 + 40 * nightly.count()
    assert sum(results.values_list("cost_nano", flat=True)) == sum(
        spans.values_list("cost_nano", flat=True)
    )
    assert not Judgement.objects.exclude(state="done").exists()
    sixty_nights_hold_a_change_of_the_provider(story)
    assert TextWatch.objects.get().sides == ["input", "output"]
    a_plan_is_drawn_from_what_the_gate_measured(story)

    assert not begin(story)
    assert not complete(story)
    assert GateRun.objects.count() == 1


def a_plan_is_drawn_from_what_the_gate_measured(story: Story) -> None:
    """Of all experiments the gate's; a launch that lies before today, and a budget that breaks."""
    plan = plan_launch(story, budget(story.project, period="month"))
    assert plan is not None
    terms, (planned, *others) = outlooks(plan.versions.get())
    gate = Experiment.objects.get(purpose="gate", name__endswith="v15")
    assert (terms.draft.experiment, terms.items, terms.left_out) == (gate.number, 95, 0)
    assert plan.created_at.date() < terms.draft.launch < story.anchor
    assert planned.breaks is not None
    assert planned.breaks.day >= terms.draft.launch
    assert [one.priced.why for one in (planned, *others)] == ["", "", ""]


def sixty_nights_hold_a_change_of_the_provider(story: Story) -> None:
    """What the detector found, and each of its numbers in the rows that it was reckoned from."""
    schedule = Schedule.objects.get()
    nights = schedule.runs.filter(kind="planned")
    assert nights.count() == 60
    assert list(nights.exclude(state="done").values_list("state", flat=True)) == ["missed"]
    assert not schedule.runs.filter(state__in=["due", "running"]).exists()
    for run in schedule.runs.filter(state="done").select_related("experiment"):
        assert run.experiment is not None
        said = run.experiment.judgements.values_list("result__item_key", "num")
        assert dict(said) == run.scores
        assert run.experiment.created_at >= run.slot

    alarm = DriftAlarm.objects.get()
    assert (alarm.state, alarm.kind, alarm.cause) == ("open", "drop", "upstream")
    changed = story.at(9).date().toordinal()
    assert 0 <= alarm.since - changed <= 1
    assert 0 <= alarm.run.day - changed <= 3
    assert alarm.high < -0.04
    assert alarm.replays.filter(state="done").count() == 3
    assert alarm.told_at is not None
    assert alarm.told_at < story.at(4)
    judge = [one for one in alarm.attribution["arms"] if one["name"] == "judge"]
    assert judge[0]["items"] == 40
    assert abs(judge[0]["change"]) < 0.02
    assert alarm.run.standing["held"] >= 30

    assert follow_alarms() == 1
    incident = Incident.objects.get()
    assert incident.origin == Origin.PROVIDER
    assert "It was the provider, not us." in incident.sentence


def test_nothing_is_told_where_the_prompts_are_gone(story: Story) -> None:
    assert not complete(story)
    assert not Experiment.objects.exists()

"""Stored answers are judged again in each run: where they get worse marks, it was the judge."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from accounts.models import Project, User
from evals.models import (
    DriftAlarm,
    EvaluatorVersion,
    Rejudging,
    Result,
    Schedule,
    ScheduleRun,
    StoredAnswer,
)
from evals.running.stored import judge_stored
from evals.services import rejudgings as store
from evals.services.schedules import BadSchedule
from tests.evals.judging import verdict
from tests.evals.labelled import make_judge
from tests.evals.planned import MODEL
from tests.evals.running import upstream
from tests.evals.scheduling import BEGAN, a_day, days, repeated, scheduled
from tests.provider import ANSWER, Provider
from tests.provider_faults import Fault
from traces.models import Span

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db(transaction=True)
RUBRIC = {"rubric": "Faithful is what the documents say.", "sees": ["input", "output"]}


class Voices:
    """The target's answers and the judge's marks, each of which may get worse by itself."""

    def __init__(self) -> None:
        self.is_harsh = self.is_worse = self.is_away = False

    def __call__(self, body: dict[str, Any]) -> dict[str, Any] | Fault:
        text = str(body["messages"][-1]["content"])
        number = int("".join(filter(str.isdigit, text.partition("order ")[2][:4])) or 0)
        is_third = number % 3 == 0
        if len(body["messages"]) == 1 and text.startswith("Where is order"):
            said = "No idea." if self.is_worse and is_third else ANSWER
            return {"role": "assistant", "content": said}
        if self.is_away:
            return Fault(400, "no")
        is_bad = "No idea." in text or (self.is_harsh and is_third)
        said = verdict(verdict="unfaithful" if is_bad else "faithful")
        return {"role": "assistant", "content": said}


@pytest.fixture
def voices(upstream: Provider) -> Voices:
    upstream.script = voices = Voices()
    return voices


def watched_by_a_judge(
    project: Project, url: str, items: int = 30, **more: Any
) -> tuple[Schedule, EvaluatorVersion]:
    judge = make_judge(project, config=RUBRIC, model=MODEL)
    return scheduled(project, url, items, watched=judge, **{"judge_answers": 30, **more}), judge


def test_a_judge_that_gets_harsher_is_named_and_the_provider_is_not(
    project: Project, upstream: Provider, voices: Voices, client: Client, alice: User
) -> None:
    schedule, _ = watched_by_a_judge(project, upstream.url)
    days(0, 0)
    repeated(1, 7)
    assert StoredAnswer.objects.count() == 30
    assert set(Rejudging.objects.values_list("state", "mean")) == {("done", 1.0)}
    chosen = set(StoredAnswer.objects.values_list("pk", flat=True))
    voices.is_harsh = True
    days(8, 9, until=DriftAlarm.objects.exists)
    alarm = DriftAlarm.objects.get()
    assert (alarm.kind, alarm.cause, alarm.confidence) == ("drop", "judge", "strong")
    assert "The judge changed" in alarm.attribution["sentences"][0]
    (arm,) = [one for one in alarm.attribution["arms"] if one["name"] == "judge"]
    assert arm["items"] == 30
    assert arm["change"] == pytest.approx(-1 / 3, abs=0.02)
    assert set(StoredAnswer.objects.values_list("pk", flat=True)) == chosen
    row = Rejudging.objects.filter(run__alarm=alarm).first()
    assert row is not None
    assert (row.calls, row.unpriced) == (30, 0)
    assert row.cost_nano > 0
    spans = Span.objects.filter(project_id=project.pk, name__startswith="judge again for nightly")
    asked = Rejudging.objects.aggregate(calls=Sum("calls"))["calls"]
    assert spans.count() == asked >= 30 * 5
    assert schedule.rejudgings.count() == ScheduleRun.objects.filter(state="done").count()

    client.force_login(alice)
    for page in (f"alarms/{alarm.pk}/", f"schedules/{schedule.pk}/"):
        shown = client.get(f"/p/support/quality/{page}").content.decode()
        assert "The judge is harsher than it was." in shown
        assert "30 stored answers, marked again in each run: last 0.67" in shown


def test_a_small_set_gives_answers_of_several_runs_that_outlive_their_traces(
    project: Project, upstream: Provider, voices: Voices
) -> None:
    watched_by_a_judge(project, upstream.url, items=12)
    days(0, 0)
    assert StoredAnswer.objects.count() == 12
    days(1, 2)
    assert StoredAnswer.objects.count() == 30
    assert StoredAnswer.objects.values("run").distinct().count() == 3
    Result.objects.all().delete()
    Span.objects.all().delete()
    a_day(3)
    newest = Rejudging.objects.latest("day")
    assert (newest.state, newest.calls, newest.mean) == ("done", 30, 1.0)


def test_a_judge_that_cannot_be_asked_is_tried_again_and_then_said_to_be(
    project: Project, upstream: Provider, voices: Voices
) -> None:
    schedule, judge = watched_by_a_judge(project, upstream.url, items=4)
    days(0, 0)
    run = ScheduleRun.objects.get(kind="planned")
    Rejudging.objects.exclude(run=run).delete()  # of the baseline's other runs
    row = Rejudging.objects.get()
    Rejudging.objects.update(state="due", marks={}, finished_at=None)
    voices.is_away = True
    now = timezone.now()
    for tried in range(1, store.MOST_TRIES + 1):
        assert judge_stored(now) == 1
        row.refresh_from_db()
        assert row.attempts == tried
        assert judge_stored(now) == 0
        now += timedelta(hours=1)
    assert (row.state, row.mean) == ("failed", None)
    assert row.error

    Rejudging.objects.update(state="due", attempts=0, marks={})
    Schedule.objects.update(cost_cap_nano=run.experiment.spent_nano if run.experiment else 0)
    voices.is_away = False
    calls = len(upstream.answers)
    judge_stored(now)
    row.refresh_from_db()
    assert (row.state, row.error) == ("skipped", store.OVER_CAP)
    assert len(upstream.answers) == calls

    Rejudging.objects.update(state="due", marks={}, created_at=BEGAN)
    schedule.evaluators.all().delete()
    judge_stored(now)
    row.refresh_from_db()
    assert row.state == "skipped"
    assert judge.pk


def test_what_computes_is_not_judged_again_and_a_few_are_refused(
    project: Project, upstream: Provider
) -> None:
    with pytest.raises(BadSchedule) as refused, transaction.atomic():
        scheduled(project, upstream.url, items=2, judge_answers=5)
    assert refused.value.where == "judge_answers"
    scheduled(project, upstream.url, items=3)
    days(0, 0)
    assert not StoredAnswer.objects.exists()
    assert not Rejudging.objects.exists()

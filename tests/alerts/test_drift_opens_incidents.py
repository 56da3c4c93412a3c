"""A frozen set gets worse: one incident, which says whose change it was, once on every channel."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Project, User
from alerts.models import Incident, Origin, Severity, State
from alerts.services import acting
from alerts.services.drift import follow_alarms
from alerts.services.rule_watch import watch_rules
from alerts.services.rules import create_rule
from evals.models import DriftAlarm, Schedule, ScheduleRun
from evals.services.drift_alarms import close_alarm
from prompts.models import LabelMove
from tests.alerts.making import kinds
from tests.evals.scheduling import scheduled, version_of
from tests.prompts.making import serve

pytestmark = pytest.mark.django_db


def raised(project: Project, **fields: Any) -> DriftAlarm:
    """An alarm as a schedule leaves it, of a label that moved to version 2."""
    first = version_of(project)
    serve(first.prompt, first.number)
    schedule = scheduled(project, "http://127.0.0.1:9/", items=4)
    second = version_of(project, "Briefly: {{question}}")
    serve(second.prompt, second.number)
    Schedule.objects.update(label="production", feature="refund-agent")
    now = timezone.now()
    for number, mean in enumerate((0.93, None, 0.6)):
        run = ScheduleRun.objects.create(
            schedule=schedule, slot=now - timedelta(days=3 - number), day=739_000 + number,
            due_at=now, mean=mean, state="done", prompt_version=second,
        )  # fmt: skip
    return DriftAlarm.objects.create(
        schedule=Schedule.objects.get(), run=run, segment=1, since=739_001, effect=-0.33,
        low=-0.45, high=-0.21, **{"kind": "drop", **fields},
    )  # fmt: skip


def told(alarm: DriftAlarm, cause: str) -> None:
    alarm.cause, alarm.told_at, alarm.confidence = cause, timezone.now(), "high"
    alarm.attribution = {"sentences": ["The stored answers score the same today."]}
    alarm.save()


def test_the_incident_waits_for_the_verdict_and_comes_once(project: Project) -> None:
    alarm = raised(project)
    assert follow_alarms() == 0
    told(alarm, "own")
    assert (follow_alarms(), follow_alarms()) == (1, 0)
    incident = Incident.objects.get()
    assert incident.sentence.startswith("contains of refund-agent fell by 0.33 since 25 Apr.")
    assert (incident.origin, incident.severity) == (Origin.US, Severity.PAGE)
    assert incident.implicated == LabelMove.objects.latest("pk")
    assert incident.evidence["points"] == [0.93, None, 0.6]
    assert acting.can_roll_back(incident)


def test_without_a_verdict_it_waits_an_hour_and_gets_it_later(project: Project) -> None:
    alarm = raised(project)
    later = timezone.now() + timedelta(hours=2)
    assert (follow_alarms(later), follow_alarms(later)) == (1, 0)
    told(alarm, "upstream")
    assert (follow_alarms(later), follow_alarms(later)) == (1, 0)
    incident = Incident.objects.get()
    assert (incident.origin, kinds(incident)) == (Origin.PROVIDER, ["opened", "seen"])


@pytest.mark.parametrize(
    ("kind", "cause", "severity"), [("decay", "both", "ticket"), ("drop", "none", "info")]
)
def test_what_is_slow_or_does_not_repeat_wakes_nobody(
    project: Project, kind: str, cause: str, severity: str
) -> None:
    told(raised(project, kind=kind), cause)
    follow_alarms()
    assert Incident.objects.get().severity == severity


def test_a_closed_alarm_resolves_it_and_a_resolved_one_stays(project: Project, alice: User) -> None:
    alarm = raised(project)
    told(alarm, "judge")
    follow_alarms()
    acting.resolve(Incident.objects.get(), actor=alice)
    assert follow_alarms() == 0
    Incident.objects.all().delete()
    follow_alarms()
    close_alarm(alarm, actor=alice, is_new_normal=True)
    assert (follow_alarms(), follow_alarms()) == (1, 0)
    assert Incident.objects.get().state == State.RESOLVED


def test_a_rule_says_how_loud_the_alarms_of_a_schedule_are(
    project: Project, alice: User, nobody_folds: None
) -> None:
    alarm = raised(project)
    told(alarm, "upstream")
    follow_alarms()
    rule = create_rule(
        project, actor=None, name="Drift", metric="drift", subject=str(alarm.schedule_id),
        amount="0.2", severity="info", owner=alice.email,
    )  # fmt: skip
    later = timezone.now() + timedelta(minutes=5)
    watch_rules(later)
    assert (follow_alarms(later), follow_alarms(later)) == (1, 0)
    assert [one.cause for one in Incident.objects.exclude(state=State.RESOLVED)] == [rule.cause]
    incident = Incident.objects.get(cause=rule.cause)
    assert (incident.severity, incident.owner, incident.origin) == (
        Severity.INFO, alice, Origin.PROVIDER,
    )  # fmt: skip
    assert incident.sentence == "Drift: the score fell by 0.33."
    close_alarm(DriftAlarm.objects.get(), actor=alice, is_new_normal=True)
    watch_rules(later + timedelta(minutes=1))
    watch_rules(later + timedelta(minutes=30))
    incident.refresh_from_db()
    assert incident.state == State.RESOLVED

"""A frozen set runs every night: a drop is found, and told whose change it was."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Project, User
from audit.models import AuditEntry
from evals.models import DriftAlarm, Schedule, ScheduleRun
from evals.queries.schedules import history_of
from evals.services.drift_alarms import NotOpen, close_alarm
from prompts.models import Label
from tests.evals.running import upstream
from tests.evals.scheduling import days, scheduled, version_of
from tests.provider import Provider
from tests.provider_faults import Fault

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db(transaction=True)

BAD = {"role": "assistant", "content": "No idea."}


def worse(on: str = "") -> Any:
    """Every third question is answered badly, where the prompt says `on`."""

    def script(body: dict[str, Any]) -> dict[str, Any] | None:
        text = body["messages"][-1]["content"]
        number = int("".join(filter(str.isdigit, text)) or 0)
        return BAD if on in text and number % 3 == 0 else None

    return script


def test_a_provider_that_gets_worse_overnight_is_found_and_named(
    project: Project, upstream: Provider, alice: User
) -> None:
    schedule = scheduled(project, upstream.url)
    days(0, 8)
    assert not DriftAlarm.objects.exists()
    upstream.script = worse()
    found = days(9, 12, until=DriftAlarm.objects.exists)
    assert found <= 11
    alarm = DriftAlarm.objects.get()
    assert (alarm.kind, alarm.state, alarm.cause) == ("drop", "open", "upstream")
    assert alarm.high < -0.1
    assert alarm.report["items"][0]["key"] in {f"g-{number:04}" for number in range(0, 30, 3)}
    assert alarm.attribution["sentences"]
    assert alarm.replays.filter(kind="current", state="done").count() == 3
    assert not alarm.replays.filter(kind="old").exists()

    days(found + 1, found + 3)
    assert DriftAlarm.objects.count() == 1
    close_alarm(alarm, actor=alice, is_new_normal=True, now=alarm.opened_at.replace(day=28))
    with pytest.raises(NotOpen):
        close_alarm(alarm, actor=alice, is_new_normal=True)
    history = history_of(schedule, 1)
    assert history is not None
    assert history.state.alarm is None
    told = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"schedule.created", "drift.alarm_raised", "drift.alarm_dismissed"} <= told


def test_our_own_new_version_is_named_as_ours(project: Project, upstream: Provider) -> None:
    schedule = scheduled(project, upstream.url, label="production")
    days(0, 7)
    upstream.script = worse(on="Briefly")
    label = Label.objects.get(prompt=schedule.prompt)
    label.version = version_of(project, "Briefly: {{question}}")
    label.save()
    days(8, 9, until=DriftAlarm.objects.exists)
    alarm = DriftAlarm.objects.get()
    assert (alarm.kind, alarm.cause, alarm.changed) == ("edge", "own", ["prompt"])
    assert alarm.report["what"] == ["prompt version"]
    assert alarm.replays.filter(state="done").count() == 6
    segments = set(schedule.runs.filter(alarm=None).values_list("segment", flat=True))
    assert segments == {1, 2}


def test_a_run_without_most_of_its_answers_has_no_verdict(
    project: Project, upstream: Provider
) -> None:
    schedule = scheduled(project, upstream.url, items=6)
    upstream.script = lambda body: Fault(400, "no")
    days(0, 0)
    run = ScheduleRun.objects.get()
    assert (run.state, run.mean) == ("silent", None)
    assert run.error
    assert Schedule.objects.get().next_at > run.slot
    assert schedule.alarms.count() == 0

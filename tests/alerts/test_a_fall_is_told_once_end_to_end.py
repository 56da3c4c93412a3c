"""Weeks of nightly runs, then ten points fewer: one incident says whose change it was, told once.

The provider, the mail server and the receivers of Slack and PagerDuty are real servers on loopback;
the clock of the schedule is given.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from alerts.delivering import deliver_due
from alerts.models import Delivery, Incident, Origin, Severity, State
from alerts.services.drift import follow_alarms
from evals.models import DriftAlarm
from prompts.models import Label, LabelMove
from tests.alerts.making import KEY, Mailbox, email, kinds, pagerduty, slack
from tests.evals.running import upstream
from tests.evals.scheduling import days, scheduled, version_of
from tests.prompts.making import serve
from tests.provider import Provider
from tests.receiver import Receiver

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db(transaction=True)

ITEMS, QUIET_DAYS = 50, 8
ENOUGH = 50  # items, of which five fall
BAD = {"role": "assistant", "content": "No idea."}


def ten_points_worse(on: str = "") -> Any:
    """Every tenth question is answered badly, where the prompt says `on`."""

    def script(body: dict[str, Any]) -> dict[str, Any] | None:
        text = body["messages"][-1]["content"]
        number = int("".join(filter(str.isdigit, text)) or 0)
        return BAD if on in text and number % 10 == 0 else None

    return script


def tell() -> None:
    """What beat does, more often than is needed."""
    for _ in range(3):
        follow_alarms()
        deliver_due()


def told(mailbox: Mailbox, server: Receiver) -> dict[str, list[str]]:
    """What arrived where."""
    posted = [(one.path.rpartition("/")[2], json.loads(one.body)) for one in server.received]
    return {
        "mail": [str(one["Subject"]) for one in mailbox.taken],
        "slack": [body["text"] for place, body in posted if place == "secret"],
        "pagerduty": [body["event_action"] for place, body in posted if place == "enqueue"],
    }


def test_a_provider_that_falls_by_ten_points_is_named_in_one_message(
    project: Project, upstream: Provider, server: Receiver, mailbox: Mailbox, member_client: Client
) -> None:
    for channel in (email(project), slack(project, server), pagerduty(project, server)):
        assert channel.is_enabled
    scheduled(project, upstream.url, items=ITEMS)
    days(0, QUIET_DAYS - 1)
    tell()
    assert (Incident.objects.count(), told(mailbox, server)["mail"]) == (0, [])
    upstream.script = ten_points_worse()
    found = days(QUIET_DAYS, QUIET_DAYS + 6, until=DriftAlarm.objects.exists)
    assert found - QUIET_DAYS < 3
    tell()
    days(found + 1, found + 2)  # it stays so, and nobody hears of it again
    tell()
    incident = Incident.objects.get()
    assert (incident.origin, incident.severity) == (Origin.PROVIDER, Severity.PAGE)
    assert kinds(incident)[0] == "opened"
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}
    got = told(mailbox, server)
    assert {place: len(said) for place, said in got.items()} == dict.fromkeys(got, 1)
    assert "It was the provider, not us." in got["slack"][0]
    assert got["pagerduty"] == ["trigger"]
    assert json.loads(server.received[-1].body).get("routing_key") in (KEY, None)
    page = member_client.get(incident.page_path)
    assertContains(page, "the provider</b>, not us")
    assertNotContains(page, "Roll back</button>")


def test_the_teams_own_change_is_named_and_can_be_rolled_back(
    project: Project, upstream: Provider, server: Receiver, mailbox: Mailbox, member_client: Client
) -> None:
    email(project)
    slack(project, server)
    pagerduty(project, server)
    schedule = scheduled(project, upstream.url, items=ENOUGH, label="production")
    label = Label.objects.select_related("version").get(prompt=schedule.prompt)
    first = label.version
    LabelMove.objects.create(
        prompt=schedule.prompt, label=label.name, to_version=first, cause="set", by_label="bob"
    )
    days(0, QUIET_DAYS - 5)
    upstream.script = ten_points_worse(on="Briefly")
    second = version_of(project, "Briefly: {{question}}")
    serve(second.prompt, second.number)
    assert days(QUIET_DAYS - 4, QUIET_DAYS, until=DriftAlarm.objects.exists) < QUIET_DAYS
    tell()
    incident = Incident.objects.get()
    assert incident.origin == Origin.US
    got = told(mailbox, server)
    assert {place: len(said) for place, said in got.items()} == dict.fromkeys(got, 1)
    assert "It was our own change." in got["slack"][0]
    page = member_client.get(incident.page_path)
    assertContains(page, "It was <b>our own change</b>.")
    assertContains(page, "Roll back</button>")
    member_client.post(f"{incident.page_path}rollback/")
    label.refresh_from_db()
    assert label.version == first
    incident.refresh_from_db()
    assert incident.state == State.ACKNOWLEDGED

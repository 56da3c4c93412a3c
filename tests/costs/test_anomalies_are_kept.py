"""Spend is read hour by hour; an episode is one anomaly with its causes, page and incident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project, User
from alerts.models import Incident
from alerts.services.anomalies import follow_anomalies
from costs.detection.settings import HOURLY
from costs.models import Anomaly, PlannedEvent, SpendReading
from costs.services.anomalies import acknowledge, call_normal, read_due, read_project
from tests.traces.seeing import call, now_ns, store

pytestmark = pytest.mark.django_db
AT = "/p/support/costs/anomalies/"
DAYS = 24


def spend(
    project: Project, *, of: dict[int, float], feature: str = "chat", days: int = DAYS
) -> None:
    """A call every hour of the last days, of a dollar; `of` says another cost by hours ago."""
    offset = now_ns() / 10**9 % 3600
    store(
        project,
        *(
            call(
                f"{feature}-{hours}", cost=of.get(hours, 1 + hours % 5 / 50), feature=feature,
                model="gpt-x", ago=hours * 3600 + offset - 60,
            )
            for hours in range(days * 24, 0, -1)
        ),
    )  # fmt: skip


def now() -> datetime:
    """Eleven minutes past the hour that tests stop at."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return hour + timedelta(minutes=11)


def test_a_spike_is_found_once_with_who_spent_it(project: Project, alice: User) -> None:
    spend(project, of={})
    spend(project, of={5: 9.0, 4: 9.0, 3: 9.0}, feature="search")
    assert read_due(now()) == 1
    assert read_due(now()) == 0, "what was read is not due again"
    (found,) = Anomaly.objects.all()
    assert (found.feature, found.grain, found.kind, found.state) == (
        "search", "hourly", "spike", "open",
    )  # fmt: skip
    assert abs(found.excess - 24 * 10**9) < 10**9
    assert (found.causes[0]["feature"], found.causes[0]["model"]) == ("search", "gpt-x")
    assert found.causes[0]["share"] == pytest.approx(1, abs=0.05)
    assert sum(found.factors.values()) == pytest.approx(found.excess, rel=0.1)
    assert SpendReading.objects.count() == 2
    assert follow_anomalies(now()) == 1
    assert follow_anomalies(now()) == 0
    (incident,) = Incident.objects.all()
    assert "Spend of search spiked since" in incident.sentence
    assert incident.feature == "search"
    acknowledge(found, actor=alice)
    assert follow_anomalies(now()) == 1
    assert follow_anomalies(now()) == 0
    incident.refresh_from_db()
    assert (incident.state, incident.owner) == ("acknowledged", alice)


def test_a_demo_is_not_read_before_all_of_it_is_there(project: Project) -> None:
    project.is_demo = True
    project.save()
    spend(project, of={5: 9.0, 4: 9.0, 3: 9.0})
    assert read_due(now()) == 0
    assert read_project(project, HOURLY, now()) == 1
    assert read_due(now() + timedelta(hours=1)) == 0
    assert SpendReading.objects.count() == 2, "from now on it is read like any other"


def test_it_ends_when_spend_is_as_expected_for_a_day(project: Project) -> None:
    spend(project, of={30: 9.0, 29: 9.0, 28: 9.0})
    then = now() - timedelta(hours=26)
    read_due(then)
    (found,) = Anomaly.objects.filter(grain="hourly")
    assert found.state == "open"
    follow_anomalies(then)
    read_due(now())
    found.refresh_from_db()
    assert found.state == "over"
    assert Anomaly.objects.count() == 1, "neither the days nor the whole project tell of it again"
    follow_anomalies(now())
    assert Incident.objects.get().state == "resolved"


def test_what_was_planned_and_what_is_called_normal_alerts_nobody(
    project: Project, alice: User
) -> None:
    spend(project, of=dict.fromkeys(range(1, 40), 4.0))
    at = now()
    event = PlannedEvent.objects.create(
        project=project, since=at - timedelta(hours=60), until=at + timedelta(hours=1),
        is_holiday=True, note="Launch",
    )  # fmt: skip
    assert read_due(at) == 0
    event.delete()
    SpendReading.objects.all().delete()
    assert read_due(at) >= 1
    found = Anomaly.objects.get(grain="hourly")
    call_normal(found, actor=alice)
    follow_anomalies(at)
    assert not Incident.objects.exclude(state="resolved").exists()
    SpendReading.objects.all().delete()
    read_due(at)
    assert Anomaly.objects.filter(state="open", grain="hourly").count() == 0


def test_pages_say_what_happened_and_open_the_traces(
    owner_client: Client, stranger_client: Client, project: Project,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    assertContains(owner_client.get(AT), "Nothing unexpected")
    spend(project, of={5: 9.0, 4: 9.0, 3: 9.0})
    read_due(now())
    (found,) = Anomaly.objects.all()
    page = owner_client.get(AT)
    assertContains(page, "Spike of chat")
    one = owner_client.get(f"{AT}{found.pk}/")
    for said in ("chat with gpt-x", "Traces of it", "Dearer tokens", "No label moved"):
        assertContains(one, said)
    assertContains(one, "/p/support/traces/?t=")
    with django_assert_max_num_queries(20):
        owner_client.get(f"{AT}{found.pk}/")
    assert stranger_client.get(f"{AT}{found.pk}/").status_code == 404
    owner_client.post(f"{AT}{found.pk}/normal/")
    assertNotContains(owner_client.get(f"{AT}{found.pk}/"), ">New normal</button>")


def test_events_are_planned_and_dropped(owner_client: Client, project: Project) -> None:
    new = {"note": "Holiday", "since": "2026-12-24 00:00", "until": "2026-12-27 00:00"}
    assert owner_client.post(AT, new | {"is_holiday": "on"}).status_code == 303
    (event,) = PlannedEvent.objects.all()
    assertContains(owner_client.get(AT), "Holiday")
    odd = owner_client.post(AT, new | {"until": "2026-12-20 00:00"})
    assertContains(odd, "ends after it began", status_code=422)
    owner_client.post(f"/p/support/costs/events/{event.pk}/drop/")
    assert not PlannedEvent.objects.exists()

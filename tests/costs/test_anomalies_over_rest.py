"""Anomalies, planned events and spend over REST."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Project, Scope
from audit.models import AuditEntry
from costs.models import Anomaly, PlannedEvent
from tests.costs.making import anomaly
from tests.factories import make_key
from tests.traces.seeing import call, store

pytestmark = pytest.mark.django_db
API = "/api/v1"


def asked(client: Client, path: str, **query: Any) -> Any:
    """What a member is told of the project."""
    answer = client.get(f"{API}/{path}", {"project": "support", **query})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_anomalies_are_listed_filtered_and_one_has_its_causes(
    member_client: Client, project: Project
) -> None:
    now = timezone.now()
    old = anomaly(project, state="over", since=now - timedelta(days=9), grain="daily", feature="")
    one = anomaly(project)
    assert [row["id"] for row in asked(member_client, "anomalies")["data"]] == [one.pk, old.pk]
    for query, found in (
        ({"state": "open"}, [one.pk]), ({"grain": "daily"}, [old.pk]), ({"feature": ""}, [old.pk]),
        ({"feature": "chat"}, [one.pk]),
        ({"since": (now - timedelta(days=1)).isoformat()}, [one.pk]),
    ):  # fmt: skip
        rows = asked(member_client, "anomalies", **query)["data"]
        assert [row["id"] for row in rows] == found, query
    page = asked(member_client, "anomalies", limit=1)
    rest = asked(member_client, "anomalies", cursor=page["next_cursor"])
    assert [row["id"] for row in rest["data"]] == [old.pk]
    whole = asked(member_client, f"anomalies/{one.pk}")
    assert (whole["excess_usd"], whole["factors_usd"]) == ("2", {"volume": "2"})
    assert whole["causes"][0] | {"feature": "chat", "excess_usd": "1.8"} == whole["causes"][0]
    for odd in ("?state=planet", "?since=yesterday", "?grain=x", "?limit=0", "?cursor=x"):
        answer = member_client.get(f"{API}/anomalies{odd}&project=support")
        assert answer.status_code == 400
        assert answer["Content-Type"].startswith("application/problem+json")
    assert member_client.get(f"{API}/anomalies/{one.pk + 99}?project=support").status_code == 404


def test_an_anomaly_is_acknowledged_once_and_called_normal(
    member_client: Client, owner_client: Client, project: Project
) -> None:
    one = anomaly(project)
    for _ in range(2):
        answer = owner_client.post(f"{API}/anomalies/{one.pk}/acknowledge?project=support")
        assert (answer.status_code, answer.json()["state"]) == (200, "open")
    key = make_key(project, scopes=[Scope.READ])
    refused = Client().post(
        f"{API}/anomalies/{one.pk}/normal", headers={"Authorization": f"Bearer {key.secret}"}
    )
    assert refused.status_code == 403
    answer = owner_client.post(f"{API}/anomalies/{one.pk}/normal?project=support")
    assert answer.json()["state"] == "normal"
    assert Anomaly.objects.get().closed_by is not None
    names = list(
        AuditEntry.objects.filter(action__startswith="anomaly.").values_list("action", flat=True)
    )
    assert sorted(names) == ["anomaly.acknowledged", "anomaly.normal"]


def test_events_are_planned_listed_and_dropped(owner_client: Client, project: Project) -> None:
    now = timezone.now()
    body = {
        "note": "Launch", "since": now.isoformat(), "until": (now + timedelta(days=2)).isoformat(),
        "feature": "chat", "holiday": True,
    }  # fmt: skip
    at = f"{API}/planned-events?project=support"
    made = owner_client.post(at, body, "application/json")
    assert made.status_code == 201
    assert made.json()["holiday"]
    for wrong in ({"until": body["since"]}, {"note": " "}, {"note": None}, {"since": "\ud800"}):
        answer = owner_client.post(at, {**body, **wrong}, "application/json")
        assert answer.status_code == 400, wrong
    (row,) = asked(owner_client, "planned-events")["data"]
    gone = owner_client.delete(f"{API}/planned-events/{row['id']}?project=support")
    assert (gone.status_code, PlannedEvent.objects.count()) == (204, 0)


def test_spend_is_that_of_the_pages(member_client: Client, project: Project) -> None:
    store(
        project,
        call("t1", cost=4, feature="chat", model="gpt-x", prompt_name="greet", prompt_version="2"),
        call("t2", cost=1.5, feature="search", model="gpt-y"),
        call("t3", cost=0.25),
    )
    found = asked(member_client, "spend")
    assert found["total_usd"] == "5.75"
    assert [(row["name"], row["cost_usd"]) for row in found["rows"]] == [
        ("chat", "4"), ("search", "1.5"), ("", "0.25"),
    ]  # fmt: skip
    cut = asked(member_client, "spend", limit=1)
    assert ([row["name"] for row in cut["rows"]], cut["more"]) == (["chat", ""], 1)
    assert cut["total_usd"] == "5.75"
    narrowed = asked(member_client, "spend", by="prompt", feature="chat")
    assert [(row["name"], row["version"]) for row in narrowed["rows"]] == [("greet", "2")]
    today = timezone.now().date()
    past = asked(member_client, "spend", since=today - timedelta(days=9), until=today)
    assert (past["rows"], past["total_usd"]) == ([], "0")
    for odd in ("by=planet", "since=x", "since=2026-02-02&until=2026-01-01", "feature=%00",
                "since=1999-01-01&until=2026-01-01"):  # fmt: skip
        assert member_client.get(f"{API}/spend?project=support&{odd}").status_code == 400, odd

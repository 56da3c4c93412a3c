"""REST of alerts: programs open incidents, read them, act on them; admins keep channels."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Project, Scope, User
from alerts.models import Incident
from tests.alerts.making import KEY, happen
from tests.factories import Key, make_key

pytestmark = pytest.mark.django_db
AT = "/api/v1/alerts"
SAID: dict[str, Any] = {"cause": "probe", "sentence": "Answers are late.", "severity": "page"}


def post(client: Client, path: str, said: Any, key: Key) -> Any:
    return client.post(f"{AT}{path}", said, content_type="application/json", headers=key.headers)


def test_a_program_opens_one_incident_however_often_it_says_so(
    client: Client, key: Key, project: Project
) -> None:
    evidence = {"facts": [{"text": "p95", "value": "9 s"}], "points": [1, None, 9], "bar": 3}
    first = post(client, "", {**SAID, "evidence": evidence}, key)
    again = post(client, "", SAID, key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["evidence"]["points"] == [1.0, None, 9.0]
    listed = client.get(AT, headers=key.headers).json()
    assert ([row["cause"] for row in listed["data"]], listed["next_cursor"]) == (["probe"], None)
    whole = client.get(f"{AT}/{first.json()['id']}", headers=key.headers).json()
    assert [step["kind"] for step in whole["steps"]] == ["opened"]
    assert whole["steps"][0]["by"] == "key tests"


def test_a_program_acts(client: Client, key: Key, project: Project, bob: User) -> None:
    one = f"/{happen(project).pk}"
    done = post(client, f"{one}/acknowledge", {"text": "on it"}, key).json()
    assert (done["state"], done["owner"]) == ("acknowledged", None)
    assert post(client, f"{one}/assign", {"owner": "BOB@example.com"}, key).json()["owner"] == (
        "bob@example.com"
    )
    until = (timezone.now() + timedelta(hours=1)).isoformat()
    assert post(client, f"{one}/snooze", {"until": until}, key).json()["state"] == "snoozed"
    assert post(client, f"{one}/resolve", {}, key).json()["state"] == "resolved"
    assert post(client, f"{one}/resolve", {}, key).status_code == 409
    for state, number in (("resolved", 1), ("unresolved", 0), ("open", 0)):
        found = client.get(f"{AT}?state={state}", headers=key.headers).json()["data"]
        assert len(found) == number


@pytest.mark.parametrize(
    "said",
    [
        {},
        [],
        {**SAID, "cause": ""},
        {**SAID, "cause": "a\x00b"},
        {**SAID, "severity": "loud"},
        {**SAID, "sentence": "x" * 501},
        {**SAID, "evidence": {"points": ["x"]}},
        {**SAID, "evidence": {"facts": [{"text": "x", "href": "javascript:alert(1)"}]}},
        {**SAID, "evidence": 5},
    ],
)
def test_odd_incidents_are_refused(client: Client, key: Key, said: Any) -> None:
    assert post(client, "", said, key).status_code == 400
    assert not Incident.objects.exists()


def test_scopes_hold(client: Client, project: Project) -> None:
    reader = make_key(project, scopes=[Scope.READ])
    assert client.get(AT, headers=reader.headers).status_code == 200
    assert post(client, "", SAID, reader).status_code == 403
    assert client.get(f"{AT}/channels", headers=reader.headers).status_code == 403


def test_an_admin_keeps_channels_whose_secrets_stay_here(client: Client, project: Project) -> None:
    admin = make_key(project, scopes=[Scope.ADMIN])
    made = post(client, "/channels", {"kind": "pagerduty", "name": "Pager", "key": KEY}, admin)
    assert (made.status_code, made.json()["target"]) == (201, "events.pagerduty.com")
    one = f"/channels/{made.json()['id']}"
    hook = {"kind": "webhook", "name": "Ours", "url": "https://hooks.example.com/x"}
    assert post(client, "/channels", hook, admin).json()["secret"].startswith("whsec_")
    test = post(client, f"{one}/test", {}, admin)
    assert (test.status_code, test.json()["state"]) == (202, "due")
    sent = client.get(f"{AT}{one}/deliveries", headers=admin.headers).json()["data"]
    assert [row["incident"] for row in sent] == [None]
    changed = client.patch(
        f"{AT}{one}", {"is_enabled": False}, content_type="application/json", headers=admin.headers
    )
    assert changed.json()["health"] == "off"
    listed = client.get(f"{AT}/channels", headers=admin.headers)
    assert KEY not in listed.content.decode() + made.content.decode()
    assert client.delete(f"{AT}{one}", headers=admin.headers).status_code == 204
    assert client.get(f"{AT}{one}", headers=admin.headers).status_code == 404
    bad = post(client, "/channels", {"kind": "slack", "name": "x", "url": "http://::1/"}, admin)
    assert bad.status_code == 409

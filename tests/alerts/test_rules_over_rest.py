"""REST of alert rules: programs make, read, try, change and delete them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Project, Scope
from alerts.models import AlertRule
from audit.models import AuditEntry
from tests.alerts.making import email
from tests.factories import Key, make_key, make_project

pytestmark = pytest.mark.django_db
AT = "/api/v1/alerts/rules"
SAID: dict[str, Any] = {
    "name": "Errors", "metric": "error_rate", "condition": "above", "amount": "0.05",
    "scope": "feature:refunds env:production", "window_minutes": 15,
}  # fmt: skip


def ask(client: Client, method: str, path: str, key: Key, said: Any = None) -> Any:
    return client.generic(
        method, f"{AT}{path}", b"" if said is None else json_of(said),
        content_type="application/json", headers=key.headers,
    )  # fmt: skip


def json_of(said: Any) -> bytes:
    return json.dumps(said).encode("utf-8", "surrogatepass")


def test_a_program_keeps_rules(client: Client, key: Key, project: Project) -> None:
    channel = email(project)
    made = ask(client, "POST", "", key, {**SAID, "channels": [channel.pk]})
    assert made.status_code == 201
    one = f"/{made.json()['id']}"
    found = ask(client, "GET", one, key).json()
    assert (found["amount"], found["state"], found["feature"], found["channels"]) == (
        "0.050000000", "new", "refunds", [channel.pk],
    )  # fmt: skip
    changed = ask(client, "PATCH", one, key, {"amount": "0.1", "severity": "page"}).json()
    assert (changed["amount"], changed["severity"]) == ("0.100000000", "page")
    assert (changed["scope"], changed["channels"]) == (SAID["scope"], [channel.pk])
    until = timezone.now() + timedelta(hours=2)
    muted = ask(client, "PATCH", one, key, {"muted_until": until.isoformat()}).json()
    assert muted["muted_until"] is not None
    assert ask(client, "PATCH", one, key, {"muted_until": None}).json()["muted_until"] is None
    listed = ask(client, "GET", "?state=new", key).json()
    assert [row["name"] for row in listed["data"]] == ["Errors"]
    assert ask(client, "GET", "?state=firing", key).json()["data"] == []
    past = ask(client, "GET", f"{one}/backtest", key).json()
    assert (past["days"], past["fired"], past["points"][0]["verdict"]) == (14, 0, "unknown")
    assert ask(client, "DELETE", one, key).status_code == 204
    assert ask(client, "GET", one, key).status_code == 404
    acts = AuditEntry.objects.filter(action__startswith="alert_rule.").order_by("pk")
    assert list(acts.values_list("action", flat=True)) == [
        f"alert_rule.{act}" for act in ("created", "changed", "muted", "muted", "deleted")
    ]


def test_a_rule_is_tried_before_it_is_made(client: Client, key: Key) -> None:
    said = {name: value for name, value in SAID.items() if name != "name"}
    past = ask(client, "POST", "/backtest", key, said)
    assert (past.status_code, past.json()["fired"]) == (200, 0)
    assert not AlertRule.objects.exists()


def test_keys_need_their_scope_and_rules_their_project(client: Client, project: Project) -> None:
    reading = make_key(project, scopes=[Scope.READ])
    assert ask(client, "GET", "", reading).status_code == 200
    assert ask(client, "POST", "", reading, SAID).status_code == 403
    mine = make_key(project, scopes=[Scope.EVALS])
    made = ask(client, "POST", "", mine, SAID).json()
    other = make_key(make_project(slug="other", name="Other"), scopes=[Scope.READ, Scope.EVALS])
    for method in ("GET", "PATCH", "DELETE"):
        assert ask(client, method, f"/{made['id']}", other, {}).status_code == 404


@pytest.mark.parametrize(
    "odd",
    [
        {"name": ""}, {"name": "\x00"}, {"metric": "nothing"}, {"metric": ["p95"]},
        {"amount": "NaN"}, {"amount": "1e99"}, {"amount": "2"}, {"amount": -1}, {"amount": {}},
        {"scope": "feature:"}, {"scope": "output:sorry"}, {"scope": "x" * 3000},
        {"window_minutes": 7}, {"window_minutes": "a"}, {"windows": 2, "breaches": 3},
        {"windows": 5, "window_minutes": 10080}, {"least": 10**12}, {"channels": [2**70]},
        {"channels": "x"}, {"channels": [999]}, {"owner": "nobody@example.com"},
        {"runbook_url": "javascript:alert(1)"}, {"runbook_url": "http://[x"},
        {"condition": "rises"}, {"condition": "falls", "baseline": "day", "amount": "2"},
        {"metric": "score_missed"}, {"metric": "score_missed", "score": "unknown"},
        {"metric": "score_mean", "score": "x", "score_bar": "NaN", "amount": "Infinity"},
        {"metric": "matching"}, {"metric": "fluent_wrong", "score": "a", "other": "a"},
        {"metric": "drift", "subject": "99"}, {"metric": "drift", "subject": "x"},
    ],
)  # fmt: skip
def test_odd_rules_are_refused_in_words(client: Client, key: Key, odd: dict[str, Any]) -> None:
    for path in ("", "/backtest"):
        answer = ask(client, "POST", path, key, {**SAID, **odd})
        if path == "/backtest" and "name" in odd:
            continue
        assert answer.status_code in (400, 409), answer.content
        assert answer["Content-Type"] == "application/problem+json"
    assert not AlertRule.objects.exists()


def test_a_name_is_taken_once(client: Client, key: Key) -> None:
    assert ask(client, "POST", "", key, SAID).status_code == 201
    answer = ask(client, "POST", "", key, SAID)
    assert answer.status_code == 409
    assert "has this name" in answer.json()["detail"]

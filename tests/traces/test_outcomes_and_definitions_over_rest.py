"""Outcomes and score definitions over REST."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, Scope
from accounts.verification import forget
from audit.models import AuditEntry
from tests.factories import Key, make_key
from traces.models import Outcome, Score, ScoreDefinition

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture(autouse=True)
def _fresh_keys() -> Iterator[None]:
    forget()
    yield
    forget()


@pytest.fixture
def admin_key(project: Project) -> Key:
    return make_key(project, scopes=list(Scope))


def call(key: Key, method: str, path: str, sent: Any = None) -> tuple[int, Any]:
    address = f"/api/v1/{path}"
    if method in ("get", "delete"):
        response = getattr(Client(), method)(address, sent or {}, headers=key.headers)
    else:
        response = getattr(Client(), method)(address, sent, JSON, headers=key.headers)
    return response.status_code, response.json() if response.content else None


def test_outcomes_are_exact(project: Project, key: Key) -> None:
    sent = [
        {"id": "o1", "session_id": "s", "name": "refunded", "value": "12.345678901", "unit": "USD"},
        {"id": "o2", "trace_id": "t", "name": "resolved"},
        {"id": "o3", "trace_id": "t", "name": "saved", "value": 0.1},
    ]
    assert call(key, "post", "outcomes", sent)[1] == {"accepted": 3, "ids": ["o1", "o2", "o3"]}
    assert call(key, "get", "outcomes/o1")[1]["value"] == "12.345678901"
    assert call(key, "get", "outcomes/o3")[1]["value"] == "0.1"
    assert [o["id"] for o in call(key, "get", "outcomes", {"name": "resolved"})[1]["data"]] == [
        "o2"
    ]
    status, problem = call(key, "post", "outcomes", [sent[1], {**sent[0], "value": "much"}])
    assert (status, problem["errors"][0]["where"]) == (400, "[1].value")
    assert call(key, "delete", "outcomes/o2")[0] == 204
    assert Outcome.objects.count() == 2


def test_definitions_are_made_changed_and_removed(project: Project, admin_key: Key) -> None:
    made = {"name": "refund/quality", "minimum": 0, "maximum": 1, "sources": ["human", "judge"]}
    status, definition = call(admin_key, "post", "score-definitions", made)
    assert (status, definition["data_type"], definition["maximum"]) == (201, "number", 1.0)
    assert call(admin_key, "post", "score-definitions", made)[0] == 400
    address = "score-definitions/refund%2Fquality"
    assert call(admin_key, "patch", address, {"maximum": 5})[1]["maximum"] == 5
    read = call(admin_key, "get", address)[1]
    assert (read["minimum"], read["sources"]) == (0.0, ["human", "judge"])
    assert call(admin_key, "patch", address, {"minimum": 9})[0] == 400
    assert call(admin_key, "patch", address, {"name": "other"})[0] == 400
    one = {"trace_id": "t", "name": "refund/quality", "value": 3, "source": "judge"}
    assert call(admin_key, "post", "scores", one)[0] == 200
    assert call(admin_key, "patch", address, {"data_type": "category"})[0] == 400
    assert call(admin_key, "patch", address, {"is_archived": True})[1]["is_archived"] is True
    assert call(admin_key, "get", "score-definitions", {"archived": "false"})[1]["data"] == []
    assert call(admin_key, "delete", address)[0] == 204
    assert not ScoreDefinition.objects.exists()
    assert Score.objects.count() == 1
    actions = list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True))
    changes = ["created", "changed", "changed", "deleted"]
    assert actions == [f"score_definition.{what}" for what in changes]


def test_a_feature_has_one_primary_score(project: Project, admin_key: Key) -> None:
    for name, status in (("quality", 201), ("tone", 400)):
        sent = {"name": name, "primary_for": ["refund-agent"]}
        assert call(admin_key, "post", "score-definitions", sent)[0] == status

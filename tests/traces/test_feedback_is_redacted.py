"""Scores and outcomes cross the one choke point: a secret in any field is stored nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.verification import forget
from governance.redaction import add_rule
from tests.factories import Key
from traces.feedback.given import stored_id

pytestmark = pytest.mark.django_db

SECRET = "hunter2hunter2"
SCORE = {
    "id": f"of {SECRET}", "trace_id": "t", "span_id": "s", "session_id": SECRET, "run_id": SECRET,
    "name": f"name {SECRET}", "value": f"label {SECRET}", "comment": f"My PIN: {SECRET}",
    "metadata": {SECRET: [{"deep": SECRET}]}, "environment": SECRET,
}  # fmt: skip
OUTCOME = {
    name: SCORE[name] for name in ("id", "trace_id", "session_id", "name", "comment", "metadata")
} | {"value": 1, "unit": SECRET}


@pytest.fixture
def _redacted() -> Iterator[None]:
    take_away = add_rule(lambda text: text.replace(SECRET, "[secret]"))
    forget()
    yield
    take_away()


def give(key: Key, what: str, sent: Any) -> Any:
    response = Client().post(f"/api/v1/{what}", sent, "application/json", headers=key.headers)
    assert response.status_code == 200, response.content
    return response.json()


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select s::text from score s union all select o::text from outcome o")
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.usefixtures("_redacted")
def test_a_secret_is_stored_nowhere(key: Key) -> None:
    give(key, "scores", [SCORE, {**SCORE, "id": f"other of {SECRET}"}])
    give(key, "outcomes", OUTCOME)
    found = stored()
    assert SECRET not in found
    assert found.count("\n") == 2  # ids that a rule would make one stay two
    assert found.count("[secret]") >= 14


@pytest.mark.usefixtures("_redacted")
def test_a_hidden_id_still_finds_its_score(key: Key) -> None:
    made = give(key, "scores", SCORE)["id"]
    assert made == stored_id(SCORE["id"]) != SCORE["id"]
    give(key, "scores", {**SCORE, "trace_id": "u"})
    assert stored().count("\n") == 0
    for its_id in (SCORE["id"], made):
        assert Client().get(f"/api/v1/scores/{its_id}", headers=key.headers).status_code == 200


def test_without_the_rule_the_test_would_see_it(key: Key) -> None:
    give(key, "scores", SCORE)
    give(key, "outcomes", OUTCOME)
    assert stored().count(SECRET) >= 15

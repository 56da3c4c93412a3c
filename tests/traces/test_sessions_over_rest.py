"""REST of sessions: the list by pages, one by its id, refusals that say why, and the document."""

from __future__ import annotations

import json
from decimal import Decimal
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import Project
from tests.factories import Key
from tests.traces.seeing import call, span, store
from traces.ingest.record import Level

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/sessions"


@pytest.fixture
def three(project: Project) -> Project:
    """Three sessions, the last turn of `a/b?` the newest."""
    store(
        project,
        call("1", ago=900, session_id="a/b?", user_id="anna", input="Hello", cost=0.25),
        call("2", ago=60, session_id="a/b?", user_id="bert", level=Level.ERROR, cost=0.5),
        call("3", ago=300, session_id="c", model="nobody-knows"),
        span("4", ago=600, session_id="d"),
        call("5", ago=30),
    )
    return project


def test_a_page_of_sessions_and_the_next(three: Project, key: Key) -> None:
    client = Client(headers=key.headers)
    page = client.get(f"{ADDRESS}?limit=2").json()
    assert [one["session_id"] for one in page["data"]] == ["a/b?", "c"]
    rest = client.get(f"{ADDRESS}?limit=2&cursor={page['next_cursor']}").json()
    assert [one["session_id"] for one in rest["data"]] == ["d"]
    assert (rest["next_cursor"], rest["searched_back_to"]) == (None, None)
    found = client.get(f"{ADDRESS}?user_id=bert").json()["data"]
    assert [(one["session_id"], one["turns"]) for one in found] == [("a/b?", 2)]


def test_the_totals_of_one(three: Project, key: Key) -> None:
    client = Client(headers=key.headers)
    one = client.get(f"{ADDRESS}/{quote('a/b?', safe='')}").json()
    assert Decimal(one["cost_usd"]) == Decimal("0.75")
    assert (one["turns"], one["error_turns"], one["user_id"], one["user_count"]) == (
        2, 1, "anna", 2,
    )  # fmt: skip
    assert one["tokens"] == {"input_total": 200, "output_total": 40, "total": 240}
    assert (one["input_preview"], one["busy_ms"]) == ("Hello", 2000.0)
    assert one["url"] == "/p/support/sessions/a/b%3F/"
    unpriced = client.get(f"{ADDRESS}/c").json()
    assert (unpriced["cost_usd"], unpriced["unpriced_calls"]) == (None, 1)
    assert client.get(f"{ADDRESS}/d").json()["tokens"] is None


def test_refusals_say_what_is_wrong(three: Project, key: Key) -> None:
    client = Client(headers=key.headers)
    assert client.get(f"{ADDRESS}/none").status_code == 404
    for query, word in (("cursor=x", "cursor"), ("limit=0", "limit"), ("colour=red", "colour"),
                        ("since=soon", "since"), ("q=%00", "q")):  # fmt: skip
        response = client.get(f"{ADDRESS}?{query}")
        assert response.status_code == 400, query
        assert word in json.dumps(response.json())


def test_the_openapi_document_names_both(db: None) -> None:
    document = json.loads(Client().get("/api/v1/schema?format=json").content)
    listed = document["paths"][ADDRESS]["get"]
    assert {"since", "until", "environment", "user_id", "q", "limit", "cursor"} <= {
        parameter["name"] for parameter in listed["parameters"]
    }
    assert "get" in document["paths"]["/api/v1/sessions/{session_id}"]

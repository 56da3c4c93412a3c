"""The query language in `GET /api/v1/traces?q=`, with its orders and its refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Project
from accounts.verification import forget
from tests.factories import Key, make_key
from tests.traces.seeing import call, span, store
from traces.ingest.pipeline import prepare_records
from traces.ingest.record import Kind, Level
from traces.ingest.wire.decode import Decoded
from traces.ingest.writer.store import Store

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_keys() -> Iterator[None]:
    forget()
    yield
    forget()


def get(key: Key, status: int = 200, **parameters: Any) -> Any:
    response = Client().get("/api/v1/traces", parameters, headers=key.headers)
    assert response.status_code == status, response.content
    return response.json()


def ids(key: Key, **parameters: Any) -> list[str]:
    return [trace["trace_id"] for trace in get(key, **parameters)["data"]]


@pytest.fixture
def three(project: Project) -> Project:
    store(
        project,
        call("cheap", ago=10, cost=0.01, lasts=1, input="Where is my order?", user_id="u1"),
        call("dear", ago=20, cost=2, lasts=9, output="It is on its way.", user_id="u2"),
        span("plain", ago=30, lasts=3),
        span("plain", "tool", ago=29, kind=Kind.TOOL, name="refund", level=Level.ERROR),
    )
    return project


def test_a_query_narrows_the_list_and_goes_with_other_parameters(three: Project, key: Key) -> None:
    assert ids(key, q='"on its way"') == ["dear"]
    assert ids(key, q="span(kind:tool status:error)") == ["plain"]
    assert ids(key, q="cost<$5") == ["cheap", "dear"]
    assert ids(key, q="cost<$5", user_id="u1") == ["cheap"]
    assert ids(key, q="") == ids(key) == ["cheap", "dear", "plain"]


def test_a_key_is_named_by_its_name_or_its_public_half(project: Project, key: Key) -> None:
    shop = make_key(project, name="Shop till")
    connection.ensure_connection()
    writer = Store(lambda: connection.connection)
    for trace_id, sender in (("mine", key), ("shops", shop), ("nobodys", None)):
        sent = Decoded([call(trace_id, ago=10), span(trace_id, "more", ago=9, kind=Kind.TOOL)])
        key_id = sender and sender.stored.pk
        writer.write(prepare_records(sent, project.pk, key_id=key_id).spans)
    assert ids(key, q='key:"Shop till"') == ids(key, q=f"key:{shop.public}") == ["shops"]
    assert sorted(ids(key, q="has:key")) == ["mine", "shops"]
    assert ids(key, q="-has:key") == ["nobodys"]
    assert sorted(ids(key, q="-key:Shop*")) == ["mine", "nobodys"]
    assert ids(key, q=f"span(kind:tool key:{key.public})") == ["mine"]
    assert ids(key, q="key:no-such") == []


def test_orders_show_what_is_known_and_page_on(three: Project, key: Key) -> None:
    assert ids(key, order="-cost") == ["dear", "cheap"]
    assert ids(key, order="latency") == ["cheap", "plain", "dear"]
    first = get(key, order="-latency", limit=2, q="name:answer")
    assert [trace["trace_id"] for trace in first["data"]] == ["dear", "plain"]
    again = {"order": "-latency", "limit": 2, "q": "name:answer"}
    assert ids(key, cursor=first["next_cursor"], **again) == ["cheap"]
    assert get(key, 400, order="-cost", cursor=first["next_cursor"])["status"] == 400
    assert "-latency" in get(key, 400, order="beauty")["detail"]


def test_an_error_is_a_problem_that_names_its_place(three: Project, key: Key) -> None:
    problem = get(key, 400, q="user:u1 latncy>2s")
    assert problem["detail"] == "q: There is no field “latncy”. Expected latency."
    (error,) = problem["errors"]
    assert (error["where"], error["position"], error["length"]) == ("q", 8, 6)
    assert error["expected"] == "latency"
    assert get(key, 400, q="a\0b")["errors"][0]["position"] == 1

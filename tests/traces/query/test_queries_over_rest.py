"""The query language in `GET /api/v1/traces?q=`, with its orders and its refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Project
from accounts.verification import forget
from tests.factories import Key
from tests.traces.seeing import call, span, store
from traces.ingest.record import Kind, Level

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

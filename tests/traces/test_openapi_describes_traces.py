"""The OpenAPI document is valid, lists the reads and both intakes, and the intakes answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import Project
from tests.factories import Key
from traces.api.intake import native_schema

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def document(client: Client) -> Any:
    response = Client().get("/api/v1/schema?format=json")
    assert response.status_code == 200
    return json.loads(response.content)


def test_the_document_is_openapi_3_1(document: Any) -> None:
    from drf_spectacular.validation import validate_schema

    assert document["openapi"].startswith("3.1")
    validate_schema(document)


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/v1/traces", {"get", "post"}),
        ("/api/v1/traces/{trace_id}", {"get"}),
        ("/api/v1/traces/{trace_id}/spans", {"get"}),
        ("/api/v1/traces/{trace_id}/spans/{span_id}", {"get"}),
        ("/v1/traces", {"post"}),
    ],
)
def test_the_document_lists_every_address(document: Any, path: str, methods: set[str]) -> None:
    assert methods <= set(document["paths"][path])


def test_the_filters_are_documented(document: Any) -> None:
    named = {p["name"] for p in document["paths"]["/api/v1/traces"]["get"]["parameters"]}
    assert {"since", "environment", "model", "min_cost_usd", "tag", "limit", "cursor"} <= named


def test_the_native_schema_is_that_of_the_checking_structures() -> None:
    trace = native_schema()["oneOf"][0]
    span = trace["properties"]["spans"]["items"]
    assert {"name", "model", "tokens", "start_time", "cost_usd"} <= set(span["properties"])
    assert "$ref" not in json.dumps(native_schema())


def test_a_request_that_reaches_django_is_taken_all_the_same(project: Project, key: Key) -> None:
    body = {"name": "hello", "spans": [{"name": "chat", "start_time": "2026-11-20T12:00:00Z"}]}
    sent = Client().post("/api/v1/traces", body, "application/json", headers=key.headers)
    assert sent.status_code == 200, sent.content
    (trace_id,) = sent.json()["trace_ids"]
    read = Client().get(f"/api/v1/traces/{trace_id}", headers=key.headers)
    assert read.json()["span_count"] == 1

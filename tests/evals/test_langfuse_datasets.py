"""Datasets for Langfuse's SDKs: recordings are answered alike, and SDKs run unchanged."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest
from django.test import Client

from accounts.models import Project
from evals.models import Dataset
from tests.clients import told_by
from tests.evals.making import item, make_dataset
from tests.factories import Key
from tests.traces.langfuse import exchanges
from tests.traces.serving import Web

MADE_UP = {"id", "createdAt", "updatedAt", "projectId", "datasetId"}
RECORDINGS = [
    "langfuse-python-5.0.4-dataset-experiment",
    "langfuse-python-4.18.0-dataset-experiment",
    "langfuse-python-2.60.10-ingestion",
]


def _ask(key: Key, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    sent = b"" if body is None else orjson.dumps(body)
    response = Client().generic(
        method, f"/api/public/{path}", sent, "application/json", headers=key.headers
    )
    assert response.status_code == status, (method, path, response.content)
    return response.json()


@pytest.mark.django_db
@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_is_answered_with_the_same_shapes_and_values(
    project: Project, key: Key, name: str
) -> None:
    asked = [
        one
        for one in exchanges(name)
        if "/v2/datasets" in one["path"] or "/dataset-items" in one["path"]
    ]
    assert asked
    for one in asked:
        path = one["path"].removeprefix("/api/public/")
        told = _ask(key, one["method"], path, one["request"], one["status"])
        assert _comparable(told) == _comparable(one["response"]), path


def _comparable(value: Any, name: str = "") -> Any:
    if name in MADE_UP:
        return type(value)
    if isinstance(value, dict):
        return {key: _comparable(one, key) for key, one in value.items()}
    return [_comparable(one) for one in value] if isinstance(value, list) else value


@pytest.mark.django_db
def test_an_item_is_changed_by_its_id_and_read_as_it_was(project: Project, key: Key) -> None:
    _ask(key, "POST", "v2/datasets", {"name": "caps"})
    first = {"datasetName": "caps", "id": "a", "input": {"x": 1}, "expectedOutput": 2}
    _ask(key, "POST", "dataset-items", first)
    then = Dataset.objects.get().versions.get().created_at
    time.sleep(0.002)
    changed = _ask(key, "POST", "dataset-items", {"datasetName": "caps", "id": "a", "input": 3})
    assert (changed["input"], changed["expectedOutput"]) == (3, 2)
    at = then.isoformat().replace("+", "%2B")
    before = _ask(key, "GET", f"dataset-items?datasetName=caps&version={at}")
    assert before["data"][0]["input"] == {"x": 1}
    assert before["meta"] == {"page": 1, "limit": 50, "totalItems": 1, "totalPages": 1}
    archived = {"datasetName": "caps", "id": "a", "status": "ARCHIVED"}
    assert _ask(key, "POST", "dataset-items", archived)["status"] == "ARCHIVED"
    empty = _ask(key, "GET", "dataset-items?datasetName=caps")
    assert (empty["data"], empty["meta"]["totalPages"]) == ([], 0)
    assert _ask(key, "GET", "dataset-items/a")["status"] == "ARCHIVED"
    _ask(key, "DELETE", "dataset-items/a")
    _ask(key, "GET", "dataset-items/a", status=404)
    whole = _ask(key, "GET", "datasets/caps")
    assert (whole["items"], whole["runs"]) == ([], [])


@pytest.mark.django_db
def test_what_is_held_out_or_drafted_is_not_there_for_a_key(project: Project, key: Key) -> None:
    make_dataset(
        project,
        "caps",
        item(1, "open"),
        item(2, "held", split="held_out"),
        item(3, "draft", is_draft=True),
    )
    data = _ask(key, "GET", "dataset-items?datasetName=caps")["data"]
    assert [one["id"] for one in data] == ["open"]
    _ask(key, "GET", "dataset-items/held", status=404)
    _ask(key, "DELETE", "dataset-items/held", status=404)
    held = {"datasetName": "caps", "id": "held", "input": 5}
    assert "held out" in _ask(key, "POST", "dataset-items", held, 403)["message"]


@pytest.mark.django_db
def test_refusals_are_said_as_sdks_read_them(project: Project, key: Key) -> None:
    _ask(key, "GET", "v2/datasets/nothing", status=404)
    _ask(key, "POST", "dataset-items", {"datasetName": "nothing", "input": 1}, 404)
    _ask(key, "POST", "v2/datasets", {"name": "a//b"}, 400)
    _ask(key, "POST", "v2/datasets", {"nam": "a"}, 400)
    schema = {"name": "s", "inputSchema": {"type": "object"}}
    _ask(key, "POST", "v2/datasets", schema)
    told = _ask(key, "POST", "dataset-items", {"datasetName": "s", "input": "text"}, 400)
    assert "is not of type 'object'" in told["message"]
    _ask(key, "GET", "dataset-items", status=400)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sdk", ["langfuse-5", "langfuse-2"])
def test_an_sdk_makes_fills_and_reads_a_dataset(
    web: Web, project: Project, key: Key, sdk: str
) -> None:
    told = told_by(sdk, web.url, key, "langfuse_datasets")
    assert told["made"] == ["folder/caps", "Capitals", {"owner": "team"}]
    assert told["items"] == 53
    assert told["first"] == [{"country": "0"}, "city 0", {"at": 0}]
    assert told["changed"] == "another city"
    assert told["archived"] == 52
    assert not web.complaints()

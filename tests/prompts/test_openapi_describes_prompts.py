"""The OpenAPI document is valid and lists the addresses of prompts, with examples."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

pytestmark = pytest.mark.django_db

NAME = "/api/v1/prompts/{name}"
CHANGE = "/api/v1/change-requests/{number}"
PATHS = {
    "/api/v1/prompts": {"get", "post"},
    NAME: {"get", "patch", "delete"},
    f"{NAME}/versions": {"get", "post"},
    f"{NAME}/versions/{{number}}": {"get", "delete"},
    f"{NAME}/compare/{{old}}..{{new}}": {"get"},
    f"{NAME}/labels/{{label}}": {"get", "put", "delete"},
    f"{NAME}/history": {"get"},
    f"{NAME}/rollback": {"post"},
    f"{NAME}/rollback/{{id}}": {"patch"},
    f"{NAME}/rollback/{{id}}/undo": {"post"},
    "/api/v1/prompts-files": {"get"},
    "/api/v1/prompts-files/plan": {"post"},
    "/api/v1/prompts-files/apply": {"post"},
    "/api/v1/prompts-files/reviews": {"get"},
    "/api/v1/change-requests": {"get", "post"},
    CHANGE: {"get", "patch"},
    f"{CHANGE}/open": {"post"},
    f"{CHANGE}/close": {"post"},
    f"{CHANGE}/reopen": {"post"},
    f"{CHANGE}/reviews": {"get", "post"},
    f"{CHANGE}/reviews/{{id}}/dismiss": {"post"},
    f"{CHANGE}/override": {"post"},
    f"{CHANGE}/reviewers": {"get", "post"},
    f"{CHANGE}/checks": {"get", "post"},
    f"{CHANGE}/comments": {"get", "post"},
    f"{CHANGE}/comments/{{id}}/reply": {"post"},
    f"{CHANGE}/comments/{{id}}/resolve": {"post"},
    f"{CHANGE}/comments/{{id}}/apply": {"post"},
    f"{CHANGE}/rollout": {"get", "post", "patch"},
    f"{CHANGE}/rollout/halt": {"post"},
    f"{CHANGE}/rollout/resume": {"post"},
    f"{CHANGE}/rollout/complete": {"post"},
    "/api/v1/rollouts": {"get"},
    "/api/v1/rollouts/{id}": {"get"},
    "/api/v1/rollouts/{id}/events": {"get"},
    "/api/v1/environments": {"get"},
    "/api/v1/environments/{name}": {"get", "put", "delete"},
    "/api/v1/folder-owners": {"get", "put"},
    "/api/v1/delegations": {"get", "post"},
    "/api/v1/delegations/{id}": {"delete"},
}


def test_the_document_lists_the_addresses() -> None:
    document: Any = json.loads(Client().get("/api/v1/schema?format=json").content)
    validate_schema(document)
    for path, methods in PATHS.items():
        assert methods == set(document["paths"][path]) & {"get", "post", "put", "patch", "delete"}
    created = document["paths"]["/api/v1/prompts"]["post"]
    assert created["requestBody"]["content"]["application/json"]["examples"]
    assert {"201", "400", "403", "409"} <= set(created["responses"])
    move = document["components"]["schemas"]["MoveDocument"]
    assert {"from", "to", "label"} <= set(move["properties"])


def test_no_two_things_share_a_name_in_it() -> None:
    """Of two components with one name the document would show only one."""
    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        SchemaGenerator().get_schema(request=None, public=True)
    assert not GENERATOR_STATS

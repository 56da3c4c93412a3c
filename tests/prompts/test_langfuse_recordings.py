"""What Langfuse's clients once asked of a server for prompts is answered here as it was there."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.test import Client

from accounts.models import Project
from tests.factories import Key
from tests.traces.langfuse import exchanges

pytestmark = pytest.mark.django_db

MADE_UP = {"id", "createdAt", "updatedAt", "lastUpdatedAt"}
RECORDINGS = ["langfuse-python-5.0.4-prompts-scores", "langfuse-python-2.60.10-ingestion"]


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_is_answered_with_the_same_shapes_and_values(
    project: Project, key: Key, name: str
) -> None:
    asked = [one for one in exchanges(name) if "/prompts" in one["path"]]
    assert asked
    for one in asked:
        response = Client().generic(
            one["method"],
            one["path"],
            b"" if one["request"] is None else orjson.dumps(one["request"]),
            "application/json",
            headers=key.headers,
        )
        where = f"{one['method']} {one['path']}"
        assert response.status_code == one["status"], (where, response.content)
        assert comparable(response.json()) == comparable(one["response"]), where


def comparable(value: Any, name: str = "") -> Any:
    """The value; of what the recording made up only the type, and labels without their order."""
    if name in MADE_UP:
        return type(value)
    if name == "labels":
        return sorted(value)
    if isinstance(value, dict):
        return {key: comparable(one, key) for key, one in value.items()}
    return [comparable(one) for one in value] if isinstance(value, list) else value

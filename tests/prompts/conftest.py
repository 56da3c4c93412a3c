"""A web process for the tests that send over HTTP, and the REST API by key and by person."""

from __future__ import annotations

import pytest

from tests.factories import Key
from tests.prompts.asking import Api
from tests.traces.conftest import web

__all__ = ["web"]


@pytest.fixture
def api(key: Key) -> Api:
    """The REST API with a key that has the scopes of a new one."""
    return Api(headers=key.headers)

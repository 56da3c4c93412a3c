"""A provider on loopback for the tests of calls, and an end to what calls leave open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway import client
from tests.provider import Provider, running


@pytest.fixture
def upstream() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture(autouse=True)
def _hang_up() -> Iterator[None]:
    yield
    client.close()

"""A web process for the tests that send over HTTP, and a client with a good key."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from accounts.models import Project
from tests.factories import Key
from tests.traces.real_clients import Stage
from tests.traces.real_clients import stage as open_stage
from tests.traces.seeing import call, span, store
from tests.traces.serving import Web, web_process
from traces.ingest.record import Kind, Level


@pytest.fixture(scope="session")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One web process a worker. It sees what is committed: use `django_db(transaction=True)`."""
    with web_process(tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture
def client(web: Web, key: Key) -> Iterator[httpx.Client]:
    """Sends to the web process with the key of the project `support`."""
    with httpx.Client(base_url=web.url, headers=key.headers, timeout=30) as http:
        yield http


@pytest.fixture
def stage(
    project: Project, web: Web, key: Key, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    """A provider of models, and the server with the prices that real clients' calls cost."""
    with open_stage(project, web, key, client, monkeypatch) as ready:
        yield ready


@pytest.fixture
def trace(project: Project) -> Project:
    """One trace with an agent, a call and a failed tool."""
    store(
        project,
        span("t", "a", name="resolve", kind=Kind.AGENT, lasts=8),
        call("t", "b", parent_span_id="a", at=1, cost=0.02, input="Where is it?", output="Here."),
        span("t", "c", parent_span_id="a", at=3, kind=Kind.TOOL, name="lookup", level=Level.ERROR),
    )
    return project

"""Servers of Langfuse differ in what they have: each is read by what it does have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.core.management import CommandError

from accounts.models import Project
from tests.factories import Key, make_project
from tests.traces.langfuse import basic
from tests.traces.moving import bring, contents_of, differing, scores_of, spans_of
from tests.traces.recordings import PROTOBUF, bodies
from tests.traces.replay import Relay, served
from tests.traces.serving import Web
from traces.ingest.canonical.represent import read_content
from traces.ingest.record import TRACE_FACTS
from traces.moving import langfuse as of_langfuse
from traces.moving import reader
from traces.moving.langfuse_shapes import observation_event, score_of, trace_event_v2

pytestmark = pytest.mark.django_db(transaction=True)

V1, V2 = "/api/public/traces", "/api/public/v2/observations"


@pytest.fixture(autouse=True)
def small_pages_of_long_ago(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OLDEST_SPAN_DAYS = 100_000
    monkeypatch.setattr(of_langfuse, "ROWS_A_PAGE", 2)
    monkeypatch.setattr(of_langfuse, "ROWS_A_PAGE_V2", 3)
    monkeypatch.setattr(reader, "FIRST_PAUSE", 0.01)


@pytest.fixture
def langfuse(client: httpx.Client, web: Web, key: Key) -> Iterator[str]:
    """The address of one with fifteen spans and five scores."""
    for name in ("langfuse-python-5.0.4-trace", "langfuse-python-3.15.0-trace"):
        for body in bodies(name, "pb"):
            client.post("/v1/traces", content=body, headers={"content-type": PROTOBUF})
    with httpx.Client(base_url=web.url, headers=basic(key)) as http:
        for number in range(5):
            http.post("/api/public/scores", json={"traceId": "t", "name": "q", "value": number})
    return web.url


def take(project: Project, url: str, key: Key, **options: str) -> list[str]:
    return bring("langfuse", project, url, public_key=key.public, secret_key=key.secret, **options)


def equal(one: Project, other: Project) -> None:
    there, here = spans_of(one), spans_of(other)
    assert there.keys() == {place for place in here if place[1] != TRACE_FACTS}
    assert differing(there, here, "feature", "release") == {}
    assert scores_of(one) == scores_of(other)


@pytest.mark.parametrize(
    ("missing", "spans", "scores"),
    [
        ((), "/traces", "/v3/scores"),
        (("/api/public/v3", V2), "/traces", "/v2/scores"),  # self-hosted 3
        (("/api/public/v3", "/api/public/v2"), "/traces", "/scores"),  # self-hosted 2
        ((V1, "/api/public/observations", "/api/public/v2/scores"), "/v2/observations",
         "/v3/scores"),  # 4
    ],
)  # fmt: skip
def test_what_is_there_is_read(
    langfuse: str, key: Key, project: Project, missing: tuple[str, ...], spans: str, scores: str
) -> None:
    moved = make_project("moved")
    with served(Relay(langfuse, *missing)) as server:
        told = take(moved, server.url, key)
    equal(project, moved)
    assert "16 spans and 5 scores are new" in told[-1]
    good = [asked.partition("?")[0].removeprefix("/api/public") for asked in server.asked]
    assert good[1:3].count(spans) >= 1
    assert good[-1] == scores


@pytest.mark.parametrize(("api", "answers"), [("v1", 6), ("v1", 12), ("v2", 3), ("v2", 8)])
def test_stopped_anywhere_it_goes_on(
    langfuse: str, key: Key, project: Project, api: str, answers: int
) -> None:
    moved = make_project("moved")
    with served(Relay(langfuse)) as server:
        server.left = answers
        with pytest.raises(CommandError, match="What was stored stays; the same command goes on"):
            take(moved, server.url, key, api=api)
        first = set(server.asked)
        server.left = 1_000_000
        server.asked.clear()
        told = take(moved, server.url, key, api=api)
    assert told[0].startswith("Going on with the run that began")
    assert "16 spans and 5 scores are new" in told[-1]
    equal(project, moved)
    again = [asked for asked in server.asked if asked in first and "/projects" not in asked]
    assert len(again) <= 3  # the page in hand, and what the start looks at


def test_long_metadata_is_not_cut(client: httpx.Client, web: Web, key: Key) -> None:
    long = "x" * 5_000
    event = {"id": "e", "type": "span-create", "timestamp": "2026-11-20T12:00:00Z",
             "body": {"id": "s", "traceId": "t", "startTime": "2026-11-20T12:00:00Z",
                      "metadata": {"notes": long, "short": "y"}}}  # fmt: skip
    with httpx.Client(base_url=web.url, headers=basic(key)) as http:
        http.post("/api/public/ingestion", json={"batch": [event]}).raise_for_status()
    moved = make_project("moved")
    take(moved, web.url, key, api="v2")
    kept = read_content(contents_of(moved)["t", "s"])
    assert kept["metadata"] == {"notes": long, "short": "y"}


def test_unknown_usage_is_not_zero() -> None:
    row = {"id": "o", "traceId": "t", "type": "GENERATION", "startTime": "2025-01-01T00:00:00Z",
           "usage": {"input": 0, "output": 0, "total": 0, "unit": "TOKENS"},
           "calculatedTotalCost": 0, "usageDetails": None}  # fmt: skip
    body = observation_event(row)["body"]
    assert "usageDetails" not in body
    assert "costDetails" not in body


def test_what_old_servers_say_of_usage_and_cost_is_kept() -> None:
    row = {"id": "o", "traceId": "t", "type": "GENERATION", "startTime": "2025-01-01T00:00:00Z",
           "usage": {"input": 10, "output": 2, "total": 12, "unit": "TOKENS"},
           "calculatedInputCost": 0.1, "calculatedOutputCost": 0.2, "calculatedTotalCost": 0.3,
           "environment": "default", "metadata": {"resourceAttributes": {"service.name": "bot"}},
           "promptId": "p-1", "inputPrice": None}  # fmt: skip
    body = observation_event(row, "other")["body"]
    assert body["usageDetails"] == {"input": 10, "output": 2, "total": 12}
    assert body["costDetails"] == {"input": 0.1, "output": 0.2, "total": 0.3}
    assert "environment" not in body
    assert body["metadata"]["roadworthy.feature"] == "bot"
    assert observation_event({**row, "metadata": None}, "other")["body"]["metadata"] == {
        "roadworthy.feature": "other"
    }


def test_a_root_of_v2_tells_its_trace() -> None:
    row = {"id": "o", "traceId": "t", "startTime": "2026-01-01T00:00:00Z", "traceName": "weather",
           "userId": "u", "tags": ["a"], "environment": "prod"}  # fmt: skip
    root = trace_event_v2({**row, "parentObservationId": "http", "isRootObservation": True})
    assert root is not None
    assert root["body"] == {"id": "t", "name": "weather", "userId": "u", "tags": ["a"],
                            "environment": "prod", "timestamp": row["startTime"]}  # fmt: skip
    assert trace_event_v2({**row, "parentObservationId": "x", "isRootObservation": False}) is None
    assert trace_event_v2({**row, "parentObservationId": "x"}) is None
    assert trace_event_v2(row) is not None


@pytest.mark.parametrize(
    ("row", "value", "about"),
    [
        ({"dataType": "BOOLEAN", "value": 1, "stringValue": "True", "traceId": "t"}, True, "t"),
        ({"dataType": "CATEGORICAL", "value": 0, "stringValue": "no", "traceId": "t"}, "no", "t"),
        ({"dataType": "TEXT", "value": "long", "subject": {"kind": "trace", "id": "t"}}, "long",
         "t"),
        ({"dataType": "NUMERIC", "value": 0.2,
          "subject": {"kind": "observation", "id": "o", "traceId": "t"}}, 0.2, "t o"),
        ({"dataType": "NUMERIC", "value": 3, "subject": {"kind": "session", "id": "s"}}, 3, "s"),
        ({"dataType": "NUMERIC", "value": 3, "subject": {"kind": "experiment", "id": "r"}}, 3,
         "r"),
    ],
)  # fmt: skip
def test_scores_of_every_version(row: dict[str, Any], value: object, about: str) -> None:
    common = {"id": "s-1", "name": "q", "source": "ANNOTATION", "timestamp": "2026-01-01T00:00:00Z",
              "environment": "default", "authorUserId": "user-1", "metadata": {}}  # fmt: skip
    score = score_of({**common, **row})
    assert (score.id, score.value, score.author, score.environment) == ("s-1", value, "user-1", "")
    found = (score.trace_id, score.span_id, score.session_id, score.run_id)
    assert " ".join(filter(None, found)) == about

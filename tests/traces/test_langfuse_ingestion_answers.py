"""Each event of a batch gets its answer; only what will never do is an error."""

from __future__ import annotations

import gzip
from typing import Any

import httpx
import orjson
import pytest

from accounts.models import Project, Scope
from tests.factories import Key, make_key
from tests.traces.langfuse import INGESTION, at, basic, event, send, spans_of
from tests.traces.stored import fetch, notices, soon

pytestmark = pytest.mark.django_db(transaction=True)

BAD: dict[str, Any] = {
    "no type": {"id": "e", "timestamp": at(1), "body": {"id": "s"}},
    "unknown type": event("dance-create", 1, id="s"),
    "no body": {"id": "e", "type": "span-create", "timestamp": at(1)},
    "a long id": event("span-create", 1, id="s" * 129),
    "a reserved id": event("span-create", 1, id="trace:facts"),
    "no object": 7,
    "a score without value": event("score-create", 1, id="x", name="n", traceId="t"),
    "a score without trace": event("score-create", 1, id="x", name="n", value=1),
    "a boolean of seven": event(
        "score-create", 1, id="x", name="n", value=7, dataType="BOOLEAN", traceId="t"
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_event_keeps_no_other_out(client: httpx.Client, what: str) -> None:
    good = event("span-create", 2, id="good", name="work", startTime=at(2))
    answer = send(client, BAD[what], good)
    assert [one["id"] for one in answer["successes"]] == [good["id"]]
    [error] = answer["errors"]
    assert error["status"] == 400
    assert error["message"]
    assert error["error"]
    assert set(spans_of(client, "t")) == {"good"}


def test_what_sdks_send_beside_is_taken(client: httpx.Client) -> None:
    answer = send(
        client,
        {"id": "log", "type": "sdk-log", "timestamp": at(1), "body": {"log": "x"}},
        event("observation-create", 1, id="o", type="RETRIEVER", name="find", startTime=at(1)),
        event("observation-update", 2, id="o", output=[{"id": "d1"}], endTime=at(2)),
        event("tool-create", 1, id="tool", name="look", startTime=at(1), input={"x": 1}),
        event("span-create", 1, id="odd", startTime=None, unknown={"a": 1}, name=None),
        event("generation-create", 1, id="no-trace", name="alone", traceId=None),
    )
    assert (len(answer["successes"]), answer["errors"]) == (6, [])
    spans = spans_of(client, "t")
    assert {its_id: span["kind"] for its_id, span in spans.items()} == {
        "o": "retriever", "tool": "tool", "odd": "span"
    }  # fmt: skip
    assert spans["o"]["documents"][0]["id"] == "d1"
    assert (spans["odd"]["name"], spans["odd"]["attributes"]["unknown"]) == ("span", {"a": 1})
    assert set(spans_of(client, "no-trace")) == {"no-trace"}


def test_a_packed_batch_is_read(client: httpx.Client) -> None:
    body = gzip.compress(orjson.dumps({"batch": [event("span-create", 1, id="s")]}))
    answer = client.post(INGESTION, content=body, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 207


def test_the_old_usage_and_its_costs(client: httpx.Client) -> None:
    usage = {"input": 10, "output": 5, "unit": "TOKENS", "inputCost": 0.1, "outputCost": 0.2}
    letters = {"input": 1000, "output": 500, "unit": "CHARACTERS"}
    camel = {"promptTokens": 3, "completionTokens": 4, "totalTokens": 7}
    for name, told in (("a", usage), ("b", letters), ("c", camel)):
        send(client, event("generation-create", 1, id=name, model="own", usage=told))
    spans = spans_of(client, "t")
    assert (spans["a"]["tokens"]["input_total"], spans["a"]["cost_usd"]) == (10, "0.3")
    assert spans["b"]["tokens"] is None
    assert spans["c"]["tokens"]["output_total"] == 4


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"batch": 1}'])
def test_what_is_no_batch_is_refused(client: httpx.Client, body: bytes) -> None:
    answer = client.post(INGESTION, content=body)
    assert (answer.status_code, set(answer.json())) == (400, {"message", "error"})


def test_keys_open_or_do_not(client: httpx.Client, web: Any, project: Project) -> None:
    reader = make_key(project, scopes=[Scope.READ.value])
    for headers, status in (
        (basic(reader), 403),
        ({"Authorization": "Basic cGstcnctYTpzay1ydy1i"}, 401),
        ({}, 401),
    ):
        answer = httpx.post(f"{web.url}{INGESTION}", json={"batch": []}, headers=headers)
        assert (answer.status_code, set(answer.json())) == (status, {"message", "error"})
    writer = make_key(project, scopes=[Scope.INGEST.value])
    answer = httpx.post(f"{web.url}{INGESTION}", json={"batch": []}, headers=basic(writer))
    assert (answer.status_code, answer.json()) == (207, {"successes": [], "errors": []})
    assert fetch("select count(*) from span") == [(0,)]


def test_what_was_refused_is_told_on_the_intake_page(client: httpx.Client, key: Key) -> None:
    send(client, BAD["a boolean of seven"], BAD["unknown type"])
    assert soon(lambda: bool(notices(key, "kind")))
    [(kind, path, spans, reason)] = notices(key, "kind, path, spans, reason")
    assert (kind, path, spans) == ("partial", INGESTION, 2)
    assert "dance-create" in reason
    assert "true or false" in reason

"""Creates and updates of one object end as one row with the latest word, in whatever order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any

import httpx
import pytest
from django.db import connection
from django.test import Client

from tests.traces.langfuse import at, event, send, spans_of, state
from tests.traces.stored import fetch
from traces.services import settle_traces

pytestmark = pytest.mark.django_db(transaction=True)

PARTS = [
    event("span-create", 1, id="s", name="first", startTime=at(1), input="a", metadata={"x": 1}),
    event("span-update", 2, id="s", name="second", level="ERROR", metadata={"y": 2}),
    event("span-update", 3, id="s", endTime=at(5), output="b", metadata={"x": 3}),
    event("trace-create", 4, id="t", name="whole", tags=["b"], userId="u"),
    event("trace-create", 5, id="t", output="end", tags=["a"], timestamp=at(0.5)),
]


def test_an_update_before_its_create_is_one_row(client: httpx.Client) -> None:
    send(client, event("span-update", 3, id="s", endTime=at(9), output="done"))
    send(client, event("span-create", 1, id="s", name="work", startTime=at(1)))
    [span] = spans_of(client, "t").values()
    assert (span["name"], span["output_text"], span["duration_ms"]) == ("work", "done", 8000)
    assert span["start_time"] == "2026-11-20T12:00:01.000000000Z"
    assert fetch("select count(*) from span") == [(1,)]
    [(start,)] = fetch("select start_time from trace")
    assert start.second == 1


def test_a_create_with_another_start_is_one_row(client: httpx.Client) -> None:
    send(client, event("span-create", 1, id="s", name="early", startTime=at(1), endTime=at(20)))
    send(client, event("span-create", 2, id="s", name="late", startTime=at(12)))
    [span] = spans_of(client, "t").values()
    assert (span["name"], span["start_time"]) == ("late", "2026-11-20T12:00:12.000000000Z")
    assert span["duration_ms"] == 8000
    # The one that was said first, come last, changes nothing.
    send(client, event("span-create", 1, id="s", name="early", startTime=at(1), endTime=at(20)))
    assert spans_of(client, "t")["s"] == span
    assert fetch("select count(*) from span") == [(1,)]


def test_the_end_does_not_depend_on_the_order(client: httpx.Client) -> None:
    ends = []
    for order in permutations(PARTS):
        for part in order:
            send(client, part)
        ends.append(state())
        with connection.cursor() as cursor:
            cursor.execute("truncate span, span_content, trace")
    assert all(end == ends[0] for end in ends)
    assert len(ends[0]) == 2
    assert len(ends) == 120


def test_what_stands_is_the_latest_word(client: httpx.Client) -> None:
    for part in reversed(PARTS):
        send(client, part)
    [span] = spans_of(client, "t").values()
    assert (span["name"], span["level"], span["metadata"]) == ("second", "ERROR", {"x": 3, "y": 2})
    trace = client.get("/api/v1/traces/t").json()
    assert (trace["name"], trace["user_id"], trace["tags"]) == ("whole", "u", ["a", "b"])
    assert (trace["span_count"], trace["output_preview"]) == (1, "end")
    assert trace["start_time"].startswith("2026-11-20T12:00:00.5")


def test_a_trace_without_spans_is_there(client: httpx.Client) -> None:
    send(client, event("trace-create", 1, id="t", name="lonely", sessionId="s", input="hi"))
    listed: list[dict[str, Any]] = client.get("/api/v1/traces").json()["data"]
    [trace] = listed
    assert (trace["name"], trace["session_id"], trace["input_preview"]) == ("lonely", "s", "hi")
    assert (trace["span_count"], trace["kinds"], trace["status"]) == (0, [], "ok")
    assert spans_of(client, "t") == {}


def test_parts_from_many_senders_at_once_are_one_row(client: httpx.Client) -> None:
    parts = [event("span-update", n, id="s", startTime=at(n), output=n) for n in range(1, 25)]
    parts.append(event("trace-create", 1, id="t", name="whole"))
    with ThreadPoolExecutor(8) as senders:
        list(senders.map(lambda part: send(client, part), parts))
    [span] = spans_of(client, "t").values()
    assert (span["output_text"], span["start_time"][:19]) == ("24", "2026-11-20T12:00:24")
    trace = client.get("/api/v1/traces/t").json()
    assert (trace["span_count"], trace["name"]) == (1, "whole")


def test_the_pages_of_a_trace_without_spans_are_there(
    owner_client: Client, client: httpx.Client
) -> None:
    send(client, event("trace-create", 1, id="t", name="lonely", input="hi"))
    assert b"lonely" in owner_client.get("/p/support/traces/?t=400d").content
    page = owner_client.get("/p/support/traces/t/")
    assert (page.status_code, b"lonely" in page.content) == (200, True)
    assert b"trace:facts" not in page.content


def test_the_settled_look_changes_nothing_of_it(client: httpx.Client) -> None:
    for part in PARTS:
        send(client, part)
    before = client.get("/api/v1/traces/t").json(), spans_of(client, "t")
    with connection.cursor() as cursor:
        cursor.execute("update digest_queue set queued_at = queued_at - interval '1 minute'")
    assert settle_traces() == 1
    after = client.get("/api/v1/traces/t").json(), spans_of(client, "t")
    assert {**after[0], "settled": None} == {**before[0], "settled": None}
    assert after[1] == before[1]
    send(client, event("span-update", 9, id="s", output="after all"))
    assert spans_of(client, "t")["s"]["output_text"] == "after all"

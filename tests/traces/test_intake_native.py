"""Traces in plain JSON: nested or flat, with errors that name the place, and read back."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.factories import Key
from tests.traces.stored import fetch, notices

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/api/v1/traces"
TIMES = {"start_time": "2026-11-20T12:00:00.5Z", "end_time": "2026-11-20T12:00:02.25Z"}


def call(**fields: Any) -> dict[str, Any]:
    return {"name": "chat", "kind": "generation", "model": "gpt-4o", **TIMES, **fields}


def test_a_nested_trace_is_stored_and_read_back(client: httpx.Client) -> None:
    tokens = {"input_total": 120, "input_cached": 20, "output_total": 9, "output_reasoning": 4}
    answer = client.post(
        PATH,
        json={
            "trace_id": "order 48213/é", "name": "answer", "user_id": 7, "tags": ["vip"],
            "input": "Where is it?", "output": "On its way.",
            "spans": [{
                **TIMES, "span_id": "root", "kind": "agent",
                "children": [call(span_id="call", tokens=tokens, cost_usd="0.0125")],
            }],
        },
    )  # fmt: skip
    assert answer.json() == {"accepted": 2, "trace_ids": ["order 48213/é"]}
    found = client.get(f"{PATH}/order%2048213%2F%C3%A9/spans").json()["data"]
    one, root = sorted(found, key=lambda span: str(span["span_id"]))
    assert (one["parent_span_id"], one["cost_usd"], one["user_id"]) == ("root", "0.0125", "7")
    assert one["tokens"]["input_cached"] == 20
    assert (root["input"], root["tags"]) == ("Where is it?", ["vip"])
    assert one["start"] == 1_795_176_000_500_000_000


def test_flat_spans_and_lists_of_traces_are_taken(client: httpx.Client) -> None:
    flat = {"id": "t1", "spans": [call(id="a"), call(id="b", parent_span_id="a")]}
    for body in ([flat, {"spans": [call()]}], {"traces": [flat]}):
        assert client.post(PATH, json=body).json()["trace_ids"][0] == "t1"
    assert fetch("select trace_id, span_id, parent_span_id from span where trace_id = 't1'") == [
        ("t1", "a", None), ("t1", "b", "a")
    ]  # fmt: skip


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"start_time": None}, "traces[0].spans[1].start_time: A span needs start_time"),
    ({"start_time": "yesterday"}, "traces[0].spans[1].start_time: Expected ISO 8601"),
    ({"start_time": 1_795_176_000}, "looks like seconds"),
    ({"start": -5, "start_time": None}, "Expected a time after 1970"),
    ({"kind": "thought"}, "traces[0].spans[1].kind: Expected one of span, generation"),
    ({"level": "bad"}, "traces[0].spans[1].level"),
    ({"tokens": {"input_total": "many"}}, "traces[0].spans[1].tokens.input_total"),
    ({"tokens": {"input_total": 1.5}}, "traces[0].spans[1].tokens.input_total"),
    ({"tokens": {"input_total": True}}, "traces[0].spans[1].tokens.input_total"),
    ({"cost_usd": -1}, "traces[0].spans[1].cost_usd"),
    ({"cost_usd": "NaN"}, "traces[0].spans[1].cost_usd"),
    ({"cost_usd": {"total": "a lot"}}, "traces[0].spans[1].cost_usd.total"),
    ({"tags": "vip"}, "traces[0].spans[1].tags"),
    ({"attributes": []}, "traces[0].spans[1].attributes"),
    ({"id": "x" * 129}, "traces[0].spans[1].span_id: An id may have 128 characters"),
    ({"trace_id": ["a"]}, "traces[0].spans[1].trace_id"),
    ({"events": [{"time": "noon"}]}, "traces[0].spans[1].events[0].time"),
]


def test_an_error_names_the_place_and_the_others_are_taken(client: httpx.Client) -> None:
    failed = []
    for wrong, said in WRONG:
        answer = client.post(PATH, json={"id": "t", "spans": [call(id="a"), call(**wrong)]})
        document = answer.json()
        counts = (answer.status_code, document.get("accepted"), document.get("rejected"))
        if counts != (200, 1, 1) or said not in document["errors"]:
            failed.append((wrong, answer.text))
    assert not failed
    assert fetch("select span_id from span") == [("a",)]


def test_where_nothing_could_be_taken_the_answer_is_422(client: httpx.Client, key: Key) -> None:
    answer = client.post(PATH, json={"id": "t", "spans": [call(kind="thought"), 7]})
    assert answer.status_code == 422
    assert "traces[0].spans[0].kind" in answer.json()["detail"]
    assert "traces[0].spans[1]" in answer.json()["detail"]
    assert notices(key, "kind, status, spans") == [("refused", 422, 2)]
    empty = client.post(PATH, json={"id": "t", "spans": []})
    assert (empty.status_code, "at least one span" in empty.text) == (422, True)


def test_odd_values_are_kept_within_limits(client: httpx.Client) -> None:
    odd = [
        call(id="nul\0", name="\0", input={"a\0": "b\0"}, user_id="\0", metadata={"\0": "\0"}),
        call(id="huge", tokens={"input_total": 2**40, "output_total": -3}),
        call(id="money", cost_usd=1e300),
        call(id="future", start_time="2100-01-01T00:00:00Z", end_time="2099-01-01T00:00:00Z"),
        call(id="open", end_time=None),
        call(id=7, trace_id=2**60),
        call(id="deep", input=eval("[" * 90 + "]" * 90)),  # noqa: S307
        call(id="\0"),
        call(id="error", error_type="Timeout", status_message="x" * 20_000),
    ]
    for one in odd:
        answer = client.post(PATH, json={"id": "t", "spans": [one]})
        assert answer.status_code == 200, (one["id"], answer.text)
    assert fetch("select count(*) from span") == [(len(odd),)]
    found = fetch("select in_uncached, out_text from span where span_id = 'huge'")
    assert found == [(None, None)]


def test_a_flood_of_faults_costs_no_memory(client: httpx.Client) -> None:
    answer = client.post(PATH, content=b"[" + b"1," * 3_000_000 + b"1]", timeout=60)
    assert answer.status_code == 422
    assert len(answer.content) < 5_000

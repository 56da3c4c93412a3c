"""What langfuse 2 sent comes back as expected: forwards, backwards, once and twice."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.traces.langfuse import INGESTION, exchanges, spans_of
from tests.traces.serving import Web
from tests.traces.stored import fetch

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "langfuse-python-2.60.10-ingestion"
BATCHES = [one["request"] for one in exchanges(NAME, INGESTION)]
ANSWERS = [one["response"] for one in exchanges(NAME, INGESTION)]
OPENAI, DECORATED = "87627fcf-12f4-441b-b313-3b8f77c14aee", "1e7a4799-be57-44cb-9175-bddcfda8c443"
ANSWER = "8824879f-5b51-4482-9e37-8b7a4b0df9ea"


def backwards(batch: dict[str, Any]) -> dict[str, Any]:
    return {**batch, "batch": batch["batch"][::-1]}


def apart(batch: dict[str, Any]) -> list[dict[str, Any]]:
    """The same events, each in a batch of its own, the last one first."""
    return [{**batch, "batch": [event]} for event in reversed(batch["batch"])]


ORDERS = {
    "as recorded": BATCHES,
    "in reverse": [backwards(batch) for batch in reversed(BATCHES)],
    "event by event in reverse": [part for batch in reversed(BATCHES) for part in apart(batch)],
}


def tokens(span: dict[str, Any]) -> tuple[int, ...]:
    told = span["tokens"]
    return (
        told["input_total"], told["input_cached"], told["output_total"], told["output_reasoning"]
    )  # fmt: skip


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("order", ORDERS)
def test_every_value_comes_back(client: httpx.Client, web: Web, order: str, times: int) -> None:
    for batch in ORDERS[order] * times:
        answer = client.post(INGESTION, json=batch)
        assert answer.status_code == 207
        assert answer.json()["errors"] == []
    check_the_trace(client)
    check_the_calls(client)
    check_the_scores()
    assert not web.complaints()


def check_the_trace(client: httpx.Client) -> None:
    whole = client.get("/api/v1/traces/trace-v2-001").json()
    named = ("name", "user_id", "session_id", "tags", "release", "environment", "span_count")
    assert [whole[name] for name in named] == [
        "weather", "user-42", "sess-9", ["beta"], "rel-1.4.2", "staging", 4
    ]  # fmt: skip
    assert (whole["output_preview"], whole["error_count"], whole["open_count"]) == ("Sunny", 1, 0)
    assert whole["call_count"] == 1
    spans = spans_of(client, "trace-v2-001")
    kinds = sorted((span["kind"], span["name"], span["level"]) for span in spans.values())
    assert kinds == [
        ("event", "cache-miss", "DEFAULT"),
        ("generation", "answer", "DEFAULT"),
        ("span", "broken", "ERROR"),
        ("span", "retrieve", "DEFAULT"),
    ]
    answer = spans[ANSWER]
    assert (answer["start_time"], answer["end_time"]) == (
        "2026-11-20T14:45:31.390554000Z", "2026-11-20T14:45:31.391390000Z"
    )  # fmt: skip
    assert (answer["prompt_name"], answer["prompt_version"]) == ("v2-prompt", 1)
    assert (answer["params"], answer["output_text"]) == ({"temperature": "0.2"}, "Sunny")
    assert answer["input"][1]["parts"] == [
        {"type": "text", "content": "What is the weather in Paris?"}
    ]


def check_the_calls(client: httpx.Client) -> None:
    calls = {
        (span["model"], tokens(span))
        for trace_id in ("trace-v2-001", OPENAI, DECORATED)
        for span in spans_of(client, trace_id).values()
        if span["kind"] == "generation"
    }
    assert calls == {
        ("gpt-4o", (1000, 0, 200, 0)),
        ("gpt-4o-mini-2024-07-18", (120, 64, 30, 0)),
        ("o4-mini", (210, 128, 95, 64)),
    }
    decorated = client.get(f"/api/v1/traces/{DECORATED}").json()
    assert (decorated["user_id"], decorated["tags"], decorated["name"]) == (
        "user-7",
        ["dec"],
        "top",
    )


def check_the_scores() -> None:
    scores = fetch("select name, num, label, span_id, trace_id from score order by name")
    assert scores[1:] == [
        ("helpfulness", 0.9, None, ANSWER, "trace-v2-001"),
        ("verdict", None, "correct", None, "trace-v2-001"),
    ]


def test_each_event_is_answered_as_recorded(client: httpx.Client) -> None:
    for batch, answer in zip(BATCHES, ANSWERS, strict=True):
        assert client.post(INGESTION, json=batch).json() == answer


def test_the_scores_of_sdk_4_are_answered_as_recorded(client: httpx.Client) -> None:
    recorded = exchanges("langfuse-python-4.18.0-dataset-experiment", INGESTION)
    for one in recorded:
        answer = client.post(INGESTION, json=one["request"])
        assert (answer.status_code, answer.json()) == (one["status"], one["response"])
    assert fetch("select name, num, run_id from score where run_id is not null") == [
        ("accuracy", 0.5, "run-2db46012")
    ]
    assert fetch("select count(*) from score") == [(4,)]

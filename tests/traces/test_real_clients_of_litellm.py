"""LiteLLM by its callbacks `langfuse_otel` and `otel`, which tell the same calls in two ways."""

from __future__ import annotations

from typing import Any

import pytest

from tests.provider import ANSWER
from tests.traces.real_clients import Stage, streamed_as_asked, texts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timing]

NO_NETWORK = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}


def calls(spans: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The calls by their models; beside each stands a bare span of the raw request."""
    found = {span["model"]: span for span in spans if span["model"]}
    bare = [span for span in spans if not span["model"] and span["scope"] == "litellm"]
    assert {(span["kind"], span["name"], span["tokens"]) for span in bare} == {
        ("span", "answer", None)
    }
    return found


def check_messages(found: dict[str, dict[str, Any]]) -> None:
    for model in ("gpt-4o-mini-2024-07-18", "gpt-5-mini"):
        assert texts(found[model]["input"]) == [("user", "Where is order 7?")]
        assert texts(found[model]["output"]) == [("assistant", ANSWER)]
        assert found[model]["provider"] == "openai"
    assert found["gpt-4.1-2025-04-14"]["tool_calls_requested"] == ["lookup"]
    assert texts(found["gpt-down"]["input"]) == [("user", "Where is order 7?")]
    assert found["gpt-down"]["error_type"] == "InternalServerError"
    assert found["gpt-refused"]["error_type"] == "BadRequestError"


def test_langfuse_otel(stage: Stage) -> None:
    stage.told("litellm", "litellm_calls", CALLBACK="langfuse_otel", **NO_NETWORK)
    traces = stage.traces()
    spans = [span for trace in traces for span in stage.spans(trace["trace_id"])]
    stage.check(traces, spans, streamed_as_asked)
    # Each call is a trace of its own, which tells whose it is.
    assert len(traces) == 6
    assert {(trace["name"], trace["user_id"], trace["session_id"]) for trace in traces} == {
        ("answer", "user-1", "sess-1")
    }
    assert [trace["tags"] for trace in traces] == [["beta"]] * 6
    found = calls(spans)
    check_messages(found)
    assert {span["dialect"] for span in found.values()} == {"langfuse"}


def test_otel_within_the_programs_own_span(stage: Stage) -> None:
    stage.told(
        "litellm",
        "litellm_calls",
        CALLBACK="otel",
        # Else it writes every call onto the span that is open: the last would be left.
        USE_OTEL_LITELLM_REQUEST_SPAN="true",
        **NO_NETWORK,
    )
    traces = stage.traces()
    spans = [span for trace in traces for span in stage.spans(trace["trace_id"])]
    stage.check(traces, spans, streamed_as_asked)
    # It tells a streamed call from a thread of its own, which knows no span that is open.
    whole, streamed = sorted(traces, key=lambda trace: -trace["span_count"])
    assert (whole["name"], whole["call_count"], streamed["call_count"]) == ("request", 5, 1)
    assert (whole["user_id"], whole["session_id"]) == ("user-1", "sess-1")
    found = calls(spans)
    check_messages(found)
    assert found["text-embedding-3-small"]["kind"] == "embedding"
    assert {span["provider"] for span in found.values()} == {"openai"}

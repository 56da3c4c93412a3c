"""Langfuse's wrapper of OpenAI and its handler for langchain: alone, and one in the other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.provider import ANSWER
from tests.traces.real_clients import Stage, streamed_as_asked, texts

pytestmark = pytest.mark.django_db(transaction=True)

LOCK, PROGRAM = "langfuse-openai-langchain", "langfuse_wrapped"
QUESTION = ("user", "Where is order 7?")


def check_trace(trace: dict[str, Any], spans: list[dict[str, Any]]) -> None:
    """Its calls stand below the program's own span, with the trace's user and session."""
    assert (trace["name"], trace["user_id"], trace["session_id"]) == ("support", "user-1", "sess-1")
    assert trace["tags"] == ["beta"]
    assert (spans[0]["kind"], spans[0]["name"]) == ("agent", "support")
    assert {span["session_id"] for span in spans} == {"sess-1"}


def test_the_wrapper(stage: Stage) -> None:
    told = stage.told(LOCK, PROGRAM, CALLS="openai")
    (trace,) = stage.traces()
    spans = stage.spans(told["trace_id"])
    stage.check([trace], spans)
    check_trace(trace, spans)
    _root, plain, streamed, asking, response, embedding, _refused, down = spans
    assert texts(plain["input"]) == texts(streamed["input"]) == [QUESTION]
    assert texts(plain["output"]) == texts(response["output"]) == [("assistant", ANSWER)]
    assert (streamed["output"], embedding["input"]) == (ANSWER, ["order 7"])
    assert streamed["time_to_first_token_ms"] > 0
    assert asking["tool_calls_requested"] == ["lookup"]
    assert asking["tool_definitions"][0]["function"]["name"] == "lookup"
    assert embedding["kind"] == "embedding"
    assert "No gpt-down here." in down["status_message"]


def test_langchains_handler(stage: Stage) -> None:
    told = stage.told(LOCK, PROGRAM, CALLS="langchain")
    (trace,) = stage.traces()
    spans = stage.spans(told["trace_id"])
    stage.check([trace], spans, streamed_as_asked)
    check_trace(trace, spans)
    _root, plain, streamed, asking, tool, answering, _refused, _down = spans
    for span in (plain, streamed):
        assert texts(span["input"]) == [QUESTION]
        assert texts(span["output"]) == [("assistant", ANSWER)]
    # The handler puts the tools that are offered among the messages.
    assert texts(asking["input"]) == [QUESTION]
    assert [message["role"] for message in asking["input"]] == ["user"]
    assert asking["tool_definitions"][0]["function"]["name"] == "lookup"
    assert asking["tool_calls_requested"] == ["lookup"]
    assert (tool["kind"], tool["name"], tool["input"]) == ("tool", "lookup", {"order": 7})
    assert [message["role"] for message in answering["input"]] == ["user", "assistant", "tool"]


def test_the_handler_around_the_wrapper(stage: Stage) -> None:
    told = stage.told(LOCK, PROGRAM, CALLS="both")
    (trace,) = stage.traces()
    spans = stage.spans(told["trace_id"])
    stage.check([trace], spans)  # four answers, two refusals: each told twice, counted once
    check_trace(trace, spans)
    by_parent = {span["parent_span_id"]: span for span in spans}
    for span in [span for span in spans if span["name"] == "ChatOpenAI"]:
        below = by_parent[span["span_id"]]
        assert below["name"] == "OpenAI-generation"
        assert span["not_counted"]["counted_span_id"] == below["span_id"]

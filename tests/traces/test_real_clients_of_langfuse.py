"""Langfuse's wrapper of OpenAI and its handler for langchain: alone, and one in the other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.provider import ANSWER
from tests.traces.real_clients import Stage, streamed_as_asked, texts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timing]

QUESTION = ("user", "Where is order 7?")


def test_alone_and_one_in_the_other(stage: Stage) -> None:
    told = stage.told("langfuse-openai-langchain", "langfuse_wrapped")
    assert [one["streamed"] for one in told["traces"]] == [ANSWER] * 3
    traces = {trace["trace_id"]: trace for trace in stage.traces()}
    found = [(traces.pop(one["trace_id"]), stage.spans(one["trace_id"])) for one in told["traces"]]
    assert not traces
    for trace, spans in found:
        assert trace["name"] == "support"
        assert (trace["user_id"], trace["session_id"]) == ("user-1", "sess-1")
        assert trace["tags"] == ["beta"]
        assert (spans[0]["kind"], spans[0]["name"]) == ("agent", "support")
        assert {span["session_id"] for span in spans} == {"sess-1"}
    by_langchain, by_openai, by_both = found
    check_langchain(stage, *by_langchain)
    check_openai(stage, *by_openai)
    check_both(stage, *by_both)


def check_langchain(stage: Stage, trace: dict[str, Any], spans: list[dict[str, Any]]) -> None:
    stage.check([trace], spans, streamed_as_asked, slice(4))
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


def check_openai(stage: Stage, trace: dict[str, Any], spans: list[dict[str, Any]]) -> None:
    stage.check([trace], spans, part=slice(4, 9))
    _root, plain, streamed, asking, response, embedding, _refused, down = spans
    assert texts(plain["input"]) == texts(streamed["input"]) == [QUESTION]
    assert texts(plain["output"]) == texts(response["output"]) == [("assistant", ANSWER)]
    assert (streamed["output"], embedding["input"]) == (ANSWER, ["order 7"])
    assert streamed["time_to_first_token_ms"] > 0
    assert asking["tool_calls_requested"] == ["lookup"]
    assert asking["tool_definitions"][0]["function"]["name"] == "lookup"
    assert embedding["kind"] == "embedding"
    assert "No gpt-down here." in down["status_message"]


def check_both(stage: Stage, trace: dict[str, Any], spans: list[dict[str, Any]]) -> None:
    stage.check([trace], spans, part=slice(9, 13))  # answers and refusals told twice count once
    by_parent = {span["parent_span_id"]: span for span in spans}
    outer = [span for span in spans if span["name"] == "ChatOpenAI"]
    assert len(outer) == 6
    for span in outer:
        below = by_parent[span["span_id"]]
        assert below["name"] == "OpenAI-generation"
        assert span["not_counted"]["counted_span_id"] == below["span_id"]

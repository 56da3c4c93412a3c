"""OpenAI's client under three instrumentations: its calls stand there to the nano-dollar."""

from __future__ import annotations

import pytest

from tests.provider import ANSWER
from tests.traces.real_clients import Stage, streamed_as_asked, texts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timing]

QUESTION = ("user", "Where is order 7?")


def test_openinference(stage: Stage) -> None:
    told = stage.told("openinference-openai")
    assert told["streamed"] == ANSWER
    (trace,) = stage.traces()
    spans = stage.spans(told["trace_id"])
    stage.check([trace], spans)
    assert (trace["user_id"], trace["session_id"], trace["tags"]) == ("user-1", "sess-1", ["beta"])
    agent, *calls = spans
    assert (agent["kind"], agent["name"], trace["name"]) == ("agent", "support", "support")
    assert {span["parent_span_id"] for span in calls} == {agent["span_id"]}
    assert {span["provider"] for span in calls} == {"openai"}
    assert {span["dialect"] for span in calls} == {"openinference"}
    assert {span["user_id"] for span in calls} == {"user-1"}
    assert [span["metadata"] for span in calls] == [{"plan": "pro"}] * 8
    plain, streamed, asking, answering, response, _embedding, refused, down = calls
    for span in (plain, streamed, response):
        assert texts(span["input"]) == [QUESTION]
        assert texts(span["output"]) == [("assistant", ANSWER)]
    assert plain["params"]["temperature"] == 0
    assert streamed["time_to_first_token_ms"] > 0
    (call,) = asking["output"][0]["parts"]
    assert (call["type"], call["name"], call["arguments"]) == ("tool_call", "lookup", {"order": 7})
    assert asking["tool_calls_requested"] == ["lookup"]
    assert asking["tool_definitions"][0]["function"]["name"] == "lookup"
    assert [message["role"] for message in answering["input"]] == ["user", "assistant", "tool"]
    assert refused["error_type"] == "openai.BadRequestError"
    assert down["error_type"] == "openai.InternalServerError"
    assert "No gpt-down here." in down["status_message"]


def test_opentelemetrys_own(stage: Stage) -> None:
    told = stage.told(
        "otel-genai-openai",
        OTEL_SEMCONV_STABILITY_OPT_IN="gen_ai_latest_experimental",
        OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="EVENT_ONLY",
        OTEL_RESOURCE_ATTRIBUTES="service.name=shop,deployment.environment.name=ci",
    )
    (trace,) = stage.traces()
    spans = stage.spans(told["trace_id"])
    stage.check([trace], spans)
    assert (trace["user_id"], trace["session_id"]) == ("user-1", "sess-1")
    assert (trace["feature"], trace["environment"]) == ("shop", "ci")
    root, *calls = spans
    assert (root["kind"], root["input"]) == ("span", None)
    assert {span["provider"] for span in calls} == {"openai"}
    plain, streamed, asking, response, embedding, refused, _down = calls
    # The messages came in log events and have joined their spans.
    for span in (plain, streamed, response):
        assert texts(span["input"]) == [QUESTION]
        assert texts(span["output"]) == [("assistant", ANSWER)]
        assert span["finish_reasons"] == ["stop"]
    assert plain["response_id"] == "chatcmpl-0001"
    assert (plain["model_requested"], plain["model"]) == ("gpt-4o-mini", "gpt-4o-mini-2024-07-18")
    assert asking["tool_calls_requested"] == ["lookup"]
    assert embedding["kind"] == "embedding"
    assert texts(refused["input"]) == [QUESTION]
    assert refused["output"] is None


def test_logfire(stage: Stage) -> None:
    told = stage.told("logfire", "logfire_openai")
    (trace,) = stage.traces()
    spans = stage.spans(told["trace_id"])
    stage.check([trace], spans, streamed_as_asked)
    assert (trace["user_id"], trace["session_id"]) == ("user-1", "sess-1")
    assert (trace["feature"], trace["environment"]) == ("support", "ci")
    root, plain, request, answer, asking, response, embedding, _refused, _down = spans
    assert (root["name"], root["metadata"]) == ("support", {"plan": "pro"})
    # A streamed call is two spans: the request, and a record of what came, which counts.
    assert request["not_counted"]["counted_span_id"] == answer["span_id"]
    for span in (plain, answer, response):
        assert texts(span["input"]) == [QUESTION]
        assert texts(span["output"]) == [("assistant", ANSWER)]
        assert span["provider"] == "openai"
    assert asking["tool_calls_requested"] == ["lookup"]
    assert embedding["kind"] == "embedding"

"""Names of several dialects on one span, our own attributes, errors, and messages as events."""

from __future__ import annotations

from typing import Any

import pytest

from tests.traces.otlp_build import START, pairs, request, span
from tests.traces.recordings import PROTOBUF
from traces.ingest.canonical.represent import content_document, previews, read_content
from traces.ingest.canonical.source_text import input_text, output_text
from traces.ingest.record import Kind, Level, SpanRecord
from traces.ingest.wire.decode import decode_otlp
from traces.ingest.wire.limits import Limits


def one(
    attributes: dict[str, Any],
    events: list[tuple[str, int, dict[str, Any]]] | None = None,
    resource: dict[str, Any] | None = None,
    status: int = 0,
) -> SpanRecord:
    sent = span(attributes)
    sent.status.code = status  # type: ignore[assignment]
    for name, at, inner in events or []:
        sent.events.add(name=name, time_unix_nano=at, attributes=pairs(inner))
    body = request(sent, resource=resource).SerializeToString()
    (record,) = decode_otlp(body, PROTOBUF, limits=Limits()).records
    return record


def test_a_span_of_no_dialect_is_a_span_with_its_attributes() -> None:
    record = one({"http.request.method": "GET", "http.response.status_code": 200})
    assert (record.kind, record.dialect) == (Kind.SPAN, None)
    assert record.attributes == {"http.request.method": "GET", "http.response.status_code": 200}


def test_current_genai_wins_over_openinference_and_that_over_old_names() -> None:
    record = one(
        {
            "gen_ai.system": "az.ai.openai",
            "gen_ai.usage.prompt_tokens": 1,
            "gen_ai.usage.completion_tokens": 2,
            "openinference.span.kind": "CHAIN",
            "llm.token_count.prompt": 10,
            "llm.token_count.completion": 20,
            "gen_ai.operation.name": "chat",
            "gen_ai.usage.input_tokens": 100,
        }
    )
    assert (record.kind, record.dialect) == (Kind.GENERATION, "genai")
    assert (record.in_uncached, record.out_text) == (100, 20)
    assert record.provider == "azure.ai.openai"


def test_our_attributes_count_on_span_and_resource_and_the_span_wins() -> None:
    resource = {
        "service.name": "checkout",
        "roadworthy.index.name": "docs",
        "roadworthy.user.segment": "free",
    }
    record = one({"roadworthy.user.segment": "pro"}, resource=resource)
    assert (record.feature, record.index_name, record.user_segment) == ("checkout", "docs", "pro")
    record = one({"roadworthy.feature": "search"}, resource=resource)
    assert record.feature == "search"
    assert one({}, resource={"service.name": "unknown_service:python"}).feature is None


def test_session_ids_win_over_conversations_and_scrubbers_say_nothing() -> None:
    assert one({"gen_ai.conversation.id": "c", "session.id": "s"}).session_id == "s"
    scrubbed = {"session.id": "[Scrubbed due to 'session']", "gen_ai.conversation.id": "c"}
    assert one(scrubbed).session_id == "c"


def test_usage_of_an_agent_is_a_repeat_and_kept_as_sent() -> None:
    record = one({"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 50})
    assert (record.usage_counts, record.in_uncached) == (False, None)
    assert record.usage == {"gen_ai.usage.input_tokens": 50}


def test_a_model_without_an_operation_is_a_generation() -> None:
    assert one({"gen_ai.system": "openai", "gen_ai.request.model": "m"}).kind == Kind.GENERATION
    assert one({"gen_ai.operation.name": "RETRIEVER"}).kind == Kind.RETRIEVER


def test_errors_come_from_status_type_and_exception() -> None:
    raised = ("exception", START, {"exception.type": "ValueError", "exception.message": "no"})
    record = one({}, [raised], status=2)
    assert (record.level, record.error_type, record.status_message) == (
        Level.ERROR,
        "ValueError",
        "no",
    )
    assert one({}, [raised]).level == Level.DEFAULT
    assert one({"error.type": "timeout"}).level == Level.ERROR
    assert one({"error.type": "timeout"}, status=1).level == Level.DEFAULT


def test_the_first_token_is_timed_from_an_attribute_or_an_event() -> None:
    assert one({"gen_ai.response.time_to_first_chunk": 0.25}).ttft_us == 250_000
    token = ("First Token Stream Event", START + 1_500_000, {})
    assert one({"openinference.span.kind": "LLM"}, [token]).ttft_us == 1_500


def test_given_costs_are_kept_as_sent_but_not_the_zero_of_a_failure() -> None:
    cost = {"openinference.span.kind": "LLM", "llm.cost.total": 0.5, "llm.cost.prompt": 0.1}
    assert one(cost).cost_given == {"total": 0.5, "input": 0.1}
    assert one({**cost, "llm.cost.total": 0, "llm.cost.prompt": 0}, status=2).cost_given is None


MESSAGES = [
    ("gen_ai.system.message", START, {"content": "Be terse.", "gen_ai.system": "openai"}),
    ("gen_ai.user.message", START, {"content": "Hello"}),
    ("gen_ai.choice", START, {"index": 0, "finish_reason": "stop", "message": {"content": "Hi"}}),
]
WHOLE = [
    ("gen_ai.content.prompt", START, {"gen_ai.prompt": '[{"role": "user", "content": "Hello"}]'}),
    ("gen_ai.content.completion", START, {"gen_ai.completion": "Hi"}),
]


@pytest.mark.parametrize("events", [MESSAGES, WHOLE])
def test_messages_that_stand_as_events_are_input_and_output(events: Any) -> None:
    record = one({"gen_ai.system": "openai", "gen_ai.request.model": "m"}, events)
    assert previews(record) == ("Hello", "Hi")
    content = read_content(content_document(record))
    assert content["input"][-1]["parts"] == [{"type": "text", "content": "Hello"}]


def test_messages_as_events_read_as_their_logs_do() -> None:
    record = one({}, MESSAGES)
    source = (record.attributes, record.events)
    assert input_text(*source) == (
        '[{"role": "system", "content": "Be terse."}, {"role": "user", "content": "Hello"}]'
    )
    assert output_text(*source) == '[{"role": "assistant", "content": "Hi"}]'

"""The stored document holds everything once; reading it gives the canonical content."""

from __future__ import annotations

import orjson
import pytest

from bench.payloads import Shape, requests
from tests.traces.recordings import NAMES, PROTOBUF, decoded
from traces.ingest.canonical.represent import content_document, previews, read_content
from traces.ingest.wire.decode import decode_otlp
from traces.ingest.wire.limits import Limits


def content_of(name: str, span_name: str) -> dict[str, object]:
    (request,) = decoded(name, "json")
    record = next(record for record in request.records if record.name == span_name)
    return read_content(orjson.loads(orjson.dumps(content_document(record))))


def test_a_genai_call() -> None:
    content = content_of("otel-sdk-1.45.2-genai-current", "chat gpt-4o-mini")
    assert content["system_instructions"] == [
        {"type": "text", "content": "You are a terse weather bot."}
    ]
    assert content["params"] == {"temperature": 0.2, "max_tokens": 100, "top_p": 1.0}
    assert content["finish_reasons"] == ["tool_calls"]
    assert content["response_id"] == "chatcmpl-1"
    call = {"type": "tool_call", "id": "call_1", "name": "get_weather"}
    assert content["output"] == [
        {
            "role": "assistant",
            "parts": [{**call, "arguments": {"city": "Paris"}}],
            "finish_reason": "tool_call",
        }
    ]


def test_a_tool_run() -> None:
    content = content_of("otel-sdk-1.45.2-genai-current", "execute_tool get_weather")
    assert content["tool"] == {
        "name": "get_weather",
        "call_id": "call_1",
        "arguments": {"city": "Paris"},
        "result": {"temp_c": 21},
    }


def test_an_openinference_call() -> None:
    content = content_of("openinference-openai-0.1.66-chat", "ChatCompletion")
    assert [message["role"] for message in content["input"]] == ["system", "user"]  # type: ignore[attr-defined]
    assert content["metadata"] == {"plan": "pro"}
    assert content["params"] == {"max_tokens": 100, "temperature": 0.2}
    assert content["tags"] == ["beta", "web"]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_stored_twice(name: str) -> None:
    for request in decoded(name, "json"):
        for record in request.records:
            document = content_document(record)
            assert "input" not in document
            assert "usage" not in document or record.dialect is None


def test_made_up_requests_are_the_same_for_a_seed_and_of_the_usual_size() -> None:
    shape = Shape(spans=64)
    first, again = next(requests(1, 7, shape)), next(requests(1, 7, shape))
    assert first == again
    assert next(requests(1, 8, shape)) != first
    assert 2_400 < len(first) / 64 < 2_900
    result = decode_otlp(first, PROTOBUF, limits=Limits())
    assert len(result.records) == 64
    kinds = [record.kind for record in result.records[:8]]
    assert kinds == [2, 6, 1, 5, 1, 5, 1, 4]
    assert all(previews(record)[0] for record in result.records if record.kind != 2)

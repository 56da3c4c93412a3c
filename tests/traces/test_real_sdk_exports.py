"""The OpenTelemetry SDK itself, exporting over HTTP, and what is read back."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode

from tests.factories import Key
from tests.traces.serving import Web

pytestmark = pytest.mark.django_db(transaction=True)

MESSAGES = json.dumps([{"role": "user", "parts": [{"type": "text", "content": "Where is it?"}]}])
CALL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 120,
    "gen_ai.usage.output_tokens": 9,
    "gen_ai.input.messages": MESSAGES,
}


def export(exporter: OTLPSpanExporter) -> str:
    """Send an agent, its call and its failed tool; the id of their trace."""
    resource = Resource.create({"service.name": "support", "deployment.environment.name": "ci"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("app", "1.0")
    with tracer.start_as_current_span("agent") as root:
        trace_id = f"{root.get_span_context().trace_id:032x}"
        with tracer.start_as_current_span("chat gpt-4o", attributes=CALL):
            pass
        with tracer.start_as_current_span("execute_tool lookup") as tool:
            tool.set_attributes({"gen_ai.operation.name": "execute_tool"})
            tool.record_exception(TimeoutError("too slow"))
            tool.set_status(Status(StatusCode.ERROR, "too slow"))
    provider.shutdown()
    return trace_id


def check(client: httpx.Client, trace_id: str) -> None:
    found = client.get(f"/api/v1/traces/{trace_id}/spans").json()["data"]
    spans: dict[str, dict[str, Any]] = {span["name"]: span for span in found}
    assert set(spans) == {"agent", "chat gpt-4o", "execute_tool lookup"}
    call, tool = spans["chat gpt-4o"], spans["execute_tool lookup"]
    assert call["parent_span_id"] == spans["agent"]["span_id"]
    assert call["tokens"]["input_total"] == 120
    assert (call["kind"], call["model_requested"], call["environment"]) == (
        "generation", "gpt-4o", "ci"
    )  # fmt: skip
    assert call["input"][0]["parts"][0]["content"] == "Where is it?"
    assert (tool["level"], tool["status_message"]) == ("ERROR", "too slow")
    whole = client.get(f"/api/v1/traces/{trace_id}").json()
    assert (whole["span_count"], whole["error_count"], whole["open_count"]) == (3, 1, 0)


@pytest.mark.parametrize("compression", list(Compression))
def test_it_is_stored_and_read_back(
    web: Web, client: httpx.Client, key: Key, compression: Compression
) -> None:
    exporter = OTLPSpanExporter(
        endpoint=f"{web.url}/v1/traces", headers=key.headers, compression=compression
    )
    check(client, export(exporter))


@pytest.mark.parametrize("way", ["bearer", "basic", "x-api-key"])
def test_headers_come_from_the_environment_with_the_space_encoded(
    web: Web, client: httpx.Client, key: Key, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = base64.b64encode(f"{key.public}:{key.secret}".encode()).decode()
    headers = {
        "bearer": f"Authorization=Bearer%20{key.secret}",
        "basic": f"Authorization=Basic%20{pair.replace('=', '%3D')}",
        "x-api-key": f"x-api-key={key.secret}",
    }[way]
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", web.url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", headers)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    check(client, export(OTLPSpanExporter()))


def test_openinference_is_understood(web: Web, client: httpx.Client, key: Key) -> None:
    provider = TracerProvider()
    exporter = OTLPSpanExporter(endpoint=f"{web.url}/v1/traces", headers=key.headers)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    attributes: dict[str, Any] = {
        "openinference.span.kind": "LLM",
        "llm.model_name": "claude-sonnet-4-5",
        "llm.token_count.prompt": 30,
        "llm.token_count.completion": 4,
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": "Hello",
        "session.id": "s-1",
    }
    with provider.get_tracer("openinference").start_as_current_span("llm") as span:
        span.set_attributes(attributes)
        trace_id = f"{span.get_span_context().trace_id:032x}"
    provider.shutdown()
    [one] = client.get(f"/api/v1/traces/{trace_id}/spans").json()["data"]
    assert (one["kind"], one["model"], one["session_id"]) == (
        "generation", "claude-sonnet-4-5", "s-1"
    )  # fmt: skip
    assert one["tokens"]["input_total"] == 30
    assert one["input"][0]["parts"] == [{"type": "text", "content": "Hello"}]


def test_a_refused_export_is_reported_and_loses_nothing_else(web: Web, key: Key) -> None:
    wrong = OTLPSpanExporter(
        endpoint=f"{web.url}/v1/traces", headers={"x-api-key": "sk-rw-unknown"}, timeout=5
    )
    spans: list[ReadableSpan] = []
    provider = TracerProvider()
    span = provider.get_tracer("app").start_span("one")
    span.end()
    assert isinstance(span, ReadableSpan)
    spans.append(span)
    assert wrong.export(spans).name == "FAILURE"
    good = OTLPSpanExporter(endpoint=f"{web.url}/v1/traces", headers=key.headers)
    assert good.export(spans).name == "SUCCESS"
    wrong.shutdown()
    good.shutdown()

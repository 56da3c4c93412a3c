"""Every way into the store crosses redaction: a secret sent anywhere is stored nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from governance.redaction import add_rule
from tests.factories import Key
from tests.traces.otlp_build import as_otlp_json, request, span
from tests.traces.recordings import JSON, PROTOBUF
from tests.traces.stored import fetch
from traces.ingest.door.adapter import take
from traces.ingest.door.endpoint import PATHS
from traces.ingest.pipeline import Dialect
from traces.ingest.writer.merge import unpack

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "hunter2hunter2"
CHAT = json.dumps([{"role": "user", "parts": [{"type": "text", "content": f"My PIN: {SECRET}"}]}])
# In an attribute of every kind: its name, a text, lists and maps, messages, ids, tags.
ATTRIBUTES: dict[str, Any] = {
    f"key {SECRET}": 1,
    "text": SECRET,
    "list": ["a", {SECRET: [SECRET]}],
    "gen_ai.operation.name": "chat",
    "gen_ai.input.messages": CHAT,
    "gen_ai.output.messages": CHAT.replace("user", "assistant"),
    "gen_ai.request.model": f"model {SECRET}",
    "user.id": SECRET,
    "session.id": SECRET,
    "tag.tags": [SECRET],
    "metadata": json.dumps({"m": SECRET}),
    "error.type": SECRET,
    "roadworthy.feature": SECRET,
    "x" * 300 + SECRET: "a key too long, whose place is marked",
}


def otlp() -> Any:
    one = span(ATTRIBUTES, name=f"name {SECRET}")
    one.status.message, one.status.code = SECRET, 2  # type: ignore[assignment]
    event = one.events.add(name=f"event {SECRET}")
    event.attributes.extend(span({"a": SECRET, SECRET: "b"}).attributes)
    one.links.add(trace_id=b"\x01" * 16, span_id=b"\x02" * 8).attributes.extend(
        span({"a": SECRET}).attributes
    )
    resource = {"service.name": SECRET, "deployment.environment.name": SECRET, SECRET: SECRET}
    return request(one, resource=resource, scope=f"scope {SECRET}")


def events() -> Any:
    """One event with the secret in its name, body and attributes."""
    logs = ExportLogsServiceRequest()
    record = logs.resource_logs.add().scope_logs.add().log_records.add()
    record.trace_id, record.span_id = b"\x01" * 16, b"\x02" * 8
    record.event_name, record.time_unix_nano = f"gen_ai.{SECRET}", 1
    record.body.string_value = f"My PIN: {SECRET}"
    record.attributes.extend(span({"a": SECRET, SECRET: ["b", SECRET]}).attributes)
    return logs


EVENTS_JSON = {
    "resourceLogs": [{"scopeLogs": [{"logRecords": [{
        "traceId": "01" * 16, "spanId": "02" * 8, "eventName": f"gen_ai.{SECRET}",
        "timeUnixNano": "1", "body": {"stringValue": f"My PIN: {SECRET}"},
        "attributes": [{"key": SECRET, "value": {"stringValue": SECRET}}],
    }]}]}]
}  # fmt: skip


def native() -> dict[str, Any]:
    text = f"My PIN: {SECRET}"
    return {
        "trace_id": "t", "name": text, "user_id": SECRET, "session_id": SECRET, "tags": [SECRET],
        "metadata": {SECRET: SECRET}, "feature": SECRET, f"unknown {SECRET}": SECRET,
        "spans": [{
            "name": text, "start_time": "2026-11-20T12:00:00Z", "input": text, "output": [text],
            "kind": "tool", "tool": {"name": text, "arguments": {SECRET: text}, "result": text},
            "system_instructions": text, "params": {SECRET: text}, "documents": [{"content": text}],
            "attributes": ATTRIBUTES, "status_message": text, "error_type": text, "model": text,
            "prompt_name": text, "prompt_version": text, "provider": text, "release": text,
            "finish_reasons": [text], "response_id": text, "index_name": text, "version": text,
            "events": [{"name": text, "attributes": {SECRET: text}}],
        }],
    }  # fmt: skip


def batch() -> dict[str, Any]:
    """A Langfuse batch: a trace, a call in two parts, a score, and an event of no type."""
    at, text = "2026-11-20T12:00:00Z", f"My PIN: {SECRET}"
    call = {
        "id": "s",
        "traceId": "t",
        "name": text,
        "input": [text],
        SECRET: SECRET,
        "metadata": {SECRET: {SECRET: text}},
        "model": text,
        "statusMessage": text,
        "modelParameters": {SECRET: text},
        "promptName": text,
        "environment": SECRET,
    }
    trace = {
        "id": "t",
        "name": text,
        "userId": SECRET,
        "sessionId": SECRET,
        "tags": [SECRET],
        "release": SECRET,
        "metadata": SECRET,
        "input": text,
        "output": {SECRET: text},
    }
    score = {
        "id": "x",
        "traceId": "t",
        "name": text,
        "value": text,
        "comment": text,
        "metadata": {SECRET: SECRET},
        "environment": SECRET,
    }
    bodies = [
        ("trace-create", trace),
        ("generation-create", call),
        ("score-create", score),
        ("generation-update", {"id": "s", "traceId": "t", "output": text}),
        (SECRET, {}),
    ]
    events = [
        {"id": str(number), "type": kind, "timestamp": at, "body": body}
        for number, (kind, body) in enumerate(bodies)
    ]
    return {"batch": events, "metadata": {"sdk_name": SECRET, "sdk_version": text}}


TAKEN = (200, 207)
ONLY_JSON = (Dialect.NATIVE, Dialect.LANGFUSE)
# Metrics are dropped before anything of them is read.
WAYS = [
    (path, form)
    for path, dialect in PATHS.items()
    if dialect is not Dialect.METRICS
    for form in ([JSON] if dialect in ONLY_JSON else [PROTOBUF, JSON])
]


def body(path: str, form: str) -> bytes:
    if PATHS[path] is Dialect.NATIVE:
        return json.dumps(native()).encode()
    if PATHS[path] is Dialect.LANGFUSE:
        return json.dumps(batch()).encode()
    if PATHS[path] is Dialect.LOGS:
        logs = events()
        return logs.SerializeToString() if form == PROTOBUF else json.dumps(EVENTS_JSON).encode()
    made = otlp()
    return made.SerializeToString() if form == PROTOBUF else json.dumps(as_otlp_json(made)).encode()


def post(key: Key, path: str, sent: bytes, form: str) -> HttpResponse:
    """Through the very intake, in this process, where the rule is."""
    factory = RequestFactory(headers={**key.headers, "User-Agent": SECRET})
    return take(factory.post(path, sent, content_type=form))


@pytest.fixture
def _redacted() -> Iterator[None]:
    take_away = add_rule(lambda text: text.replace(SECRET, "[secret]"))
    yield
    take_away()


def stored() -> str:
    """Everything that stands in the tables of intake, as text."""
    found = []
    for table in ("span", "trace", "intake_notice", "score"):
        found += [str(row) for row in fetch(f"select * from {table}")]
    for table in ("span_content", "log_event"):
        found += [unpack(content).decode() for (content,) in fetch(f"select body from {table}")]
    return "\n".join(found)


@pytest.mark.parametrize(("path", "form"), WAYS)
@pytest.mark.usefixtures("_redacted")
def test_a_secret_is_stored_nowhere(key: Key, path: str, form: str) -> None:
    answer = post(key, path, body(path, form), form)
    assert answer.status_code in TAKEN, answer.content
    found = stored()
    assert "[secret]" in found
    assert SECRET not in found


def test_without_the_rule_the_test_would_see_it(key: Key) -> None:
    for path, form in WAYS:
        assert post(key, path, body(path, form), form).status_code in TAKEN
    assert stored().count(SECRET) > 40


@pytest.mark.usefixtures("_redacted")
def test_a_reason_that_quotes_what_was_sent_is_redacted_too(key: Key) -> None:
    wrong = {**as_otlp_json(otlp())}
    wrong["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"] = SECRET
    assert post(key, "/v1/traces", json.dumps(wrong).encode(), JSON).status_code == 200
    bad = native()
    bad["spans"][0]["kind"] = SECRET
    assert post(key, "/api/v1/traces", json.dumps(bad).encode(), JSON).status_code == 422
    assert post(key, "/v1/traces", b"x", f"text/{SECRET}").status_code == 415
    found = stored()
    assert found.count("[secret]") >= 3
    assert SECRET not in found

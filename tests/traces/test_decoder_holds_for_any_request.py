"""Properties of the decoder, over requests nobody thought of."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.traces.otlp_build import PLAIN, REQUESTS, as_otlp_json
from tests.traces.recordings import JSON, PROTOBUF, bodies
from traces.ingest.canonical.messages import canonical, is_chat, tool_calls_requested
from traces.ingest.canonical.represent import content_document, previews, read_content
from traces.ingest.record import TOKEN_CLASSES
from traces.ingest.wire.decode import Decoded, decode_native, decode_otlp
from traces.ingest.wire.errors import BadRequestBody
from traces.ingest.wire.limits import MAX_COUNT, MAX_MARKS, MAX_TIME_NS, Limits

LIMITS = Limits()
TIGHT = Limits(
    spans=2, attributes=3, inner_attributes=2, events=1, links=1, depth=2, items=4, text=12, key=6,
    name=5, column=7, status_message=9, tags=1, tag=3,
)  # fmt: skip
RECORDED = bodies("otel-sdk-1.45.2-genai-current", "pb")[0]
WORDS = [
    *("role", "parts", "content", "type", "text", "id", "name", "tool_calls", "function"),
    *("arguments", "message", "messages", "kwargs", "choices", "spans", "trace_id", "start_time"),
    *("kind", "tokens", "events", "attributes", "input", "resourceSpans", "scopeSpans", "traceId"),
    *("spanId", "value", "key", "stringValue", "arrayValue"),
]
# Any JSON a client may send.
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(WORDS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def use(result: Decoded) -> None:
    """Do with the records what intake and the pages do."""
    for record in result.records:
        previews(record)
        document = content_document(record)
        orjson.dumps(document)
        read_content(document)
        assert "\0" not in json.dumps(document, ensure_ascii=False).replace("\\u0000", "\0")
        assert record.start_ns is None or 0 < record.start_ns <= MAX_TIME_NS
        assert record.end_ns is None or (record.start_ns or 0) <= record.end_ns <= MAX_TIME_NS
        for name in TOKEN_CLASSES:
            assert getattr(record, name) is None or 0 <= getattr(record, name) <= MAX_COUNT


def use_or_refuse(decode: Callable[[], Decoded]) -> None:
    """Decode and use, or see the body refused as a whole; nothing else may be raised."""
    with suppress(BadRequestBody):
        use(decode())


@given(st.binary(max_size=400), st.sampled_from([PROTOBUF, JSON]))
@settings(deadline=None)
def test_no_bytes_raise_anything_but_a_bad_body(body: bytes, content_type: str) -> None:
    use_or_refuse(lambda: decode_otlp(body, content_type, limits=LIMITS))


@given(st.lists(st.tuples(st.integers(0, len(RECORDED) - 1), st.integers(0, 255)), max_size=6))
@settings(max_examples=100, deadline=None)
def test_a_damaged_recording_is_read_or_refused(damage: list[tuple[int, int]]) -> None:
    body = bytearray(RECORDED)
    for at, byte in damage:
        body[at] = byte
    use_or_refuse(lambda: decode_otlp(bytes(body), PROTOBUF, limits=LIMITS))


@given(ANY_JSON)
@settings(max_examples=100, deadline=None)
def test_no_json_raises_anything_but_a_bad_body(value: Any) -> None:
    body = json.dumps(value).encode()
    for wrapped in (body, b'{"resourceSpans":[{"scopeSpans":[{"spans":[%s]}]}]}' % body):
        use_or_refuse(lambda body=wrapped: decode_otlp(body, JSON, limits=LIMITS))
    for wrapped in (
        body,
        b'{"spans":[%s]}' % body,
        b'{"spans":[{"start":"2026-11-20","input":%s}]}' % body,
    ):
        use_or_refuse(lambda body=wrapped: decode_native(body, limits=LIMITS))


@given(REQUESTS)
@settings(max_examples=100, deadline=None)
def test_every_span_is_taken_or_rejected_and_both_forms_agree(
    request: ExportTraceServiceRequest,
) -> None:
    sent = sum(len(s.spans) for r in request.resource_spans for s in r.scope_spans)
    binary = decode_otlp(request.SerializeToString(), PROTOBUF, limits=LIMITS)
    use(binary)
    assert len(binary.records) + binary.rejected_count == sent
    text = decode_otlp(json.dumps(as_otlp_json(request)).encode(), JSON, limits=LIMITS)
    assert text.records == binary.records
    assert text.rejected_count == binary.rejected_count


@given(REQUESTS)
@settings(max_examples=100, deadline=None)
def test_limits_hold(request: ExportTraceServiceRequest) -> None:
    result = decode_otlp(request.SerializeToString(), PROTOBUF, limits=TIGHT)
    assert len(result.records) <= TIGHT.spans
    for record in result.records:
        assert len(record.name) <= TIGHT.name
        assert len(record.attributes) <= TIGHT.attributes
        assert len(record.events) <= TIGHT.events
        assert len(record.tags or []) <= TIGHT.tags
        assert len(record.cuts) <= MAX_MARKS + 1
        for name in ("model", "provider", "session_id", "error_type", "scope_name"):
            assert len(getattr(record, name) or "") <= TIGHT.column
        for attributes in (record.attributes, record.resource):
            assert_small(attributes, TIGHT.depth + 1)


def assert_small(value: Any, depth: int) -> None:
    assert depth >= 0
    if isinstance(value, str):
        assert len(value) <= TIGHT.text
    elif isinstance(value, dict):
        for key, inner in value.items():
            assert len(key) <= TIGHT.key
            assert_small(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            assert_small(inner, depth - 1)


@given(ANY_JSON | PLAIN)
@settings(max_examples=100, deadline=None)
def test_no_value_breaks_the_chat_form(value: Any) -> None:
    found = canonical(value, "user")
    tool_calls_requested(found)
    if is_chat(found):
        assert all(isinstance(p["type"], str) for message in found for p in message["parts"])
        assert canonical(found, "user") == found

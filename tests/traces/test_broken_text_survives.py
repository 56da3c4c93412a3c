"""Invalid UTF-8, half surrogates and deep nesting cost a character or a value, not the request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.traces.otlp_build import request, span
from tests.traces.recordings import JSON, NAMES, PROTOBUF, bodies
from traces.ingest.wire import otlp_protobuf
from traces.ingest.wire.decode import decode_otlp
from traces.ingest.wire.limits import Limits
from traces.ingest.wire.otlp import Batch
from traces.ingest.wire.otlp_lenient import TolerantRequest

LIMITS = Limits()


def test_invalid_utf8_in_protobuf_is_replaced_and_marked() -> None:
    sent = request(span({"prompt": "caf!!", "user.id": "ada"}), span(span_id=b"\2" * 8, name="ok"))
    body = sent.SerializeToString().replace(b"caf!!", b"caf\xe9!")
    first, second = decode_otlp(body, PROTOBUF, limits=LIMITS).records
    assert first.attributes == {"prompt": "caf\ufffd!", "user.id": "ada"}
    assert first.cuts == [{"where": "attributes.prompt", "limit": 0, "was": 1, "why": "utf-8"}]
    assert (second.name, second.cuts) == ("ok", [])


def test_half_a_surrogate_in_json_is_replaced_and_marked() -> None:
    pair = {"key": "prompt", "value": {"stringValue": "\ud83d cut"}}
    one = {"traceId": "01" * 16, "spanId": "02" * 8, "attributes": [pair]}
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [one]}]}]}).encode()
    (record,) = decode_otlp(body, JSON, limits=LIMITS).records
    assert record.attributes == {"prompt": "\ufffd cut"}
    assert [cut["why"] for cut in record.cuts] == ["utf-8"]


def test_a_value_nested_past_the_parsers_depth_is_the_only_thing_lost() -> None:
    # 200 levels: the stock parser stops at 100 messages within each other.
    value = b"\x0a\x01x"
    for _ in range(200):
        inner = b"\x0a" + _varint(len(value)) + value
        value = b"\x2a" + _varint(len(inner)) + inner
    pair = b"\x0a\x04deep\x12" + _varint(len(value)) + value
    sent = span({"user.id": "ada"}).SerializeToString() + b"\x4a" + _varint(len(pair)) + pair
    scope = b"\x12" + _varint(len(sent)) + sent
    resource = b"\x12" + _varint(len(scope)) + scope
    body = b"\x0a" + _varint(len(resource)) + resource
    (record,) = decode_otlp(body, PROTOBUF, limits=LIMITS).records
    assert record.user_id == "ada"
    assert record.attributes["deep"] is None
    assert [cut["why"] for cut in record.cuts] == ["undecodable"]


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def test_json_nested_past_the_limit_is_cut_there() -> None:
    deep: dict[str, Any] = {"stringValue": "x"}
    for _ in range(90):
        deep = {"arrayValue": {"values": [deep]}}
    one = {"traceId": "01" * 16, "spanId": "02" * 8, "attributes": [{"key": "deep", "value": deep}]}
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [one]}]}]}).encode()
    (record,) = decode_otlp(body, JSON, limits=LIMITS).records
    assert [cut["why"] for cut in record.cuts] == ["depth"]


@pytest.mark.parametrize("name", NAMES)
def test_the_tolerant_reading_equals_the_stock_one(name: str) -> None:
    for body in bodies(name, "pb"):
        reader = otlp_protobuf.TolerantReader(Batch(LIMITS, lenient=True))
        reader.read(TolerantRequest.parse(body))
        assert reader.batch.records == otlp_protobuf.decode(body, LIMITS).records


def test_json_takes_what_senders_vary() -> None:
    one = {
        "trace_id": "AB" * 16,
        "span_id": "02" * 8,
        "name": "chat",
        "kind": "SPAN_KIND_CLIENT",
        "start_time_unix_nano": 1795187094314356482,
        "endTimeUnixNano": "1795187094314356483",
        "status": {"code": "STATUS_CODE_ERROR", "message": "no"},
        "unknown": {"x": 1},
        "attributes": [
            {"key": "number", "value": {"intValue": 5}},
            {"key": "text", "value": {"intValue": "6"}},
            {"key": "bytes", "value": {"bytesValue": "aGk="}},
            {"key": "map", "value": {"kvlistValue": {"values": [{"key": "a", "value": {}}]}}},
        ],
    }
    body = json.dumps({"resource_spans": [{"scope_spans": [{"spans": [one]}]}]}).encode()
    (record,) = decode_otlp(body, "application/json; charset=utf-8", limits=LIMITS).records
    assert record.trace_id == "ab" * 16
    assert (record.otel_kind, record.level, record.status_message) == (3, 3, "no")
    assert record.end_ns == 1795187094314356483
    assert record.attributes == {"number": 5, "text": 6, "bytes": "aGk=", "map": {"a": None}}

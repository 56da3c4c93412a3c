"""What is over a limit is cut and marked; what is broken is rejected with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.traces.otlp_build import START, as_otlp_json, request, span
from tests.traces.recordings import JSON, PROTOBUF
from traces.ingest.record import SpanRecord
from traces.ingest.wire.decode import Decoded, decode_otlp
from traces.ingest.wire.errors import BadRequestBody
from traces.ingest.wire.limits import Limits

LIMITS = Limits()


def decode(message: Any, form: str = PROTOBUF, limits: Limits = LIMITS) -> Decoded:
    if form == PROTOBUF:
        return decode_otlp(message.SerializeToString(), form, limits=limits)
    return decode_otlp(json.dumps(as_otlp_json(message)).encode(), form, limits=limits)


def one(attributes: dict[str, Any], form: str = PROTOBUF, **fields: Any) -> SpanRecord:
    (record,) = decode(request(span(attributes, **fields)), form).records
    return record


def marks(record: SpanRecord) -> list[tuple[str, str, Any, Any]]:
    return [(cut["where"], cut["why"], cut["limit"], cut["was"]) for cut in record.cuts]


both_forms = pytest.mark.parametrize("form", [PROTOBUF, JSON])


@both_forms
def test_ten_thousand_attributes_are_cut_but_ours_are_kept(form: str) -> None:
    many = {f"key.{number}": number for number in range(10_000)}
    record = one({**many, "gen_ai.operation.name": "chat", "user.id": "ada"}, form)
    assert len(record.attributes) == LIMITS.attributes
    assert (record.kind, record.user_id) == (1, "ada")
    assert marks(record) == [("attributes", "count", LIMITS.attributes, 10_002)]


@both_forms
def test_long_text_is_cut(form: str) -> None:
    record = one({"prompt": "x" * (LIMITS.text + 1), "user.id": "u" * 1_000}, form)
    assert len(record.attributes["prompt"]) == LIMITS.text
    assert len(record.user_id or "") == LIMITS.column
    assert marks(record) == [
        ("attributes.prompt", "length", LIMITS.text, LIMITS.text + 1),
        ("user_id", "length", LIMITS.column, 1_000),
    ]


@both_forms
def test_nul_is_stripped_and_names_are_cut(form: str) -> None:
    record = one({"a": "b\0c"}, form, name="n\0" * 2_000)
    assert record.attributes == {"a": "bc"}
    assert record.name == "n" * LIMITS.name
    assert [mark[1] for mark in marks(record)] == ["nul", "nul", "length"]


@both_forms
def test_embedding_vectors_are_left_out(form: str) -> None:
    key = "embedding.embeddings.0.embedding.vector"
    record = one({key: [0.5] * 1_536, "openinference.span.kind": "EMBEDDING"}, form)
    assert key not in record.attributes
    assert marks(record) == [(f"attributes.{key}", "vector", 0, 1_536)]


@both_forms
def test_surplus_events_and_links_are_cut(form: str) -> None:
    sent = span()
    for _ in range(300):
        sent.events.add(name="chunk", time_unix_nano=START)
    for _ in range(200):
        sent.links.add(trace_id=bytes(range(16)), span_id=bytes(range(8)))
    (record,) = decode(request(sent), form).records
    assert (len(record.events), len(record.links)) == (LIMITS.events, LIMITS.links)
    assert {mark[0] for mark in marks(record)} == {"events", "links"}


@both_forms
def test_surplus_spans_are_rejected_and_counted(form: str) -> None:
    result = decode(request(*[span() for _ in range(7)]), form, Limits(spans=5))
    assert (len(result.records), result.rejected_count) == (5, 2)
    assert result.rejected[0].where == "resourceSpans[0].scopeSpans[0].spans[5]"
    assert "5 spans" in result.message


@both_forms
def test_times_nobody_can_mean_are_not_given_and_marked(form: str) -> None:
    record = one({}, form, start_time_unix_nano=START, end_time_unix_nano=2**64 - 1)
    assert (record.start_ns, record.end_ns) == (START, None)
    assert marks(record) == [("end", "range", 2**63 - 1, 2**64 - 1)]
    record = one({}, form, start_time_unix_nano=START, end_time_unix_nano=START - 5)
    assert record.end_ns == START
    assert marks(record) == [("end", "order", START, START - 5)]
    record = one({}, form, start_time_unix_nano=0, end_time_unix_nano=0)
    assert (record.start_ns, record.end_ns, record.cuts) == (None, None, [])


@both_forms
def test_impossible_token_counts_stay_in_the_content_only(form: str) -> None:
    record = one(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.usage.input_tokens": -4,
            "gen_ai.usage.output_tokens": 2**31,
            "gen_ai.usage.cache_read.input_tokens": 7,
        },
        form,
    )
    assert (record.in_uncached, record.in_cached, record.out_text) == (None, 7, None)
    assert record.attributes["gen_ai.usage.output_tokens"] == 2**31
    assert marks(record) == [
        ("usage.input_total", "range", 2**31 - 1, -4),
        ("usage.output_total", "range", 2**31 - 1, 2**31),
    ]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"trace_id": b""}, "trace id"),
        ({"trace_id": bytes(16)}, "all zeros"),
        ({"trace_id": b"\1" * 8}, "trace id"),
        ({"span_id": b"\1" * 16}, "span id"),
        ({"span_id": bytes(8)}, "all zeros"),
    ],
)
@both_forms
def test_a_span_without_a_proper_id_is_rejected_and_the_rest_kept(
    form: str, fields: dict[str, Any], reason: str
) -> None:
    result = decode(request(span(**fields), span()), form)
    assert (len(result.records), result.rejected_count) == (1, 1)
    assert reason in result.rejected[0].reason
    assert result.rejected[0].where.startswith("resourceSpans[0].scopeSpans[0].spans[0].")


@both_forms
def test_a_parent_id_that_is_none_makes_a_marked_root(form: str) -> None:
    record = one({}, form, parent_span_id=b"\1\2")
    assert record.parent_span_id is None
    assert marks(record) == [("parent_span_id", "id", 8, record.cuts[0]["was"])]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (request(span()).SerializeToString()[:-3], PROTOBUF, 400),
        (b"<html>", PROTOBUF, 400),
        (b'{"resourceSpans": [', JSON, 400),
        (b"[]", JSON, 400),
        (b'{"resourceSpans": [{"scopeSpans": 5}]}', JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b"", "text/plain", 415),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(body: bytes, content_type: str, status: int) -> None:
    with pytest.raises(BadRequestBody) as refusal:
        decode_otlp(body, content_type, limits=LIMITS)
    assert refusal.value.status == status
    assert refusal.value.detail


def test_the_place_of_a_fault_in_the_frame_is_named() -> None:
    with pytest.raises(BadRequestBody) as refusal:
        decode_otlp(b'{"resourceSpans": [{"scopeSpans": [5]}]}', JSON, limits=LIMITS)
    assert refusal.value.where == "resourceSpans[0].scopeSpans[0]"


def test_marks_have_a_limit_of_their_own() -> None:
    record = one({f"key.{number}": "a\0" for number in range(500)})
    assert len(record.cuts) == 257
    assert record.cuts[-1] == {"where": "cuts", "limit": 256, "was": 500, "why": "marks"}


def test_what_a_resource_lost_is_marked_on_each_of_its_spans() -> None:
    made = request(span(), span(span_id=b"\2" * 8), resource={"service.name": "a\0b"})
    records = decode(made).records
    assert [mark[0] for record in records for mark in marks(record)] == [
        "resource.service.name"
    ] * 2

"""Spans with impossible values are stored with what can be kept, marked, or rejected by name."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from tests.factories import Key
from tests.traces.otlp_build import SPAN_ID, TRACE_ID, as_otlp_json, request, span
from tests.traces.recordings import JSON, PROTOBUF
from tests.traces.serving import Web
from tests.traces.stored import fetch, notices

pytestmark = pytest.mark.django_db(transaction=True)

NEIGHBOUR = span(span_id=b"\x09" * 8, name="neighbour")
YEAR_2100 = 4_102_444_800 * 10**9
DEEP: dict[str, Any] = {}
for _ in range(20):
    DEEP = {"k": DEEP}
DEEP_TEXT = "[" * 10_000 + "]" * 10_000


def field(tag: int, inside: bytes) -> bytes:
    """A protobuf field of bytes."""
    size, length = len(inside), bytearray()
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    length.append(size)
    return bytes([tag]) + bytes(length) + inside


def nested_value(depth: int) -> bytes:
    """An attribute whose value is lists in lists, too deep for the library that would build it."""
    value = b""
    for _ in range(depth):
        value = field(0x2A, field(0x0A, value))
    return field(0x4A, field(0x0A, b"deep") + field(0x12, value))


SPANS = {
    "10,000 attributes": span({f"a{n}": n for n in range(10_000)}),
    "a text of 3 MB": span({"gen_ai.prompt": "x" * 3_000_000}),
    "a name of 100 kB": span(name="n" * 100_000),
    "a key of 100 kB": span({"k" * 100_000: 1}),
    "NUL everywhere": span(
        {"a\0b": "c\0d", "user.id": "u\0", "session.id": "\0", "tag.tags": ["\0"]},
        name="\0n\0",
    ),
    "a value 20 deep": span({"deep": DEEP}),
    "text that is deep JSON": span(
        {"gen_ai.input.messages": DEEP_TEXT, "input.value": DEEP_TEXT, "llm.tools": DEEP_TEXT,
         "gen_ai.operation.name": "chat", "metadata": DEEP_TEXT, "tag.tags": DEEP_TEXT}
    ),
    "time zero": span(start_time_unix_nano=0, end_time_unix_nano=0),
    "1970": span(start_time_unix_nano=1, end_time_unix_nano=10**9),
    "2100": span(start_time_unix_nano=YEAR_2100, end_time_unix_nano=YEAR_2100 + 10**9),
    "the last nanosecond": span(
        start_time_unix_nano=2**64 - 1, end_time_unix_nano=2**64 - 1
    ),
    "an end in 2262": span(end_time_unix_nano=2**63 - 1),
    "an end before the start": span(end_time_unix_nano=1),
    "an end without a start": span(start_time_unix_nano=0),
    "negative tokens": span(
        {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": -5}
    ),
    "tokens beyond a column": span(
        {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 2**31,
         "gen_ai.usage.output_tokens": 2**63 - 1}
    ),
    "tokens of any type": span(
        {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": "many",
         "gen_ai.usage.output_tokens": float("nan"), "llm.token_count.prompt": True,
         "llm.token_count.completion": 1e300}
    ),
    "a cost that is none": span({"openinference.span.kind": "LLM", "llm.cost.total": float("nan")}),
    "a cost of all money": span({"openinference.span.kind": "LLM", "llm.cost.total": 1e300}),
    "a cost of 9 billion": span({"openinference.span.kind": "LLM", "llm.cost.total": 9e9}),
    "a negative cost": span({"openinference.span.kind": "LLM", "llm.cost.total": -1.0}),
    "numbers for texts": span(
        {"gen_ai.request.model": 4, "user.id": 7, "session.id": True, "error.type": 1.5,
         "gen_ai.operation.name": 3, "openinference.span.kind": ["LLM"], "tag.tags": 9}
    ),
    "an odd parent": span(parent_span_id=b"\x01"),
}  # fmt: skip


def sent_as(name: str, form: str) -> tuple[bytes | str, str]:
    made = request(SPANS[name], NEIGHBOUR)
    if form == PROTOBUF:
        return made.SerializeToString(), PROTOBUF
    return json.dumps(as_otlp_json(made)), JSON


def test_each_is_kept_and_its_neighbour_untouched(client: httpx.Client, web: Web, key: Key) -> None:
    failed = []
    for number, name in enumerate([*SPANS, *SPANS]):
        body, kind = sent_as(name, PROTOBUF if number < len(SPANS) else JSON)
        answer = client.post("/v1/traces", content=body, headers={"Content-Type": kind})
        ids = fetch("select span_id from span where project_id = %s", key.stored.project_id)
        if answer.status_code != 200 or len(ids) != 2:
            failed.append((name, kind, answer.status_code, answer.text[:300], len(ids)))
        read = client.get(f"/api/v1/traces/{TRACE_ID.hex()}/spans")
        if read.status_code != 200:
            failed.append((name, kind, read.status_code, read.text[:300], len(ids)))
    assert not failed
    assert not web.complaints()


@pytest.mark.parametrize("depth", [200, 10_000])
def test_a_value_nested_10000_deep_is_left_out_and_marked(
    client: httpx.Client, key: Key, depth: int
) -> None:
    spans = field(0x12, span().SerializeToString() + nested_value(depth))
    spans += field(0x12, NEIGHBOUR.SerializeToString())
    body = field(0x0A, field(0x12, spans))
    answer = client.post("/v1/traces", content=body, headers={"Content-Type": PROTOBUF})
    assert answer.status_code == 200, answer.text
    assert len(fetch("select 1 from span")) == 2
    assert notices(key, "kind, spans") == [("cut", 1)]


def test_a_start_out_of_the_window_is_moved_and_told(client: httpx.Client, key: Key) -> None:
    for name in ("1970", "2100"):
        body = request(SPANS[name]).SerializeToString()
        answer = client.post("/v1/traces", content=body, headers={"Content-Type": PROTOBUF})
        assert answer.status_code == 200
        assert b"outside the time that is kept" in answer.content
        [one] = client.get(f"/api/v1/traces/{TRACE_ID.hex()}/spans").json()["data"][:1]
        assert one["sent_start"] in (1, YEAR_2100)
    assert notices(key, "kind, status") == [("clamped", 200)]
    [(duration, start)] = fetch("select duration_us, extract(epoch from start_time) from span")
    assert duration in (999_999, 1_000_000)
    assert abs(float(start) - (time.time() - 400 * 86_400)) < 60


def test_ids_of_the_wrong_kind_are_rejected_by_place(client: httpx.Client) -> None:
    good = as_otlp_json(request(span()))
    spans = good["resourceSpans"][0]["scopeSpans"][0]["spans"]
    template = spans.pop()
    wrong = ["", "abc", "0" * 32, "g" * 32, 7, None, ["a"], "é" * 32, "\0" * 32]
    spans.extend({**template, "traceId": value} for value in wrong)
    spans.extend({**template, "spanId": value} for value in ["", "0" * 16, "x" * 16, 7, {}])
    spans.append({**template, "startTimeUnixNano": "soon"})
    spans.append(template)
    answer = client.post("/v1/traces", content=json.dumps(good), headers={"Content-Type": JSON})
    said = answer.json()["partialSuccess"]
    assert said["rejectedSpans"] == str(len(wrong) + 6)
    assert "spans[0].traceId: The trace id is missing" in said["errorMessage"]
    assert fetch("select trace_id, span_id from span") == [(TRACE_ID.hex(), SPAN_ID.hex())]


def test_half_a_surrogate_pair_and_broken_utf8_become_text(client: httpx.Client) -> None:
    body = json.dumps(as_otlp_json(request(span({"k": "KEEP", "user.id": "KEEP"}, name="KEEP"))))
    for stand_in in ("\\ud800", "\\udc00x", "\\u0000"):
        sent = body.replace("KEEP", stand_in)
        answer = client.post("/v1/traces", content=sent, headers={"Content-Type": JSON})
        assert answer.status_code == 200, answer.text
    raw = request(span({"k": "KEEP", "user.id": "KEEP"}, name="KEEP")).SerializeToString()
    answer = client.post(
        "/v1/traces", content=raw.replace(b"KEEP", b"\xff\xfe\x80A"),
        headers={"Content-Type": PROTOBUF},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert fetch("select count(*) from span") == [(1,)]
    assert fetch("select name from span")[0][0].endswith("A")


def test_sums_of_nonsense_do_not_make_a_trace_unwritable(client: httpx.Client) -> None:
    some = [
        span(
            {"openinference.span.kind": "LLM", "llm.cost.total": 9e8 / 1000,
             "llm.token_count.prompt": 2**31 - 1},
            span_id=bytes([n + 1]) * 8,
        )
        for n in range(40)
    ]  # fmt: skip
    for one in some:
        body = request(one).SerializeToString()
        answer = client.post("/v1/traces", content=body, headers={"Content-Type": PROTOBUF})
        assert (answer.status_code, answer.content) == (200, b"")
    assert fetch("select span_count, tokens_in from trace") == [(40, 40 * (2**31 - 1))]

"""What a sender may do: every way to show a key, every type, every encoding; and what it hears."""

from __future__ import annotations

import base64
import gzip
import json
import zlib

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tests.factories import Key
from tests.traces.otlp_build import TRACE_ID, as_otlp_json, request, span
from tests.traces.recordings import JSON, PROTOBUF
from tests.traces.serving import Web
from tests.traces.stored import fetch, notices, soon

pytestmark = pytest.mark.django_db(transaction=True)

BODY = request(span({"gen_ai.operation.name": "chat"})).SerializeToString()
STORED = "select trace_id, span_id from span"


def shown(key: Key) -> list[dict[str, str]]:
    pair = base64.b64encode(f"{key.public}:{key.secret}".encode()).decode()
    return [
        {"Authorization": f"Bearer {key.secret}"},
        {"Authorization": f"Basic {pair}"},
        {"x-api-key": key.secret},
        {"Authorization": f"Bearer%20{key.secret}"},
        {"Authorization": f"Basic%20{pair}"},
        {"authorization": f"bearer {key.secret}"},
    ]


@pytest.mark.parametrize("way", range(6))
def test_a_key_may_be_shown_in_every_way(web: Web, key: Key, way: int) -> None:
    headers = {**shown(key)[way], "Content-Type": PROTOBUF}
    assert httpx.post(f"{web.url}/v1/traces", content=BODY, headers=headers).status_code == 200
    assert fetch(STORED) == [(TRACE_ID.hex(), "0102030405060708")]


@pytest.mark.parametrize(
    "path", ["/v1/traces", "/v1/traces/", "/api/public/otel/v1/traces", "/otel/v1/traces"]
)
def test_every_otlp_path_takes_protobuf_and_answers_in_kind(
    client: httpx.Client, path: str
) -> None:
    answer = client.post(path, content=BODY, headers={"Content-Type": PROTOBUF})
    assert (answer.status_code, answer.headers["content-type"]) == (200, PROTOBUF)
    assert answer.content == b""
    assert answer.headers["x-request-id"]
    assert fetch(STORED) == [(TRACE_ID.hex(), "0102030405060708")]


def test_json_is_answered_in_json(client: httpx.Client) -> None:
    body = json.dumps(as_otlp_json(request(span())))
    answer = client.post(
        "/v1/traces", content=body, headers={"Content-Type": "application/json; charset=utf-8"}
    )
    assert (answer.status_code, answer.headers["content-type"]) == (200, JSON)
    assert answer.json() == {}
    assert len(fetch(STORED)) == 1


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(BODY)),
        ("GZIP", gzip.compress(BODY[:20]) + gzip.compress(BODY[20:])),
        ("deflate", zlib.compress(BODY)),
        ("deflate", zlib.compress(BODY)[2:-4]),
        ("identity", BODY),
        ("", BODY),
    ],
)
def test_every_encoding_is_undone(client: httpx.Client, encoding: str, packed: bytes) -> None:
    answer = client.post(
        "/v1/traces",
        content=packed,
        headers={"Content-Type": PROTOBUF, "Content-Encoding": encoding},
    )
    assert answer.status_code == 200, answer.text
    assert len(fetch(STORED)) == 1


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        (PROTOBUF, b"", b""),
        (PROTOBUF, request().SerializeToString(), b""),
        (JSON, b"{}", b"{}"),
        (JSON, b'{"resourceSpans":[]}', b"{}"),
    ],
)
def test_an_empty_export_is_fine(
    client: httpx.Client, key: Key, kind: str, body: bytes, said: bytes
) -> None:
    answer = client.post("/v1/traces", content=body, headers={"Content-Type": kind})
    assert (answer.status_code, answer.content) == (200, said)
    assert notices(key, "kind") == []


def mixed() -> list[bytes | str]:
    some = request(
        span(), span(span_id=bytes(8)), span(trace_id=b"\x01" * 15), span(span_id=b"\x02" * 8)
    )
    return [some.SerializeToString(), json.dumps(as_otlp_json(some))]


def test_partial_success_counts_and_says_why_in_protobuf(client: httpx.Client) -> None:
    answer = client.post("/v1/traces", content=mixed()[0], headers={"Content-Type": PROTOBUF})
    said = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, said.rejected_spans) == (200, 2)
    assert "resourceSpans[0].scopeSpans[0].spans[1].spanId: The span id is all zeros" in (
        said.error_message
    )
    assert "15 bytes instead of 16" in said.error_message
    assert len(fetch(STORED)) == 2


def test_partial_success_counts_and_says_why_in_json(client: httpx.Client) -> None:
    answer = client.post("/v1/traces", content=mixed()[1], headers={"Content-Type": JSON})
    said = answer.json()["partialSuccess"]
    assert said["rejectedSpans"] == "2"
    assert "spans[1].spanId" in said["errorMessage"]
    assert len(fetch(STORED)) == 2


def test_what_was_rejected_is_kept_for_the_intake_page(client: httpx.Client, key: Key) -> None:
    client.post(
        "/v1/traces", content=mixed()[0], headers={"Content-Type": PROTOBUF, "User-Agent": "otel/9"}
    )
    said = "kind, status, method, path, spans, times, public_key, client, reason"
    [notice] = notices(key, said)
    assert notice[:8] == ("partial", 200, "POST", "/v1/traces", 2, 1, key.public, "otel/9")
    assert "all zeros" in notice[8]


def test_the_project_notes_its_first_trace(client: httpx.Client, key: Key) -> None:
    client.post("/v1/traces", content=BODY, headers={"Content-Type": PROTOBUF})
    query = "select first_trace_at is not null from accounts_project where id = %s"
    assert soon(lambda: fetch(query, key.stored.project_id) == [(True,)])

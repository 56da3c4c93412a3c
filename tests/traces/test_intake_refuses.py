"""A body that cannot be taken is a 4xx that says what and where, and disturbs nobody else."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator

import httpx
import pytest

from tests.factories import Key
from tests.traces.otlp_build import request, span
from tests.traces.recordings import JSON, PROTOBUF
from tests.traces.serving import Web
from tests.traces.stored import fetch, notices, soon

pytestmark = pytest.mark.django_db(transaction=True)

BODY = request(span({"gen_ai.operation.name": "chat"}, name="a" * 200)).SerializeToString()
PACKED = gzip.compress(BODY)
NESTED = b'{"a":' * 10_000 + b"1" + b"}" * 10_000

OTLP, NATIVE = "/v1/traces", "/api/v1/traces"
CASES: dict[str, tuple[str, bytes, dict[str, str], int, str]] = {
    "truncated protobuf": (OTLP, BODY[:-7], {"Content-Type": PROTOBUF}, 400, "ends too early"),
    "no protobuf": (OTLP, b"hello", {"Content-Type": PROTOBUF}, 400, "not a protobuf"),
    "json as protobuf": (OTLP, b'{"a": 1}', {"Content-Type": PROTOBUF}, 400, "not a protobuf"),
    "truncated gzip": (
        OTLP, PACKED[:-9], {"Content-Type": PROTOBUF, "Content-Encoding": "gzip"}, 400,
        "ends too early",
    ),
    "no gzip": (
        OTLP, BODY, {"Content-Type": PROTOBUF, "Content-Encoding": "gzip"}, 400, "damaged",
    ),
    "damaged deflate": (
        OTLP, zlib.compress(BODY)[:9] + b"\xff" * 9,
        {"Content-Type": PROTOBUF, "Content-Encoding": "deflate"}, 400, "deflate stream",
    ),
    "wrong encoding": (
        OTLP, BODY, {"Content-Type": PROTOBUF, "Content-Encoding": "br"}, 415, "'br'",
    ),
    "wrong type": (OTLP, BODY, {"Content-Type": "text/plain"}, 415, "'text/plain'"),
    "no type": (OTLP, BODY, {}, 415, "application/x-protobuf"),
    "protobuf to the native path": (NATIVE, BODY, {"Content-Type": PROTOBUF}, 415, "/v1/traces"),
    "truncated json": (OTLP, b'{"resourceSpans":[', {"Content-Type": JSON}, 400, "line 1 column"),
    "json list": (OTLP, b"[]", {"Content-Type": JSON}, 400, "JSON object"),
    "json number": (OTLP, b"1", {"Content-Type": JSON}, 400, "JSON object"),
    "json null": (OTLP, b"null", {"Content-Type": JSON}, 400, "JSON object"),
    "json with a mark": (OTLP, b"\xef\xbb\xbf{}", {"Content-Type": JSON}, 400, "not JSON"),
    "deep json": (OTLP, NESTED, {"Content-Type": JSON}, 400, "nested too deeply"),
    "deep native": (NATIVE, NESTED, {}, 400, "nested too deeply"),
    "resourceSpans is no list": (
        OTLP, b'{"resourceSpans":{}}', {"Content-Type": JSON}, 400, "must be a list",
    ),
    "a scope is no object": (
        OTLP, b'{"resourceSpans":[{"scopeSpans":[3]}]}', {"Content-Type": JSON}, 400,
        "resourceSpans[0].scopeSpans[0]",
    ),
    "native number": (NATIVE, b"7", {}, 400, "Expected a trace"),
    "native null": (NATIVE, b"null", {}, 400, "Expected a trace"),
    "native empty": (NATIVE, b"", {}, 400, "not JSON"),
    "native traces no list": (NATIVE, b'{"traces": 1}', {}, 400, "Expected a list"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_it_says_what_and_where(client: httpx.Client, key: Key, web: Web, name: str) -> None:
    path, body, headers, status, said = CASES[name]
    answer = client.post(path, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert said in f"{problem['detail']} {problem.get('where', '')}"
    [notice] = notices(key, "kind, status, reason, path")
    assert notice == ("refused", status, problem["detail"], path)
    assert fetch("select count(*) from span") == [(0,)]
    assert not web.complaints()
    # The same connection goes on.
    good = client.post(OTLP, content=BODY, headers={"Content-Type": PROTOBUF})
    assert good.status_code == 200


def bomb(size: int) -> bytes:
    """`size` bytes, packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    chunk = bytes(1 << 24)
    parts = [packer.compress(chunk) for _ in range(size >> 24)]
    return b"".join([*parts, packer.flush()])


@pytest.mark.parametrize(("size", "status"), [(1 << 28, 400), ((1 << 28) + (1 << 24), 413)])
def test_a_bomb_is_stopped_at_the_limit(client: httpx.Client, size: int, status: int) -> None:
    packed = bomb(size)
    headers = {"Content-Type": PROTOBUF, "Content-Encoding": "gzip"}
    assert client.post(OTLP, content=packed, headers=headers).status_code == status


def test_a_bomb_of_bombs_is_stopped_at_the_limit(client: httpx.Client) -> None:
    packed = bomb(1 << 26) * 160  # ten gigabytes in members of gzip
    headers = {"Content-Type": PROTOBUF, "Content-Encoding": "gzip"}
    answer = client.post(OTLP, content=packed, headers=headers)
    assert (answer.status_code, "268435456" in answer.text) == (413, True)


SEVENTY = 70 * 2**20


def chunks() -> Iterator[bytes]:
    for _ in range(70):
        yield bytes(1 << 20)


@pytest.mark.parametrize("announced", [True, False])
def test_seventy_mebibytes_are_refused_and_the_connection_goes_on(
    client: httpx.Client, announced: bool
) -> None:
    content = bytes(SEVENTY) if announced else chunks()
    answer = client.post(OTLP, content=content, headers={"Content-Type": PROTOBUF})
    assert answer.status_code == 413
    assert "67,108,864 bytes" in answer.json()["detail"]
    good = client.post(OTLP, content=BODY, headers={"Content-Type": PROTOBUF})
    assert good.status_code == 200


def test_more_spans_than_a_request_may_bring_are_counted(client: httpx.Client, key: Key) -> None:
    some = request(*(span(span_id=n.to_bytes(8, "big")) for n in range(1, 20_102)))
    answer = client.post(
        OTLP,
        content=gzip.compress(some.SerializeToString(), 1),
        headers={"Content-Type": PROTOBUF, "Content-Encoding": "gzip"},
    )
    assert answer.status_code == 200
    assert b"20000 spans" in answer.content
    assert fetch("select count(*) from span") == [(20_000,)]
    assert fetch("select span_count from trace") == [(20_000,)]
    assert notices(key, "kind, spans") == [("partial", 101)]


def test_a_wrong_path_says_where_traces_go(client: httpx.Client, key: Key) -> None:
    for path, right in (
        ("/v1/trace", "/v1/traces"),
        ("/v1/traces/v1/traces", "/v1/traces"),
        ("/api/v1/spans", "/api/v1/traces"),
    ):
        answer = client.post(path, content=BODY, headers={"Content-Type": PROTOBUF})
        assert answer.status_code == 404
        assert f"Traces go to {right}." in answer.json()["detail"]
    assert sorted(notices(key, "path, status")) == [
        ("/api/v1/spans", 404),
        ("/v1/trace", 404),
        ("/v1/traces/v1/traces", 404),
    ]


def test_equal_refusals_of_a_minute_are_one_notice(client: httpx.Client, key: Key) -> None:
    for _ in range(3):
        client.post(OTLP, content=b"hello", headers={"Content-Type": PROTOBUF})
    client.post(OTLP, content=json.dumps([]), headers={"Content-Type": JSON})
    assert soon(lambda: sorted(notices(key, "times")) == [(1,), (3,)])

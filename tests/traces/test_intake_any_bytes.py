"""Whatever bytes arrive, the answer is not a 5xx, and the next good request is stored."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.traces.otlp_build import REQUESTS, as_otlp_json, request, span
from tests.traces.recordings import JSON, PROTOBUF
from tests.traces.serving import Web
from tests.traces.stored import fetch
from traces.ingest.wire.native_schema import SPAN_FIELDS, TRACE_FIELDS

pytestmark = pytest.mark.django_db(transaction=True)

OTLP, NATIVE = "/v1/traces", "/api/v1/traces"
GOOD = request(span()).SerializeToString()
FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

_ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["2026-11-20T12:00:00Z", 1_795_176_000_000_000_000, 1e300, -1, 2**64, "\0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
_SPANS = st.fixed_dictionaries(
    {"start_time": st.just("2026-11-20T12:00:00Z") | _ANY},
    optional=dict.fromkeys(sorted(SPAN_FIELDS - {"start_time"}), _ANY),
)
NATIVES = st.fixed_dictionaries(
    {"spans": st.lists(_SPANS, min_size=1, max_size=2) | _ANY},
    optional=dict.fromkeys(sorted(TRACE_FIELDS - {"spans"}), _ANY),
)
# As JavaScript would send them: lone surrogates, NaN and numbers without end.
_JSON = st.builds(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"), NATIVES | _ANY)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[bytes, dict[str, str]]:
    """A valid request with a few bytes changed, cut out or put in; packed before or after."""
    made = draw(REQUESTS)
    kind = draw(st.sampled_from([PROTOBUF, JSON]))
    body = bytearray(
        made.SerializeToString() if kind == PROTOBUF else json.dumps(as_otlp_json(made)).encode()
    )
    encoding = draw(st.sampled_from(["", "gzip", "deflate"]))
    pack = {"": bytes, "gzip": gzip.compress, "deflate": zlib.compress}[encoding]
    is_packed_before = draw(st.booleans())
    if is_packed_before:
        body = bytearray(pack(bytes(body)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(len(body) - 1, 0)))
        body[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    whole = bytes(body) if is_packed_before else pack(bytes(body))
    return whole, {"Content-Type": kind, "Content-Encoding": encoding}


def check(client: httpx.Client, path: str, body: bytes, headers: dict[str, Any]) -> None:
    answer = client.post(path, content=body, headers=headers)
    assert answer.status_code in (200, 400, 413, 415, 422), answer.text
    if answer.status_code != 200:
        assert answer.json()["detail"]
    if b"the database refused" in answer.content:
        raise AssertionError(answer.text)


@FEW
@given(
    body=st.binary(max_size=300),
    kind=st.sampled_from([PROTOBUF, JSON, "", "é"]),
    encoding=st.sampled_from(["", "gzip", "deflate", "br"]),
    path=st.sampled_from([OTLP, NATIVE]),
)
def test_any_bytes(client: httpx.Client, body: bytes, kind: str, encoding: str, path: str) -> None:
    headers = {"Content-Type": kind.encode("latin-1"), "Content-Encoding": encoding.encode()}
    check(client, path, body, headers)


@FEW
@given(sent=mutated())
def test_a_valid_request_that_was_damaged(
    client: httpx.Client, sent: tuple[bytes, dict[str, str]]
) -> None:
    check(client, OTLP, *sent)


@settings(FEW, max_examples=60)
@given(body=_JSON)
def test_any_json_of_ours(client: httpx.Client, body: bytes) -> None:
    check(client, NATIVE, body, {})


@FEW
@given(value=st.text(max_size=40) | st.binary(max_size=40).map(lambda b: b.decode("latin-1")))
def test_any_key(web: Web, value: str) -> None:
    shown = value.encode("latin-1", "ignore").replace(b"\r", b"").replace(b"\n", b"")
    shown = bytes(byte for byte in shown if byte >= 32 and byte != 127).strip()
    pair = b"Basic " + base64.b64encode(value.encode("utf-8", "replace"))
    for headers in (
        {"Authorization": b"x" + shown}, {"Authorization": b"Bearer x" + shown},
        {"x-api-key": b"x" + shown}, {"Authorization": pair + b"x"},
    ):  # fmt: skip
        answer = httpx.post(f"{web.url}{OTLP}", content=GOOD, headers=headers)
        assert answer.status_code == 401, answer.text


@pytest.fixture(autouse=True)
def _nothing_is_lost(client: httpx.Client, web: Web) -> Any:
    yield
    answer = client.post(OTLP, content=GOOD, headers={"Content-Type": PROTOBUF})
    assert answer.status_code == 200
    assert fetch("select count(*) from span where span_id = '0102030405060708'") == [(1,)]
    assert not web.complaints()

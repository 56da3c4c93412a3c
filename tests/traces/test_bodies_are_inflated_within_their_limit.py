"""Content encodings are undone without trusting the sender."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traces.ingest.wire.body import decompress
from traces.ingest.wire.errors import BadRequestBody

LIMIT = 1_000_000


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("", bytes),
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("GZIP ", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
    ],
)
@pytest.mark.parametrize("data", [b"", b"x", b"spans" * 50_000])
def test_each_encoding_gives_the_body_back(encoding: str, pack: object, data: bytes) -> None:
    assert callable(pack)
    assert decompress(pack(data), encoding, LIMIT) == data


def test_members_of_a_gzip_body_are_joined_and_zero_padding_ignored() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two") + bytes(8)
    assert decompress(packed, "gzip", LIMIT) == b"one two"


def test_a_body_of_exactly_the_limit_is_taken() -> None:
    data = bytes(LIMIT)
    assert len(decompress(gzip.compress(data), "gzip", LIMIT)) == LIMIT


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity"])
def test_a_larger_body_is_refused_with_413(encoding: str) -> None:
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "identity": bytes}[encoding]
    with pytest.raises(BadRequestBody) as refusal:
        decompress(pack(bytes(LIMIT + 1)), encoding, LIMIT)
    assert refusal.value.status == 413


def test_a_bomb_is_stopped_at_the_limit() -> None:
    bomb = gzip.compress(bytes(200 << 20))
    tracemalloc.start()
    with pytest.raises(BadRequestBody):
        decompress(bomb, "gzip", LIMIT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 << 20


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_stream_that_ends_early_is_refused_with_400(encoding: str) -> None:
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}[encoding](b"spans" * 1_000)
    with pytest.raises(BadRequestBody) as refusal:
        decompress(packed[:-9], encoding, LIMIT)
    assert refusal.value.status == 400
    assert "too early" in str(refusal.value)


def test_an_unknown_encoding_is_refused_with_415() -> None:
    with pytest.raises(BadRequestBody) as refusal:
        decompress(b"", "br", LIMIT)
    assert refusal.value.status == 415


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate"]))
@settings(deadline=None)
def test_no_bytes_raise_anything_else(data: bytes, encoding: str) -> None:
    with suppress(BadRequestBody):
        assert len(decompress(data, encoding, 1_000)) <= 1_000

"""Undo the content encoding of a request without ever holding more than the limit allows."""

from __future__ import annotations

import zlib

from traces.ingest.wire.errors import BadRequestBody

# zlib's window codes: 16 + bits is gzip, bits is zlib, -bits is raw deflate.
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
# Decoded on the event loop up to this size, undone: a hand-over to a thread costs more than the
# work.
INLINE_BYTES = 32 * 1024
# How much is inflated at a time past the limit check.
_CHUNK = 1 << 20


def decompress(raw: bytes, encoding: str, limit: int) -> bytes:
    """Return the decoded body of a request with this Content-Encoding.

    `limit` is the largest decoded size in bytes. A bomb is stopped at the limit: at most `limit`
    plus one chunk is ever allocated. gzip bodies may have several members.

    Raises:
        BadRequestBody: 413 above the limit, 415 for an unknown encoding, 400 for a broken stream.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        if len(raw) > limit:
            raise _too_large(limit)
        return raw
    if name in ("gzip", "x-gzip"):
        return _inflate(raw, _GZIP, limit, name)
    if name == "deflate":
        # HTTP's deflate is zlib; some clients send the bare stream. A zlib header is a multiple of
        # 31 with method 8 in its low nibble.
        is_zlib = len(raw) > 1 and raw[0] & 0x0F == 8 and (raw[0] * 256 + raw[1]) % 31 == 0
        return _inflate(raw, _ZLIB if is_zlib else _RAW, limit, name)
    raise BadRequestBody(
        415, f"Content-Encoding {name[:50]!r} is not one of gzip, deflate, identity"
    )


def _inflate(raw: bytes, window: int, limit: int, name: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    rest = raw
    while True:
        stream = zlib.decompressobj(window)
        while not stream.eof:
            try:
                part = stream.decompress(rest, min(limit - size + 1, _CHUNK))
            except zlib.error as fault:
                raise BadRequestBody(400, f"The {name} stream is damaged: {fault}") from None
            rest = stream.unconsumed_tail
            if not part and not stream.eof and not rest:
                raise BadRequestBody(400, f"The {name} stream ends too early")
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            parts.append(part)
        rest = stream.unused_data
        # A further member follows, or padding, which gzip allows only as zero bytes.
        if window != _GZIP or not rest.strip(b"\0"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(limit: int) -> BadRequestBody:
    return BadRequestBody(413, f"The decoded body is larger than {limit} bytes")


def is_small(raw: bytes, encoding: str) -> bool:
    """True when the body, undone, is surely small enough to be decoded at once.

    Packed ones rather go to a thread: meanwhile the writer waits for them, and groups grow (a
    third fewer transactions for requests of one trace).
    """
    if encoding.strip().lower() in {"", "identity"}:
        return len(raw) <= INLINE_BYTES
    # The last four bytes of gzip are its length undone. Who lies about it delays others a little.
    return (
        len(raw) <= INLINE_BYTES // 8
        and encoding == "gzip"
        and int.from_bytes(raw[-4:], "little") <= INLINE_BYTES
    )

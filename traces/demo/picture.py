"""A small photograph, drawn: the damaged parcel that customers attach."""

from __future__ import annotations

import base64
import struct
import zlib

_WIDTH, _HEIGHT = 120, 90
_TABLE, _BOX, _EDGE, _TAPE, _CRACK = (
    (222, 214, 203),
    (189, 140, 92),
    (150, 104, 62),
    (226, 196, 140),
    (58, 38, 24),
)


def parcel_png() -> str:
    """Return a PNG of a box with a crack, as base64."""
    rows = b"".join(
        b"\0" + b"".join(bytes(_colour(x, y)) for x in range(_WIDTH)) for y in range(_HEIGHT)
    )
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    image = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header)
    image += _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")
    return base64.b64encode(image).decode()


def _colour(x: int, y: int) -> tuple[int, int, int]:
    if not (18 <= x < 102 and 16 <= y < 78):
        return _TABLE
    if x in (18, 101) or y in (16, 77):
        return _EDGE
    zigzag = 64 + (y * 7 % 11) - (y // 9) * 2
    if y > 30 and abs(x - zigzag) < 2:
        return _CRACK
    return _TAPE if 54 <= x < 66 and y < 46 else _BOX


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

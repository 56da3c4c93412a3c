"""Parquet, as far as a flat table needs it: a row group a part, plain pages, zstd.

Source: https://parquet.apache.org/docs/file-format/, read 2026-11-20. Why no library: ADR 0011.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import zstandard

from traces.exporting.columns import Column, Exported, Type, Value, columns
from traces.exporting.thrift import (
    BYTES,
    I32,
    I64,
    LIST,
    STRUCT,
    Field,
    listed,
    structure,
    text,
    varint,
)

_MAGIC = b"PAR1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Numbers of the format's own enumerations.
_INT64, _BYTE_ARRAY = 2, 6
_OPTIONAL = 1
_PLAIN, _RLE = 0, 3
_ZSTD = 6
_DATA_PAGE = 0
_UTF8, _DECIMAL, _TIMESTAMP_MICROS = 0, 5, 10
_SCALE, _PRECISION = 9, 18


class ParquetFormat:
    """One row group a part. Columns are nullable; money is DECIMAL(18, 9), lists are JSON."""

    extension = "parquet"
    content_type = "application/vnd.apache.parquet"

    def __init__(self, *, content: bool) -> None:
        self._columns = columns(content=content)

    def head(self) -> bytes:
        """Four letters."""
        return _MAGIC

    def part(self, rows: Sequence[Exported]) -> tuple[bytes, Any]:
        """A row group; the notes are its rows and, a column, its sizes, plain and compressed."""
        if not rows:
            return b"", None
        chunks, sizes = [], []
        for column in self._columns:
            header, body, plain = _page(column, [row.values[column.name] for row in rows])
            chunks += [header, body]
            sizes.append([len(header) + plain, len(header) + len(body)])
        return b"".join(chunks), {"rows": len(rows), "sizes": sizes}

    def end(self, parts: Sequence[tuple[int, Any]]) -> bytes:
        """The footer: what the columns are, and where each chunk begins."""
        groups, at, rows = [], len(_MAGIC), 0
        for size, notes in parts:
            if notes is not None:
                groups.append(self._group(at, notes))
                rows += notes["rows"]
                at += size
        footer = structure(
            Field(1, I32, 2),
            Field(2, LIST, listed(STRUCT, [self._root(), *map(_element, self._columns)])),
            Field(3, I64, rows),
            Field(4, LIST, listed(STRUCT, groups)),
            Field(6, BYTES, b"Roadworthy"),
        )
        return footer + struct.pack("<I", len(footer)) + _MAGIC

    def _root(self) -> bytes:
        return structure(Field(4, BYTES, b"traces"), Field(5, I32, len(self._columns)))

    def _group(self, at: int, notes: dict[str, Any]) -> bytes:
        chunks, whole = [], 0
        for column, (plain, packed) in zip(self._columns, notes["sizes"], strict=True):
            about = structure(
                Field(1, I32, _physical(column)),
                Field(2, LIST, listed(I32, [_PLAIN, _RLE])),
                Field(3, LIST, listed(BYTES, [text(column.name)])),
                Field(4, I32, _ZSTD),
                Field(5, I64, notes["rows"]),
                Field(6, I64, plain),
                Field(7, I64, packed),
                Field(9, I64, at),
            )
            chunks.append(structure(Field(2, I64, at), Field(3, STRUCT, about)))
            at += packed
            whole += plain
        return structure(
            Field(1, LIST, listed(STRUCT, chunks)),
            Field(2, I64, whole),
            Field(3, I64, notes["rows"]),
        )


def _physical(column: Column) -> int:
    return _BYTE_ARRAY if column.type in (Type.TEXT, Type.JSON) else _INT64


def _element(column: Column) -> bytes:
    fields = [
        Field(1, I32, _physical(column)),
        Field(3, I32, _OPTIONAL),
        Field(4, BYTES, text(column.name)),
    ]
    if column.type in (Type.TEXT, Type.JSON):
        fields.append(Field(6, I32, _UTF8))
    elif column.type is Type.MOMENT:
        fields.append(Field(6, I32, _TIMESTAMP_MICROS))
    elif column.type is Type.MONEY:
        fields += [Field(6, I32, _DECIMAL), Field(7, I32, _SCALE), Field(8, I32, _PRECISION)]
    return structure(*fields)


def _page(column: Column, values: Sequence[Value]) -> tuple[bytes, bytes, int]:
    """Header and compressed body of the only page of a chunk, and the size of the plain body."""
    known = b"".join(_value(column, value) for value in values if value is not None)
    plain = _present(values) + known
    body = zstandard.ZstdCompressor(level=3).compress(plain)
    about = structure(
        Field(1, I32, len(values)), Field(2, I32, _PLAIN), Field(3, I32, _RLE), Field(4, I32, _RLE)
    )
    header = structure(
        Field(1, I32, _DATA_PAGE),
        Field(2, I32, len(plain)),
        Field(3, I32, len(body)),
        Field(5, STRUCT, about),
    )
    return header, body, len(plain)


def _present(values: Sequence[Value]) -> bytes:
    """Which values are known: runs of one bit each, their length before them."""
    runs = bytearray()
    place = 0
    while place < len(values):
        is_known = values[place] is not None
        begin = place
        while place < len(values) and (values[place] is not None) == is_known:
            place += 1
        runs += varint((place - begin) << 1)
        runs.append(is_known)
    return struct.pack("<I", len(runs)) + bytes(runs)


def _value(column: Column, value: Value) -> bytes:
    if column.type is Type.JSON:
        value = orjson.dumps(value, default=str).decode()
    if isinstance(value, str):
        encoded = value.encode("utf-8", "replace")
        return struct.pack("<I", len(encoded)) + encoded
    if isinstance(value, datetime):
        gone = value - _EPOCH
        value = (gone.days * 86_400 + gone.seconds) * 1_000_000 + gone.microseconds
    elif isinstance(value, Decimal):
        value = int(value.scaleb(_SCALE))
    return struct.pack("<q", value)

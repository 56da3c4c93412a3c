"""Thrift's compact protocol, as far as the footer of a Parquet file is written in it.

Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md,
read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

I32, I64, BYTES, LIST, STRUCT = 5, 6, 8, 9, 12
_LONG_LIST = 15


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a structure: its number, its type, and a number or encoded bytes."""

    number: int
    type: int
    value: int | bytes


def structure(*fields: Field) -> bytes:
    """The fields in the order of their numbers, which are at most 15 apart."""
    found = bytearray()
    before = 0
    for field in fields:
        found.append((field.number - before) << 4 | field.type)
        found += _encoded(field.type, field.value)
        before = field.number
    found.append(0)
    return bytes(found)


def listed(kind: int, items: Sequence[int | bytes]) -> bytes:
    """A list of numbers, texts or structures."""
    size = len(items)
    head = bytes([size << 4 | kind]) if size < _LONG_LIST else bytes([0xF0 | kind]) + varint(size)
    return head + b"".join(_encoded(kind, item) for item in items)


def text(value: str) -> bytes:
    """A text as the bytes of a field or list."""
    return value.encode()


def varint(number: int) -> bytes:
    """A whole number, seven bits a byte."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def _encoded(kind: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(value << 1 if value >= 0 else (-value << 1) - 1)  # zigzag
    return varint(len(value)) + value if kind == BYTES else value

"""Keyset cursors: opaque text that says after which row the next page starts."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import orjson


class BadCursor(ValueError):
    """The cursor was not made by this list."""


def encode_cursor(*key: Any) -> str:
    """The sort key of the last row shown, as URL-safe text."""
    return base64.urlsafe_b64encode(orjson.dumps(list(key), default=str)).rstrip(b"=").decode()


def decode_cursor(cursor: str, *, parts: int) -> list[Any]:
    """The key that `encode_cursor` was given, as JSON values. Raises: BadCursor."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        key = orjson.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, binascii.Error, UnicodeEncodeError):
        raise BadCursor("The cursor is not one that this list gave out.") from None
    if not isinstance(key, list) or len(key) != parts:
        raise BadCursor("The cursor is not one that this list gave out.")
    return key

"""Read a JSON body: strictly and fast, else tolerantly."""

from __future__ import annotations

import json
from typing import Any

import orjson

from traces.ingest.wire.errors import BadRequestBody


def read_json(body: bytes) -> tuple[Any, bool]:
    """Return the body's value, and whether it had to be read tolerantly.

    A tolerant reading accepts half surrogate pairs (JavaScript sends them where it cut a text),
    invalid UTF-8 and NaN; what is not text then stands as surrogates for the cleaner to replace.

    Raises:
        BadRequestBody: 400 with the position where the JSON breaks.
    """
    try:
        return orjson.loads(body), False
    except orjson.JSONDecodeError:
        pass
    text = body.decode("utf-8", "surrogateescape")
    try:
        return json.loads(text, strict=False), True
    except json.JSONDecodeError as fault:
        where = f"line {fault.lineno} column {fault.colno}"
        raise BadRequestBody(400, f"The body is not JSON: {fault.msg}", where) from None
    except RecursionError:
        raise BadRequestBody(400, "The body's JSON is nested too deeply") from None
    except ValueError as fault:  # a number of thousands of digits
        raise BadRequestBody(400, f"The body is not JSON: {str(fault)[:100]}") from None

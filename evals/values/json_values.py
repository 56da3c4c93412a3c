"""JSON as items hold it: what can be stored and answered again, and the hash of an input."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import orjson

LONGEST_VALUE = 1_000_000  # bytes of JSON
DEEPEST = 100
_MOST = 2**63
_LEAST = -(2**63)


def fault_of_json(value: Any, *, longest: int = LONGEST_VALUE) -> str:
    """Why `value` cannot be kept, with the path of the place; '' when it can.

    PostgreSQL keeps neither NUL nor half characters in JSON, and what is read again is written by
    a JSON writer that knows 64 bits.
    """
    stack: list[tuple[Any, str, int]] = [(value, "", 0)]
    while stack:
        current, path, depth = stack.pop()
        if depth > DEEPEST:
            return f"nested deeper than {DEEPEST} levels"
        if isinstance(current, dict):
            for name, inner in current.items():
                if not isinstance(name, str):
                    return _at(path, "a name is no text")
                if fault := _fault_of_text(name):
                    return _at(path, f"in a name, {fault}")
                stack.append((inner, f"{path}.{name}" if path else name, depth + 1))
        elif isinstance(current, list | tuple):
            stack.extend((inner, f"{path}[{at}]", depth + 1) for at, inner in enumerate(current))
        elif fault := _fault_of_leaf(current):
            return _at(path, fault)
    size = len(orjson.dumps(value))
    return f"{size:,} bytes of JSON, of at most {longest:,}" if size > longest else ""


def content_hash(value: Any) -> str:
    """64 hex digits that are equal where two inputs are the same JSON, in any order of names."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def same_json(one: Any, other: Any) -> bool:
    """True where both are the same JSON; true and 1 are not, nor are 1 and 1.0."""
    return orjson.dumps(one, option=orjson.OPT_SORT_KEYS) == orjson.dumps(
        other, option=orjson.OPT_SORT_KEYS
    )


def without_odd_letters(value: Any) -> Any:
    """`value` as it can be kept: without NUL and half characters. For what a machine wrote."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list | tuple):
        return [without_odd_letters(inner) for inner in value]
    if isinstance(value, dict):
        return {
            without_odd_letters(str(name)): without_odd_letters(inner)
            for name, inner in value.items()
        }
    return value


def _fault_of_leaf(value: Any) -> str:
    if isinstance(value, str):
        return _fault_of_text(value)
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return "" if _LEAST <= value < _MOST else "a number beyond 64 bits; send it as text"
    if isinstance(value, float):
        return "" if math.isfinite(value) else "a number that is not finite"
    return f"a value of the type {type(value).__name__} is no JSON"


def _fault_of_text(text: str) -> str:
    if "\0" in text:
        return "a NUL character"
    if text.isascii():
        return ""
    half = any("\ud800" <= letter <= "\udfff" for letter in text)
    return "half of a character (a lone surrogate)" if half else ""


def _at(path: str, fault: str) -> str:
    return f"at {path[:200]}, {fault}" if path else fault

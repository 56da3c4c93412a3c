"""Texts, numbers and fields of what a model answered or an item expects. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

import orjson

MISSING = object()
MOST_CHARACTERS = 2_000_000  # of a text that a check looks at; beyond it the rest is not read
_NUMBER = re.compile(
    r"[-+−]?(?:\d{1,3}(?:[,\u00a0\u202f' ]\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?|[-+−]?\.\d+"
)
_LANGUAGE = re.compile(r"[\w+-]*")
_GROUPING = str.maketrans("", "", ",\u00a0\u202f' ")


def text_of(value: Any) -> str:
    """`value` as text: itself, the text of messages, or JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value[:MOST_CHARACTERS]
    said = _said(value)
    if said is not None:
        return said[:MOST_CHARACTERS]
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()[:MOST_CHARACTERS]
    except (TypeError, UnicodeDecodeError):
        return str(value)[:MOST_CHARACTERS]


def _said(value: Any) -> str | None:
    """The text of one message or a list of them, as traces keep them or as APIs take them."""
    messages = value if isinstance(value, list) else [value]
    if not messages or not all(isinstance(one, Mapping) and "role" in one for one in messages):
        return None
    lines = [_text_of_message(one) for one in messages]
    if len(lines) == 1:
        return lines[0]
    return "\n\n".join(f"{one['role']}: {line}" for one, line in zip(messages, lines, strict=True))


def _text_of_message(message: Mapping[str, Any]) -> str:
    content = message.get("parts", message.get("content"))
    if isinstance(content, str):
        return content
    pieces = []
    for part in content if isinstance(content, list) else []:
        if isinstance(part, str):
            pieces.append(part)
        elif isinstance(part, Mapping) and part.get("type", "text") in ("text", "output_text"):
            said = part.get("content", part.get("text"))
            pieces.append(said if isinstance(said, str) else "")
    return "".join(pieces)


def unfenced(text: str) -> str:
    """What stands within the code fence that `text` is; `text` itself where it is none."""
    plain = text.strip()
    if len(plain) < 6 or not plain.startswith("```") or not plain.endswith("```"):
        return text
    head, newline, body = plain[3:-3].partition("\n")
    return body if newline and _LANGUAGE.fullmatch(head.strip()) else text


def json_of(value: Any) -> Any:
    """`value` as JSON: a text is parsed, within a code fence too. Raises: ValueError."""
    if not isinstance(value, str) and _said(value) is None:
        return value
    text = text_of(value)
    text = unfenced(text)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValueError(str(error)) from None


def field_of(value: Any, path: str) -> Any:
    """What stands at `path` (`order.lines.0.total`) in `value`; MISSING where nothing does.

    An empty path is the value itself; a text is read as JSON where a path is given.
    """
    if not path:
        return value
    try:
        found = json_of(value)
    except ValueError:
        return MISSING
    for name in path.split("."):
        if isinstance(found, Mapping) and name in found:
            found = found[name]
        elif (
            isinstance(found, list) and name.isascii() and name.isdigit() and int(name) < len(found)
        ):
            found = found[int(name)]
        else:
            return MISSING
    return found


def number_of(value: Any, which: str = "only") -> float | None:
    """The number in `value`: `only` where the text is nothing but one, else its `first` or `last`.

    Thousands may be grouped; a percent sign or currency around an only number is let pass.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _finite(value)
    text = text_of(value)
    if which == "only":
        text = text.strip().strip("$€£¥%").strip().rstrip(".")
        matched = _NUMBER.fullmatch(text)
        return _finite(matched.group()) if matched else None
    found = _NUMBER.findall(text[:100_000])
    if not found:
        return None
    return _finite(found[0] if which == "first" else found[-1])


def _finite(value: Any) -> float | None:
    try:
        number = float(
            value.replace("−", "-").translate(_GROUPING) if isinstance(value, str) else value
        )
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None

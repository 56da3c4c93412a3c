"""Values as YAML that reads back as they were, and that a person can edit.

Keys in the order given, texts of several lines as literal blocks wherever YAML can hold them so,
everything that another reader of YAML might take for something else in double quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

INDENT = 2
DEEPEST_BLOCK = 30  # values in each other a line each; what is deeper stands on one line
MOST_BYTES = 8_000_000  # of a file: contents are at most 1 MB of JSON, blocks take more
LONGEST_KEY = 1_000  # characters of a key that YAML takes before its colon without a `?`

# Never a number, a date, a word of YAML 1.1 or 1.2 or the start of anything: letters first.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./+-]*(?: [A-Za-z0-9_./+(][A-Za-z0-9_./+()%-]*)*")
_WORDS = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"}
# What stands in a literal block as it is. Line feeds alone part its lines: other readers of YAML
# take U+0085, U+2028 and U+2029 for ends of line too.
_LITERAL = re.compile(
    "[\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*"
)
_ESCAPED = re.compile('["\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]')
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


class Unwritable(ValueError):
    """A value that YAML, or the database, cannot hold; the text says which."""


def yaml_of(values: dict[str, Any]) -> str:
    """`values`, an object of JSON, as a document. Raises: Unwritable."""
    text = "".join(f"{line}\n" for line in _mapping(values, 0))
    if len(text.encode()) > MOST_BYTES:
        raise Unwritable(f"A file has at most {MOST_BYTES:,} bytes.")
    return text


def _mapping(values: dict[str, Any], indent: int) -> Iterator[str]:
    pad = " " * indent
    for key, value in values.items():
        name = inline(key)
        if len(name) > LONGEST_KEY:
            yield f"{pad}? {name}"
            name = ""
        head, *rest = _value(value, indent)
        yield f"{pad}{name}:{head}"
        yield from rest


def _sequence(values: list[Any], indent: int) -> Iterator[str]:
    pad = " " * indent
    for value in values:
        if _is_block(value, indent):
            first, *rest = _block(value, indent + INDENT)
            yield f"{pad}- {first.lstrip(' ')}"
            yield from rest
        else:
            head, *rest = _value(value, indent)
            yield f"{pad}-{head}"
            yield from rest


def _value(value: Any, indent: int) -> Iterator[str]:
    """What stands after a colon or a dash, with the space before it; then the lines below."""
    if _is_block(value, indent):
        yield ""
        yield from _block(value, indent + INDENT)
    elif isinstance(value, str) and "\n" in value and _is_literal(value):
        yield from _literal(value, indent + INDENT)
    else:
        yield f" {inline(value)}"


def _is_block(value: Any, indent: int) -> bool:
    return isinstance(value, dict | list) and bool(value) and indent < INDENT * DEEPEST_BLOCK


def _block(value: dict[str, Any] | list[Any], indent: int) -> Iterator[str]:
    return _mapping(value, indent) if isinstance(value, dict) else _sequence(value, indent)


def _is_literal(text: str) -> bool:
    return text.strip("\n") != "" and _LITERAL.fullmatch(text) is not None


def _literal(text: str, indent: int) -> Iterator[str]:
    """A literal block. Its indentation is written where its first line could mislead."""
    end = "" if text.endswith("\n") else "-"
    if text.endswith("\n\n"):
        end = "+"
    mark = INDENT if text[0].isspace() else ""
    yield f" |{mark}{end}"
    for line in text.removesuffix("\n").split("\n"):
        yield f"{' ' * indent}{line}" if line else ""


def inline(value: Any) -> str:
    """A value that fits on a line. Raises: Unwritable."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(inline, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'? {inline(key)} : {inline(value[key])}' for key in value)}}}"
    raise Unwritable(f"{type(value).__name__} is nothing that JSON holds.")


def _number(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        raise Unwritable(f"{value} is no number in JSON.")
    text = repr(value)
    # YAML 1.1 takes 1e20 for a text; with a dot it is a number everywhere.
    return text if "." in text else text.replace("e", ".0e")


def _text(text: str) -> str:
    if "\0" in text:
        raise Unwritable("A text holds a NUL, which cannot be stored.")
    if not text.isprintable():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Unwritable("A text holds half of a surrogate pair.") from None
    if len(text) < LONGEST_KEY and _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return _SHORT.get(match[0]) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")

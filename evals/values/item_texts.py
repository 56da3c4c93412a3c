"""How what an item holds reads: as text in forms, in a line of a list, and back."""

from __future__ import annotations

from typing import Any

import orjson

SHORT = 240


def as_text(value: Any) -> str:
    """A value as people edit it: a text is itself, everything else is indented JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def in_a_line(value: Any, most: int = SHORT) -> str:
    """The words of a value in one line: those of the last message of a conversation, …"""
    messages = value.get("messages") if isinstance(value, dict) else value
    if isinstance(messages, list) and messages and isinstance(messages[-1], dict):
        last = messages[-1]
        if isinstance(last.get("content"), str):
            return _short(last["content"], most)
    if isinstance(value, str):
        return _short(value, most)
    if value is None:
        return ""
    if isinstance(value, dict) and len(value) == 1:
        (only,) = value.values()
        if isinstance(only, str):
            return _short(only, most)
    return _short(orjson.dumps(value).decode(), most)


def _short(text: str, most: int) -> str:
    line = " ".join(text[: most * 4].split())
    return line if len(line) <= most else f"{line[: most - 1]}…"

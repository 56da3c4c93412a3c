"""The parts of a version as texts with lines, and a changed text put back into its part.

A message is its content, a placeholder its name. What is JSON is written in one fixed way, keys
sorted: a tool and the response schema with two spaces of indentation, parameters and config with a
line `key: value` for each key, so that a value that changes is a line that changes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Literal

from prompts.content import BadContent, Content, Fault, Message, checked

WIDTH = 88  # characters in which a list of plain values still stands on one line

_BARE_KEY = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)


Kind = Literal[
    "text", "message", "placeholder", "tool", "response_schema", "model", "parameters", "config"
]


@dataclass(frozen=True)
class Part:
    """One part: `key` is its identity in this version, `role` who speaks in a message."""

    key: str
    kind: Kind
    text: str
    role: str = ""

    @property
    def is_spoken(self) -> bool:
        """True for the prompt's text and for messages, false for what goes beside them."""
        return self.kind in ("text", "message", "placeholder")


def parts_of(content: Content) -> list[Part]:
    """The parts of `content` that hold something, in the order in which they go to the model."""
    parts = list(messages_of(content)) + list(tools_of(content))
    if content.response_schema is not None:
        schema = json_text(content.response_schema)
        parts.append(Part("response_schema", "response_schema", schema))
    if content.model:
        parts.append(Part("model", "model", content.model))
    if content.parameters:
        parts.append(Part("parameters", "parameters", settings_text(content.parameters)))
    if content.config:
        parts.append(Part("config", "config", settings_text(content.config)))
    return parts


def messages_of(content: Content) -> Iterator[Part]:
    """The text, key `prompt`, or the messages, keys `message/0` and on."""
    if isinstance(content.prompt, str):
        yield Part("prompt", "text", content.prompt)
        return
    for index, message in enumerate(content.prompt):
        if message.get("type") == "placeholder":
            yield Part(f"message/{index}", "placeholder", message["name"])
        else:
            yield Part(f"message/{index}", "message", message["content"], message["role"])


def tools_of(content: Content) -> Iterator[Part]:
    """The tools by name: `tool/refund`; a second of that name is `tool/refund/2`."""
    taken: set[str] = set()
    for tool in content.tools:
        key = f"tool/{tool_name(tool)}"
        numbered = (f"{key}/{number}" for number in count(2))
        key = key if key not in taken else next(key for key in numbered if key not in taken)
        taken.add(key)
        yield Part(key, "tool", json_text(tool))


def tool_name(tool: dict[str, Any]) -> str:
    """The name that a model calls the tool by, else its type."""
    function = tool.get("function")
    for holder in (function if isinstance(function, dict) else {}, tool):
        if isinstance(holder.get("name"), str):
            return str(holder["name"])
    return str(tool.get("type", ""))


def with_text(content: Content, key: str, text: str) -> Content:
    """`content` with `text` in the place of the part `key`. Raises: BadContent."""
    if key == "prompt" and isinstance(content.prompt, str):
        return checked(replace(content, prompt=text))
    if key == "model":
        return checked(replace(content, model=text.strip()))
    if key == "response_schema":
        schema = _read_json(key, text) if text.strip() else None
        return checked(replace(content, response_schema=schema))
    if key == "parameters":
        return checked(replace(content, parameters=settings_of(key, text)))
    if key == "config":
        return checked(replace(content, config=settings_of(key, text)))
    for index, part in enumerate(messages_of(content)):
        if part.key == key and not isinstance(content.prompt, str):
            messages: list[Message] = list(content.prompt)
            field = "name" if part.kind == "placeholder" else "content"
            messages[index] = {**messages[index], field: text}
            return checked(replace(content, prompt=messages))
    for index, part in enumerate(tools_of(content)):
        if part.key == key:
            tools = list(content.tools)
            tools[index : index + 1] = [_read_json(key, text)] if text.strip() else []
            return checked(replace(content, tools=tools))
    raise BadContent([Fault(key, "This version has no such part.")])


def json_text(value: Any, indent: int = 0) -> str:
    """`value` as JSON, an object a key a line, a short list of plain values on one line."""
    inner = " " * (indent + 2)
    if isinstance(value, dict) and value:
        lines = [
            f"{inner}{_short(key)}: {json_text(value[key], indent + 2)}" for key in sorted(value)
        ]
        return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"
    if isinstance(value, list) and value:
        plain = not any(isinstance(item, dict | list) and item for item in value)
        if plain and len(short := _short(value)) + indent <= WIDTH:
            return short
        lines = [inner + json_text(item, indent + 2) for item in value]
        return "[\n" + ",\n".join(lines) + "\n" + " " * indent + "]"
    return _short(value)


def settings_text(values: dict[str, Any]) -> str:
    """A line `key: value` for each key, sorted; a value that is an object takes more lines."""
    return "\n".join(
        f"{key if _BARE_KEY.fullmatch(key) else _short(key)}: {json_text(values[key])}"
        for key in sorted(values)
    )


def settings_of(key: str, text: str) -> dict[str, Any]:
    """The object that `settings_text` wrote as `text`. Raises: BadContent, naming the line."""
    values: dict[str, Any] = {}
    at = 0
    while (at := _past_space(text, at)) < len(text):
        bare = _BARE_KEY.match(text, at)
        if bare:
            name, at = bare[0], bare.end()
        else:
            name, at = _value(key, text, at)
        if not isinstance(name, str) or text[at : at + 1] != ":":
            raise _bad(key, text, at, "A line is a key, a colon and a value in JSON.")
        if name in values:
            raise _bad(key, text, at, f"{name} stands here twice.")
        values[name], at = _value(key, text, _past_space(text, at + 1))
        if text[at:].split("\n", 1)[0].strip():
            raise _bad(key, text, at, "One value a key, in JSON; texts in double quotes.")
    return values


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _value(key: str, text: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError) as error:
        place = error.pos if isinstance(error, json.JSONDecodeError) else at
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise _bad(key, text, place, f"This is not JSON: {reason}.") from None


def _read_json(key: str, text: str) -> Any:
    value, at = _value(key, text, _past_space(text, 0))
    if text[at:].strip():
        raise _bad(key, text, at, "There is something after the end of the JSON.")
    return value


def _bad(key: str, text: str, at: int, reason: str) -> BadContent:
    return BadContent([Fault(key, f"Line {text.count(chr(10), 0, at) + 1}: {reason}")])


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is too large for a number")
    return value


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is no number in JSON")


_DECODER = json.JSONDecoder(parse_float=_number, parse_constant=_no_constant)

"""Messages as people, prompts and traces write them, read into the neutral form. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from gateway.client.request import (
    Media,
    MediaKind,
    Message,
    Part,
    Reasoning,
    Role,
    Text,
    ToolCall,
    ToolResult,
    user,
)

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}


class BadMessages(ValueError):
    """What was given is no conversation; the text says where, for whoever sent it."""


def read_messages(given: Any) -> tuple[Message, ...]:
    """A list of messages, in OpenAI's form or in that of traces; plain text is said by the user.

    Raises: BadMessages.
    """
    if isinstance(given, str):
        return (user(given),)
    if not isinstance(given, Sequence) or not given:
        raise BadMessages("Messages are a list of at least one.")
    return tuple(_message(one, f"messages[{place}]") for place, one in enumerate(given))


def _message(given: Any, where: str) -> Message:
    if not isinstance(given, Mapping):
        raise BadMessages(f"{where}: a message is an object with role and content.")
    role = _ROLES.get(str(given.get("role", "")))
    if role is None:
        raise BadMessages(
            f"{where}.role: expected one of {', '.join(_ROLES)}, not {given.get('role')!r}."
        )
    parts = list(_parts(given, role, where))
    name = given.get("name")
    return Message(role, tuple(parts), name if isinstance(name, str) else "")


def _parts(given: Mapping[str, Any], role: Role, where: str) -> Iterable[Part]:
    content = given.get("parts", given.get("content"))
    if role == "tool" and "parts" not in given:
        said = _text_of(content, where)
        yield ToolResult(str(given.get("tool_call_id") or ""), said)
        return
    if isinstance(content, str):
        if content:
            yield Text(content)
    elif isinstance(content, Sequence):
        for place, one in enumerate(content):
            yield _part(one, f"{where}.content[{place}]")
    elif content is not None:
        raise BadMessages(f"{where}.content: expected text, or a list of parts.")
    for call in given.get("tool_calls") or ():
        yield _call(call, f"{where}.tool_calls")


def _part(given: Any, where: str) -> Part:
    if isinstance(given, str):
        return Text(given)
    if not isinstance(given, Mapping):
        raise BadMessages(f"{where}: a part is text or an object with a type.")
    kind = given.get("type")
    match kind:
        case "text" | "input_text" | "output_text":
            return Text(str(given.get("content", given.get("text", ""))))
        case "reasoning" | "thinking":
            thought = given.get("content", given.get("thinking", ""))
            return Reasoning(str(thought), str(given.get("signature") or ""))
        case "tool_call" | "tool_use" | "function":
            return _call(given, where)
        case "tool_call_response" | "tool_result":
            result = given.get("result", given.get("response", given.get("content")))
            identity = given.get("id", given.get("tool_use_id"))
            return ToolResult(str(identity or ""), _as_text(result))
        case "image" | "audio" | "video" | "file":
            return _media(kind, given)
        case "image_url":
            return _media("image", _inner(given, "image_url"))
        case "input_audio":
            return _media("audio", _inner(given, "input_audio"))
    raise BadMessages(f"{where}.type: a part of the type {kind!r} cannot be sent to a model.")


def _inner(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = given.get(name)
    return inner if isinstance(inner, Mapping) else {"url": inner}


def _media(kind: MediaKind, given: Mapping[str, Any]) -> Media:
    address = str(given.get("uri") or given.get("url") or "")
    mime_type = str(given.get("mime_type") or "")
    data = str(given.get("data") or "")
    if kind == "audio" and not mime_type and given.get("format"):
        mime_type = f"audio/{given['format']}"
    if address.startswith("data:"):
        head, _, data = address.removeprefix("data:").partition(",")
        mime_type, address = head.partition(";")[0], ""
    return Media(kind, mime_type, address, data)


def _call(given: Any, where: str) -> ToolCall:
    if not isinstance(given, Mapping):
        raise BadMessages(f"{where}: a tool call is an object.")
    source = given.get("function")
    source = source if isinstance(source, Mapping) else given
    name = source.get("name")
    if not isinstance(name, str) or not name:
        raise BadMessages(f"{where}: a tool call names its tool.")
    arguments = source.get("arguments", source.get("input"))
    return ToolCall(str(given.get("id") or ""), name, _as_text(arguments))


def _text_of(content: Any, where: str) -> str:
    if isinstance(content, Sequence) and not isinstance(content, str):
        read = [_part(one, where) for one in content]
        return "".join(part.text for part in read if isinstance(part, Text))
    return _as_text(content)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()

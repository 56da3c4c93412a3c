"""The pieces of a chat message: text, tool calls and answers, reasoning, media."""

from __future__ import annotations

from typing import Any

from traces.ingest.canonical.media_references import MediaReference, is_mentioned, pieces
from traces.ingest.dialects.fields import parse

Part = dict[str, Any]

_TEXT = frozenset({"text", "input_text", "output_text", "message"})
_REASONING = frozenset({"reasoning", "thinking", "summary_text", "reasoning_content"})
_CALLS = frozenset({"tool_call", "tool_use", "tool-call", "function_call", "server_tool_call"})
_RESULTS = frozenset(
    {
        "tool_call_response",
        "tool_result",
        "tool-result",
        "function_call_output",
        "function_response",
    }
)
_MEDIA = {
    "image": "image",
    "image_url": "image",
    "input_image": "image",
    "audio": "audio",
    "input_audio": "audio",
    "video": "video",
    "file": "file",
    "input_file": "file",
    "document": "file",
    "blob": "file",
    "uri": "file",
}


def parts_of(content: Any) -> list[Part]:
    """Return canonical parts of a message's content: text, or a list of typed pieces."""
    if content is None:
        return []
    items = content if isinstance(content, list) else [content]
    parts = [part for item in items if (part := _part(item)) is not None]
    if any(part["type"] == "text" and is_mentioned(part["content"]) for part in parts):
        return [piece for part in parts for piece in _with_media(part)]
    return parts


def _with_media(part: Part) -> list[Part]:
    """Return a text with the media it refers to as parts of their own."""
    if part["type"] != "text" or not is_mentioned(part["content"]):
        return [part]
    return [
        {"type": "text", "content": piece} if isinstance(piece, str) else piece.part()
        for piece in pieces(part["content"])
    ]


def _part(item: Any) -> Part | None:
    if item is None:
        return None
    if not isinstance(item, dict):
        return {"type": "text", "content": item if isinstance(item, str) else str(item)}
    if isinstance(item.get("message_content"), dict):  # OpenInference
        item = item["message_content"]
    kind = item.get("type")
    if kind is None:
        kind = _guess(item)
    if not isinstance(kind, str):
        return {"type": "other", "content": item}
    if kind in _TEXT:
        return {"type": "text", "content": _first_text(item, "content", "text", "output_text")}
    if kind in _REASONING:
        return {"type": "reasoning", "content": _reasoning(item)}
    if kind in _CALLS:
        return _call(item)
    if kind in _RESULTS:
        return _result(item)
    if kind in _MEDIA:
        return _media(_MEDIA[kind], item)
    other: Part = item
    return other


def _guess(item: dict[str, Any]) -> str | None:
    """Return the type of a piece that does not say (Google's parts, Bedrock's content blocks)."""
    if "toolCallId" in item and "toolName" in item:
        return "tool-result" if "result" in item or "output" in item else "tool-call"
    for key, kind in (("text", "text"), ("functionCall", "tool_call"), ("toolUse", "tool_call")):
        if key in item:
            return kind
    return "text" if isinstance(item.get("content"), str) else None


def _first_text(item: dict[str, Any], *names: str) -> str:
    for name in names:
        value = item.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            return "".join(_first_text(piece, *names) for piece in value if isinstance(piece, dict))
    return ""


def _reasoning(item: dict[str, Any]) -> str:
    return _first_text(item, "content", "thinking", "reasoning", "text") or _first_text(
        item, "summary"
    )


def tool_calls_of(item: dict[str, Any]) -> list[Part]:
    """Return the tool calls that stand beside a message's content."""
    calls = item.get("tool_calls")
    if isinstance(calls, str):
        calls = parse(calls)
    found = (
        [_call(call) for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    )
    single = item.get("function_call")
    if isinstance(single, dict):
        found.append(_call(single))
    return found


def _call(item: dict[str, Any]) -> Part:
    for wrapper in ("tool_call", "functionCall", "toolUse"):
        if isinstance(item.get(wrapper), dict):
            item = item[wrapper]
            break
    function = item.get("function")
    source = function if isinstance(function, dict) else item
    arguments = None
    for name in ("arguments", "args", "input", "parameters"):
        if source.get(name) is not None:
            arguments = source[name]
            break
    parsed = parse(arguments)
    identity = item.get("call_id") or item.get("toolCallId") or item.get("toolUseId")
    return {
        "type": "tool_call",
        "id": item.get("id") if identity is None else identity,
        "name": source.get("name") or source.get("toolName") or item.get("name"),
        "arguments": parsed if isinstance(parsed, (dict, list)) else arguments,
    }


def _result(item: dict[str, Any]) -> Part:
    result = None
    for name in ("result", "response", "output", "content"):
        if item.get(name) is not None:
            result = item[name]
            break
    identity = next(
        (
            item[n]
            for n in ("tool_call_id", "tool_use_id", "toolCallId", "toolUseId", "call_id", "id")
            if item.get(n) is not None
        ),
        None,
    )
    return {"type": "tool_call_response", "id": identity, "result": parse(result)}


def _media(kind: str, item: dict[str, Any]) -> Part:
    """Return an image, sound or file by its address or data."""
    part: Part = {"type": kind}
    modality = item.get("modality")
    if kind == "file" and isinstance(modality, str) and modality in ("image", "audio", "video"):
        part["type"] = modality
    source: Any = item
    for wrapper in ("image_url", "input_audio", "source", "image", "audio", "file"):
        inner = item.get(wrapper)
        if isinstance(inner, dict):
            # OpenInference nests image.image.url.
            source = inner.get("image") if isinstance(inner.get("image"), dict) else inner
            break
        if isinstance(inner, str):
            source = {"url": inner}
            break
    for name, keys in (
        ("uri", ("uri", "url", "file_uri", "file_id")),
        ("data", ("data", "file_data", "content", "base64")),
        ("mime_type", ("mime_type", "media_type", "mimeType", "format")),
    ):
        for key in keys:
            value = source.get(key, item.get(key))
            if isinstance(value, str):
                part[name] = value
                break
    sent: str = part.get("uri") or part.get("data") or ""
    if is_mentioned(sent) and isinstance(found := pieces(sent)[0], MediaReference):
        return found.part(part["type"])
    return part

"""The first words of a span's input and output, for lists; made at intake, so kept cheap."""

from __future__ import annotations

from typing import Any

import msgspec

from traces.ingest.canonical.messages import canonical, is_chat
from traces.ingest.canonical.source_text import as_text
from traces.ingest.dialects.genai import says_nothing
from traces.ingest.dialects.registry import table_for
from traces.ingest.record import SpanRecord

# Characters a list shows.
LENGTH = 200


class _Message(msgspec.Struct):
    """A message with its pieces left encoded: only one message of a list is looked into."""

    role: str = ""
    parts: msgspec.Raw = msgspec.Raw(b"")
    content: msgspec.Raw = msgspec.Raw(b"")


class _Part(msgspec.Struct):
    type: str = "text"
    content: msgspec.Raw = msgspec.Raw(b"")
    text: msgspec.Raw = msgspec.Raw(b"")
    name: str | None = None
    arguments: msgspec.Raw = msgspec.Raw(b"")


_decode_messages = msgspec.json.Decoder(list[_Message]).decode
_decode_parts = msgspec.json.Decoder(list[_Part]).decode
_decode_text = msgspec.json.Decoder(str).decode


def previews(record: SpanRecord) -> tuple[str | None, str | None]:
    """Return the start of the last user message (or of the input) and of the answer."""
    attributes = record.attributes
    # The commonest names first, past the walk through all dialects.
    source = record.input
    if source is None:
        source = attributes.get("gen_ai.input.messages")
        if source is None:
            source = attributes.get("gen_ai.tool.call.arguments")
        if source is None:
            source = _read(record, "input")
    answer = record.output
    if answer is None:
        answer = attributes.get("gen_ai.output.messages")
        if answer is None:
            answer = attributes.get("gen_ai.tool.call.result")
        if answer is None or says_nothing(answer):
            answer = _read(record, "output")
    return _preview(source, "user"), _preview(answer, "assistant")


def _read(record: SpanRecord, content: str) -> Any:
    return table_for(record.scope_name).read(content, record.attributes, record.events)


def _preview(source: Any, role: str) -> str | None:
    if source is None or source == "":
        return None
    if isinstance(source, str):
        if source[0] not in "[{" or not any(word in source for word in _CHAT_WORDS):
            return _short(source)
        if source[0] == "[":
            text = _quick(source, role)
            if text:
                return _short(text)
    value = canonical(source, role)
    if is_chat(value):
        text = _of_chat(value, role)
        if text:
            return _short(text)
        if not any(message["parts"] for message in value):
            return None
    text = source if isinstance(source, str) else as_text(value)
    return _short(text) if text else None


_MEDIA = frozenset({"image", "audio", "video", "file"})
# JSON without any of these is no chat.
_CHAT_WORDS = (
    '"role"',
    '"content"',
    '"parts"',
    '"message"',
    '"kwargs"',
    '"prompt"',
    '"toolName"',
    '"function_call"',
    '"messages"',
)


def _quick(source: str, role: str) -> str | None:
    """Return the text of the last message with this role, reading no more than needed."""
    try:
        for message in reversed(_decode_messages(source)):
            if message.role == role:
                if message.parts:
                    text = _joined(_decode_parts(message.parts))
                elif message.content:
                    text = _decode_text(message.content)
                else:
                    continue
                if text:
                    return text
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    return None


def _joined(parts: list[_Part]) -> str:
    """Return the texts of a message, else the tools it calls."""
    texts = [
        _decode_text(part.content or part.text)
        for part in parts
        if part.type == "text" and (part.content or part.text)
    ]
    if any(texts):
        return "\n".join(texts)
    return "; ".join(
        f"{part.name}({bytes(part.arguments).decode()})"
        for part in parts
        if part.type == "tool_call"
    )


def _of_chat(messages: list[dict[str, Any]], role: str) -> str | None:
    """Return the last text of this role, else the last text at all, else the tools called.

    Where nothing is said but pictures, sounds or files are shown, that is what it says.
    """
    other = calls = media = None
    for message in reversed(messages):
        for part in message["parts"]:
            content = part.get("content") if isinstance(part, dict) else None
            if isinstance(content, str) and content and part.get("type") == "text":
                if message["role"] == role:
                    return content
                other = other or content
            elif isinstance(part, dict) and part.get("type") == "tool_call":
                calls = calls or f"{part.get('name')}({as_text(part.get('arguments')) or ''})"
            elif isinstance(part, dict) and part.get("type") in _MEDIA:
                media = media or f"({part['type']})"
    said = (calls, other) if role == "assistant" else (other, calls)
    return said[0] or said[1] or media


def _short(text: str) -> str:
    return " ".join(text[: LENGTH + 50].split())[:LENGTH]

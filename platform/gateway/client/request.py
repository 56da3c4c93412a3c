"""What is asked of a model, whoever answers. Pure.

Messages have the form in which traces keep them (`{"role", "parts"}`), so that the input of a span
is asked again as it stands, and the span of a call shows what was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

Role = Literal["system", "user", "assistant", "tool"]
MediaKind = Literal["image", "audio", "video", "file"]


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What a model thought; `signature` is the provider's seal, which it wants back unchanged."""

    text: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool the model wants run; `arguments` is JSON as the model wrote it, so perhaps broken."""

    id: str
    name: str
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What the tool of the call `id` gave."""

    id: str
    content: str


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, sound or file: `url`, or `data` in base64 with its `mime_type`."""

    kind: MediaKind
    mime_type: str = ""
    url: str = ""
    data: str = field(default="", repr=False)


Part = Text | Reasoning | ToolCall | ToolResult | Media


@dataclass(frozen=True, slots=True)
class Message:
    """Something said by one of them."""

    role: Role
    parts: tuple[Part, ...]
    name: str = ""

    @property
    def text(self) -> str:
        """Its plain text."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The tools it asks for."""
        return [part for part in self.parts if isinstance(part, ToolCall)]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One call for an answer.

    `tools` are objects as OpenAI's API takes them; `tool_choice` is `auto`, `none`, `required` or
    a tool's name, empty: not said. `parameters` bear OpenAI's names (`temperature`, `max_tokens`,
    `stop`, …); those that a provider calls otherwise are translated, others go as they are.
    """

    model: str
    messages: tuple[Message, ...]
    tools: Sequence[Mapping[str, Any]] = ()
    tool_choice: str = ""
    response_schema: Mapping[str, Any] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    stream: bool = True


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """One call for the vectors of `texts`; `dimensions` None: as many as the model has."""

    model: str
    texts: tuple[str, ...]
    dimensions: int | None = None


def user(text: str) -> Message:
    """A message of the user."""
    return Message("user", (Text(text),))


def system(text: str) -> Message:
    """An instruction."""
    return Message("system", (Text(text),))


# --- as traces keep it ------------------------------------------------------------------------
def document_of(message: Message) -> dict[str, Any]:
    """`message` as spans show it."""
    document: dict[str, Any] = {
        "role": message.role,
        "parts": [_part_document(part) for part in message.parts],
    }
    if message.name:
        document["name"] = message.name
    return document


def _part_document(part: Part) -> dict[str, Any]:
    match part:
        case Text():
            return {"type": "text", "content": part.text}
        case Reasoning():
            return {"type": "reasoning", "content": part.text}
        case ToolCall():
            called = {"type": "tool_call", "id": part.id, "name": part.name}
            return {**called, "arguments": _json_or_text(part.arguments)}
        case ToolResult():
            result = _json_or_text(part.content)
            return {"type": "tool_call_response", "id": part.id, "result": result}
        case Media():
            known = {"mime_type": part.mime_type, "uri": part.url, "data": part.data}
            return {"type": part.kind, **{key: value for key, value in known.items() if value}}


def _json_or_text(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text

"""OpenAI's chat completions and embeddings, as OpenAI and everybody after it speaks them.

Source: https://platform.openai.com/docs/api-reference/chat, read 2026-11-30.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from gateway.client.adapters.openai_answers import (
    answer_of,
    embedded_of,
    fault_of,
    models_of,
    stream_reader,
)
from gateway.client.adapters.wire import HttpCall
from gateway.client.connection import Connection
from gateway.client.request import (
    ChatRequest,
    EmbeddingRequest,
    Media,
    Message,
    Text,
    ToolCall,
    ToolResult,
)

__all__ = [
    "answer_of",
    "chat_call",
    "embedded_of",
    "embeddings_call",
    "fault_of",
    "left_out",
    "models_call",
    "models_of",
    "stream_reader",
]

_OWN = frozenset({"model", "messages", "stream", "stream_options"})
_CHOICES = frozenset({"auto", "none", "required"})


def chat_call(connection: Connection, request: ChatRequest) -> HttpCall:
    """`POST {base}/chat/completions`."""
    # OpenAI's newer models refuse `max_tokens`; other servers know no other name.
    is_openai = urlsplit(connection.url).hostname == "api.openai.com"
    body = chat_body(request, names_completion_tokens=is_openai)
    return HttpCall(f"{connection.url}/chat/completions", _headers(connection), body)


def left_out(request: ChatRequest) -> Sequence[str]:
    """Nothing: parameters bear OpenAI's names."""
    return ()


def chat_body(
    request: ChatRequest, *, names_completion_tokens: bool, asks_usage: bool = True
) -> dict[str, Any]:
    """The JSON of a chat completion."""
    parameters = {name: value for name, value in request.parameters.items() if name not in _OWN}
    if names_completion_tokens and "max_tokens" in parameters:
        most = parameters.pop("max_tokens")
        parameters.setdefault("max_completion_tokens", most)
    body: dict[str, Any] = {
        **parameters,
        "model": request.model,
        "messages": [part for message in request.messages for part in _messages(message)],
    }
    if request.tools:
        body["tools"] = [dict(tool) for tool in request.tools]
    if request.tool_choice in _CHOICES:
        body["tool_choice"] = request.tool_choice
    elif request.tool_choice:
        chosen = {"name": request.tool_choice}
        body["tool_choice"] = {"type": "function", "function": chosen}
    if request.response_schema is not None:
        schema = request.response_schema
        named = {"name": "answer", "schema": dict(schema), "strict": is_strict(schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    if request.stream:
        body["stream"] = True
        if asks_usage:
            body["stream_options"] = {"include_usage": True}
    return body


def is_strict(schema: Any) -> bool:
    """Whether `schema` may be sent as strict: every object closed, and all it has required."""
    if isinstance(schema, Sequence) and not isinstance(schema, str):
        return all(is_strict(one) for one in schema)
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object":
        named = schema.get("properties") or {}
        closed = schema.get("additionalProperties") is False
        if not closed or set(named) != set(schema.get("required") or ()):
            return False
    return all(is_strict(one) for one in schema.values())


def _messages(message: Message) -> Iterator[dict[str, Any]]:
    """One message, and one more for each result of a tool that it holds."""
    for part in message.parts:
        if isinstance(part, ToolResult):
            yield {"role": "tool", "tool_call_id": part.id, "content": part.content}
    said = [part for part in message.parts if isinstance(part, Text | Media)]
    calls = [_tool_call(part) for part in message.parts if isinstance(part, ToolCall)]
    if not said and not calls and any(isinstance(part, ToolResult) for part in message.parts):
        return
    document: dict[str, Any] = {"role": message.role, "content": _content(said)}
    if message.name:
        document["name"] = message.name
    if calls:
        document["tool_calls"] = calls
        document["content"] = document["content"] or None
    yield document


def _content(parts: list[Text | Media]) -> str | list[dict[str, Any]]:
    if all(isinstance(part, Text) for part in parts):
        return "".join(part.text for part in parts if isinstance(part, Text))
    return [_content_part(part) for part in parts]


def _content_part(part: Text | Media) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    address = part.url or f"data:{part.mime_type or 'application/octet-stream'};base64,{part.data}"
    if part.kind == "image":
        return {"type": "image_url", "image_url": {"url": address}}
    if part.kind == "audio":
        known = {"data": part.data, "format": part.mime_type.rpartition("/")[2] or "wav"}
        return {"type": "input_audio", "input_audio": known}
    return {"type": "file", "file": {"file_data": address, "filename": part.kind}}


def _tool_call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments or "{}"}
    return {"id": call.id, "type": "function", "function": function}


def embeddings_call(connection: Connection, request: EmbeddingRequest) -> HttpCall:
    """`POST {base}/embeddings`."""
    return HttpCall(f"{connection.url}/embeddings", _headers(connection), embeddings_body(request))


def embeddings_body(request: EmbeddingRequest) -> dict[str, Any]:
    """The JSON of a call for vectors."""
    body: dict[str, Any] = {"model": request.model, "input": list(request.texts)}
    if request.dimensions is not None:
        body["dimensions"] = request.dimensions
    return body


def models_call(connection: Connection) -> HttpCall:
    """`GET {base}/models`."""
    return HttpCall(f"{connection.url}/models", _headers(connection), method="GET")


def _headers(connection: Connection) -> dict[str, str]:
    # A local server may want no key at all.
    return {"Authorization": f"Bearer {connection.key}"} if connection.key else {}

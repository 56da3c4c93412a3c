"""Anthropic's Messages API.

Source: the types of the package `anthropic` and https://platform.claude.com/docs/en/api/messages,
read 2026-11-30.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from gateway.client.adapters.anthropic_answers import (
    answer_of,
    embedded_of,
    fault_of,
    models_of,
    stream_reader,
)
from gateway.client.adapters.wire import HttpCall
from gateway.client.connection import Connection
from gateway.client.errors import BadRequest
from gateway.client.request import (
    ChatRequest,
    EmbeddingRequest,
    Media,
    Message,
    Part,
    Reasoning,
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

VERSION = "2023-06-01"
# It wants a limit in every call; ours where the prompt names none.
MOST_TOKENS = 4096
_RENAMED = {"max_completion_tokens": "max_tokens", "stop": "stop_sequences"}
# OpenAI's parameters that Anthropic refuses a request for.
_UNKNOWN = frozenset(
    {
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "n",
        "presence_penalty",
        "response_format",
        "seed",
        "store",
        "top_logprobs",
        "verbosity",
    }
)
_HANDLED = frozenset(
    {"model", "messages", "stream", "system", "tools", "reasoning_effort", "parallel_tool_calls"}
)
_CHOICES = {"auto": "auto", "none": "none", "required": "any"}


def chat_call(connection: Connection, request: ChatRequest) -> HttpCall:
    """`POST {base}/v1/messages`."""
    body: dict[str, Any] = {
        "max_tokens": MOST_TOKENS,
        **_parameters(request.parameters),
        "model": request.model,
        "messages": [_message(one) for one in request.messages if one.role != "system"],
    }
    instructions = [message.text for message in request.messages if message.role == "system"]
    if instructions:
        body["system"] = "\n\n".join(instructions)
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    if choice := _tool_choice(request):
        body["tool_choice"] = choice
    if output := _output_config(request):
        body["output_config"] = {**output, **body.get("output_config", {})}
    if request.stream:
        body["stream"] = True
    return HttpCall(_address(connection, "messages"), _headers(connection), body)


def left_out(request: ChatRequest) -> Sequence[str]:
    """OpenAI's parameters that have no counterpart here."""
    return sorted(_UNKNOWN & request.parameters.keys())


def _parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for name, value in given.items():
        if name in _UNKNOWN or name in _HANDLED:
            continue
        if name == "stop":
            value = [value] if isinstance(value, str) else value
        if name == "user":
            known["metadata"] = {"user_id": value}
        else:
            known[_RENAMED.get(name, name)] = value
    return known


def _output_config(request: ChatRequest) -> dict[str, Any]:
    output: dict[str, Any] = {}
    if request.response_schema is not None:
        output["format"] = {"type": "json_schema", "schema": dict(request.response_schema)}
    if effort := request.parameters.get("reasoning_effort"):
        output["effort"] = effort
    return output


def _tool_choice(request: ChatRequest) -> dict[str, Any]:
    choice: dict[str, Any] = {}
    if request.tool_choice in _CHOICES:
        choice["type"] = _CHOICES[request.tool_choice]
    elif request.tool_choice:
        choice = {"type": "tool", "name": request.tool_choice}
    if request.tools and request.parameters.get("parallel_tool_calls") is False:
        choice = {"type": "auto", **choice, "disable_parallel_tool_use": True}
    return choice


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    """A function in Anthropic's form; a tool of the provider's own goes as it stands."""
    function = tool.get("function")
    if tool.get("type") != "function" or not isinstance(function, Mapping):
        return dict(tool)
    described = {"name": function.get("name"), "description": function.get("description")}
    schema = function.get("parameters") or {"type": "object", "properties": {}}
    return {
        **{name: value for name, value in described.items() if value},
        "input_schema": schema,
    }


def _message(message: Message) -> dict[str, Any]:
    role = "assistant" if message.role == "assistant" else "user"
    return {"role": role, "content": [_block(part) for part in message.parts if _is_sent(part)]}


def _is_sent(part: Part) -> bool:
    """Thoughts go back only with their seal, and empty text is refused."""
    match part:
        case Reasoning():
            return bool(part.signature)
        case Text():
            return bool(part.text)
    return True


def _block(part: Part) -> dict[str, Any]:
    match part:
        case Text():
            return {"type": "text", "text": part.text}
        case Reasoning():
            return {"type": "thinking", "thinking": part.text, "signature": part.signature}
        case ToolCall():
            return {"type": "tool_use", "id": part.id, "name": part.name, "input": _input(part)}
        case ToolResult():
            return {"type": "tool_result", "tool_use_id": part.id, "content": part.content}
        case Media():
            source = {"type": "base64", "media_type": part.mime_type, "data": part.data}
            if part.url:
                source = {"type": "url", "url": part.url}
            return {"type": "image" if part.kind == "image" else "document", "source": source}


def _input(call: ToolCall) -> dict[str, Any]:
    """Its arguments as an object; what a model wrote wrong is shown to it as text."""
    try:
        read = orjson.loads(call.arguments or "{}")
    except orjson.JSONDecodeError:
        read = None
    return read if isinstance(read, dict) else {"text": call.arguments}


def embeddings_call(connection: Connection, request: EmbeddingRequest) -> HttpCall:
    """Raises: BadRequest, always."""
    raise BadRequest("Anthropic has no embeddings; choose a provider that has.")


def models_call(connection: Connection) -> HttpCall:
    """`GET {base}/v1/models`, all on one page."""
    return HttpCall(
        f"{_address(connection, 'models')}?limit=1000", _headers(connection), method="GET"
    )


def _address(connection: Connection, what: str) -> str:
    return f"{connection.url.removesuffix('/v1')}/v1/{what}"


def _headers(connection: Connection) -> dict[str, str]:
    return {"x-api-key": connection.key, "anthropic-version": VERSION}

"""Logfire and Pydantic AI: what they add to OpenTelemetry GenAI, and what came before it."""

from __future__ import annotations

from typing import Any

from traces.ingest.dialects.fields import (
    Attributes,
    Dialect,
    Events,
    Slot,
    amount,
    count,
    inside,
    mapping,
    parse,
    strings,
)
from traces.ingest.dialects.general import GENERAL
from traces.ingest.record import Kind, Level

_EVIDENCE = ("logfire.msg", "logfire.span_type", "logfire.json_schema")
_MESSAGES = "pydantic_ai.all_messages"
_RAW = "gen_ai.usage.raw"
_DETAILS = "gen_ai.usage.details."
_CHOICE = "gen_ai.choice"
# Attributes of a span that are told elsewhere, and so are no metadata.
_TOLD = frozenset(
    {
        "request_data",
        "response_data",
        "events",
        "all_messages_events",
        "final_result",
        "tool_arguments",
        "tool_response",
        "model_request_parameters",
        "async",
        "duration",
        "operation.cost",
        _MESSAGES,
        *GENERAL.fields,
    }
)


def level_of(value: Any) -> Level | None:
    """Return the level of a number: 1 trace, 5 debug, 9 info, 13 warning, 17 error."""
    number = count(value)
    if number is None:
        return None
    for least, level in ((17, Level.ERROR), (13, Level.WARNING), (9, Level.DEFAULT)):
        if number >= least:
            return level
    return Level.DEBUG


def _ours(attributes: Attributes) -> bool:
    return (
        "logfire.msg" in attributes
        or "logfire.span_type" in attributes
        or "logfire.json_schema" in attributes
    )


def _events(attributes: Attributes, *, choices: bool) -> list[dict[str, Any]] | None:
    """Return the messages of the attribute `events`: those asked, or those answered."""
    sent = parse(attributes.get("events"))
    if not isinstance(sent, list):
        return None
    return [
        _choice(event) if choices else event
        for event in sent
        if isinstance(event, dict) and (event.get("event.name") == _CHOICE) is choices
    ] or None


def _choice(event: dict[str, Any]) -> dict[str, Any]:
    message = event.get("message")
    return message if isinstance(message, dict) else event


def read_input(attributes: Attributes, _events_: Events) -> Any:
    """Return messages, an agent's whole exchange, or a tool's arguments."""
    if not _ours(attributes):
        return None
    asked = _events(attributes, choices=False)
    if asked is not None:
        return asked
    for name in (_MESSAGES, "all_messages_events", "tool_arguments"):
        if attributes.get(name) is not None:
            return attributes[name]
    request = mapping(attributes.get("request_data")) or {}
    messages = request.get("messages", request.get("input", request.get("prompt")))
    system = request.get("system", request.get("instructions"))
    if system and isinstance(messages, list):
        return [{"role": "system", "content": system}, *messages]
    return messages


def read_output(attributes: Attributes, _events_: Events) -> Any:
    """Return messages, an agent's result, or a tool's."""
    if not _ours(attributes):
        return None
    answered = _events(attributes, choices=True)
    if answered is not None:
        return answered
    for name in ("final_result", "tool_response"):
        if attributes.get(name) is not None:
            return attributes[name]
    response = parse(attributes.get("response_data"))
    if not isinstance(response, dict):
        return response
    for name in ("message", "combined_chunk_content", "text", "output"):
        if response.get(name) is not None:
            return response[name]
    return None


def read_tools(attributes: Attributes, _events_: Events) -> Any:
    """Return the tools offered to the model."""
    parameters = mapping(attributes.get("model_request_parameters"))
    if parameters is None:
        return (mapping(attributes.get("request_data")) or {}).get("tools") or None
    return parameters.get("function_tools") or None


def read_tool(attributes: Attributes, _events_: Events) -> dict[str, Any] | None:
    """Return the tool an older agent ran."""
    if "tool_arguments" not in attributes and "tool_response" not in attributes:
        return None
    return {
        "name": attributes.get("gen_ai.tool.name"),
        "call_id": attributes.get("gen_ai.tool.call.id"),
        "arguments": parse(attributes.get("tool_arguments")),
        "result": parse(attributes.get("tool_response")),
    }


def read_metadata(attributes: Attributes, _events_: Events) -> dict[str, Any] | None:
    """Return the attributes the user gave: those in the schema that are told nowhere else."""
    schema = mapping(attributes.get("logfire.json_schema")) or {}
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return None
    return {
        name: parse(attributes[name]) if about else attributes[name]
        for name, about in properties.items()
        if name in attributes and name not in _TOLD and not name.startswith("gen_ai.")
    } or None


LOGFIRE = Dialect(
    name="logfire",
    rank=52,
    evidence=_EVIDENCE,
    fields={
        "logfire.level_num": (Slot("level", level_of),),
        "logfire.tags": (Slot("tags", strings),),
        "operation.cost": (Slot("cost.total", amount),),
        f"{_DETAILS}cached_tokens": (Slot("usage.cached", count, 1),),
        f"{_DETAILS}cache_read_tokens": (Slot("usage.cached", count),),
        f"{_DETAILS}cache_read_input_tokens": (Slot("usage.cached", count, 2),),
        f"{_DETAILS}cache_write_tokens": (Slot("usage.cache_write", count),),
        f"{_DETAILS}cache_creation_input_tokens": (Slot("usage.cache_write", count, 2),),
        f"{_DETAILS}reasoning_tokens": (Slot("usage.reasoning", count),),
        f"{_DETAILS}thoughts_tokens": (Slot("usage.reasoning", count, 1),),
        f"{_DETAILS}input_audio_tokens": (Slot("usage.input_audio", count),),
        f"{_DETAILS}audio_tokens": (Slot("usage.input_audio", count, 3),),
        f"{_DETAILS}output_audio_tokens": (Slot("usage.output_audio", count),),
        _RAW: (
            Slot("usage.cached", inside("prompt_tokens_details", "cached_tokens"), 4),
            Slot("usage.cached", inside("input_tokens_details", "cached_tokens"), 5),
            Slot("usage.cached", inside("cache_read_input_tokens"), 6),
            Slot("usage.cache_write", inside("cache_creation_input_tokens"), 4),
            Slot("usage.reasoning", inside("completion_tokens_details", "reasoning_tokens"), 4),
            Slot("usage.reasoning", inside("output_tokens_details", "reasoning_tokens"), 5),
            Slot("usage.input_audio", inside("prompt_tokens_details", "audio_tokens"), 4),
            Slot("usage.output_audio", inside("completion_tokens_details", "audio_tokens"), 4),
            Slot("detail.in_cache_write_5m", inside("cache_creation", "ephemeral_5m_input_tokens")),
            Slot("detail.in_cache_write_1h", inside("cache_creation", "ephemeral_1h_input_tokens")),
        ),
    },
    input=read_input,
    output=read_output,
    tool_definitions=read_tools,
    tool=read_tool,
    metadata=read_metadata,
)

# Before 1.0 its agent and tool spans told what they are by their names alone.
PYDANTIC_AI = Dialect(
    name="logfire",
    rank=55,
    scopes=("pydantic-ai",),
    fields={},
    names={"agent run": Kind.AGENT, "running tool": Kind.TOOL},
)

"""OpenLLMetry: traceloop's decorators, association properties and indexed messages."""

from __future__ import annotations

from typing import Any

from traces.ingest.dialects.fields import (
    Attributes,
    Dialect,
    Events,
    Slot,
    below,
    count,
    identity,
    parse,
    strings,
)
from traces.ingest.dialects.flat import unflatten
from traces.ingest.dialects.general import ours_below
from traces.ingest.record import Kind

_KIND, _ENTITY = "traceloop.span.kind", "traceloop.entity."
_PROPERTIES = "traceloop.association.properties."
_KINDS = {
    "workflow": Kind.CHAIN,
    "task": Kind.CHAIN,
    "agent": Kind.AGENT,
    "tool": Kind.TOOL,
}
_REQUESTS = {
    "chat": Kind.GENERATION,
    "completion": Kind.GENERATION,
    "embedding": Kind.EMBEDDING,
    "rerank": Kind.RERANKER,
}
_USERS = ("user_id", "userId", "user.id")
_SESSIONS = ("session_id", "sessionId", "session.id")
_NO_METADATA = frozenset((*_USERS, *_SESSIONS))
_PARAMS = ("frequency_penalty", "presence_penalty", "top_k", "chat.stop_sequences")


def kind_of(value: Any) -> Kind | None:
    """Return the kind of a decorated function."""
    return _KINDS.get(value.lower()) if isinstance(value, str) else None


def request_kind(value: Any) -> Kind | None:
    """Return the kind of a request to a model."""
    return _REQUESTS.get(value.lower()) if isinstance(value, str) else None


def _indexed(attributes: Attributes, prefix: str) -> Any:
    """Return flattened messages; attributes without any are not searched through."""
    if (
        f"{prefix}0.role" in attributes
        or f"{prefix}0.content" in attributes
        or f"{prefix}0.finish_reason" in attributes
        or f"{prefix}0.function_call.name" in attributes
    ):
        return unflatten(attributes, prefix)
    return None


def read_input(attributes: Attributes, _events: Events) -> Any:
    """Return the indexed prompt, else the function's arguments."""
    messages = _indexed(attributes, "gen_ai.prompt.")
    return attributes.get(f"{_ENTITY}input") if messages is None else messages


def read_output(attributes: Attributes, _events: Events) -> Any:
    """Return the indexed completion, else the function's result."""
    messages = _indexed(attributes, "gen_ai.completion.")
    return attributes.get(f"{_ENTITY}output") if messages is None else messages


def read_tools(attributes: Attributes, _events: Events) -> Any:
    """Return the tools offered to the model."""
    if "llm.request.functions.0.name" not in attributes:
        return None
    tools = unflatten(attributes, "llm.request.functions.")
    return [
        {**tool, "parameters": parse(tool.get("parameters"))} if isinstance(tool, dict) else tool
        for tool in tools
    ]


def read_params(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return parameters without a GenAI name."""
    return {
        name.rpartition(".")[2]: attributes[f"llm.{name}"]
        for name in _PARAMS
        if f"llm.{name}" in attributes
    } or None


def read_tool(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the tool a decorated function is."""
    if attributes.get(_KIND) != "tool":
        return None
    return {
        "name": attributes.get(f"{_ENTITY}name"),
        "call_id": None,
        "arguments": parse(attributes.get(f"{_ENTITY}input")),
        "result": parse(attributes.get(f"{_ENTITY}output")),
    }


def read_metadata(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the association properties but user and session."""
    return {
        key: value
        for key, value in below(attributes, _PROPERTIES).items()
        if key not in _NO_METADATA
    } or None


def read_variables(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the variables of a managed prompt."""
    if "traceloop.prompt.key" not in attributes:
        return None
    return below(attributes, "traceloop.prompt.template_variables.") or None


TRACELOOP = Dialect(
    name="traceloop",
    rank=51,
    evidence=(_KIND, "traceloop.workflow.name", "llm.request.type"),
    fields={
        _KIND: (Slot("kind", kind_of),),
        "llm.request.type": (Slot("kind", request_kind, 1),),
        "gen_ai.usage.total_tokens": (Slot("usage.total", count),),
        "llm.usage.total_tokens": (Slot("usage.total", count, 1),),
        "gen_ai.usage.reasoning_tokens": (Slot("usage.reasoning", count),),
        "gen_ai.usage.cache_read_input_tokens": (Slot("usage.cached", count),),
        "gen_ai.usage.cache_creation_input_tokens": (Slot("usage.cache_write", count),),
        "llm.usage.reasoning_tokens": (Slot("usage.reasoning", count, 1),),
        "llm.usage.cache_read_input_tokens": (Slot("usage.cached", count, 1),),
        "llm.usage.cache_creation_input_tokens": (Slot("usage.cache_write", count, 1),),
        "gen_ai.completion.0.finish_reason": (Slot("finish_reasons", strings),),
        "llm.response.finish_reason": (Slot("finish_reasons", strings, 1),),
        **{f"{_PROPERTIES}{name}": (Slot("user_id", identity),) for name in _USERS},
        **{f"{_PROPERTIES}{name}": (Slot("session_id", identity),) for name in _SESSIONS},
        f"{_PROPERTIES}tags": (Slot("tags", strings),),
        "traceloop.prompt.key": (Slot("prompt_name"),),
        "traceloop.prompt.version": (Slot("prompt_version"),),
        "traceloop.workflow.name": (Slot("trace.name"),),
        **ours_below(_PROPERTIES),
    },
    first_token=frozenset({"llm.content.completion.chunk", "gen_ai.content.completion.chunk"}),
    input=read_input,
    output=read_output,
    tool_definitions=read_tools,
    params=read_params,
    tool=read_tool,
    metadata=read_metadata,
    prompt_variables=read_variables,
)

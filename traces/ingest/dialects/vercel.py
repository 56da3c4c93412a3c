"""Vercel's AI SDK, 4 to 7: `ai.*`."""

from __future__ import annotations

from typing import Any

from traces.ingest.dialects.documents import documents_of
from traces.ingest.dialects.fields import (
    Attributes,
    Dialect,
    Events,
    Slot,
    below,
    count,
    from_milliseconds,
    identity,
    inside,
    parse,
    provider,
    strings,
    text,
)
from traces.ingest.dialects.general import ours_below
from traces.ingest.record import Kind

_OPERATION = "ai.operationId"
_METADATA = "ai.telemetry.metadata."
_KINDS = {
    ".doGenerate": Kind.GENERATION,
    ".doStream": Kind.GENERATION,
    ".doEmbed": Kind.EMBEDDING,
    ".doRerank": Kind.RERANKER,
}
_USERS = ("userId", "user_id", "user.id", "user")
_SESSIONS = ("sessionId", "session_id", "session.id", "session")
_NO_METADATA = frozenset((*_USERS, *_SESSIONS, "tags", "langfusePrompt"))
_PARAMS = {
    "maxOutputTokens": "max_tokens",
    "maxTokens": "max_tokens",
    "topP": "top_p",
    "topK": "top_k",
    "frequencyPenalty": "frequency_penalty",
    "presencePenalty": "presence_penalty",
    "stopSequences": "stop",
    "maxRetries": "max_retries",
}


def kind_of(value: Any) -> Kind | None:
    """Return the kind of an operation: what does not call a model itself is a chain."""
    if not isinstance(value, str) or not value.startswith("ai."):
        return None
    if value == "ai.toolCall":
        return Kind.TOOL
    return next((kind for end, kind in _KINDS.items() if value.endswith(end)), Kind.CHAIN)


def read_input(attributes: Attributes, _events: Events) -> Any:
    """Return messages, the prompt as given, the values to embed, or a tool's arguments."""
    for name in ("ai.prompt.messages", "ai.prompt", "ai.values", "ai.value", "ai.toolCall.args"):
        value = attributes.get(name)
        if value is not None:
            return value
    query = attributes.get("ai.query")
    return attributes.get("ai.documents") if query is None else query


def read_output(attributes: Attributes, _events: Events) -> Any:
    """Return text, tool calls (both as one message where both are there), an object or a result."""
    said = attributes.get("ai.response.text") or attributes.get("ai.result.text")
    calls = attributes.get("ai.response.toolCalls") or attributes.get("ai.result.toolCalls")
    if said and calls and isinstance(wanted := parse(calls), list) and wanted:
        return [{"role": "assistant", "content": said, "tool_calls": wanted}]
    for value in (
        said,
        calls,
        attributes.get("ai.response.object"),
        attributes.get("ai.result.object"),
        attributes.get("ai.toolCall.result"),
        attributes.get("ai.ranking"),
    ):
        if value:
            return value
    return None


def read_tools(attributes: Attributes, _events: Events) -> Any:
    """Return the tools offered to the model, each of which is JSON."""
    tools = parse(attributes.get("ai.prompt.tools"))
    return [parse(tool) for tool in tools] or None if isinstance(tools, list) else None


def read_params(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the call's settings."""
    if _OPERATION not in attributes:
        return None
    settings = below(attributes, "ai.settings.")
    return {_PARAMS.get(key, key): value for key, value in settings.items()} or None


def read_documents(attributes: Attributes, _events: Events) -> list[dict[str, Any]] | None:
    """Return what was to be ranked."""
    documents = parse(attributes.get("ai.documents"))
    return documents_of(documents) if isinstance(documents, list) else None


def read_tool(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the tool a span runs."""
    name = attributes.get("ai.toolCall.name")
    if name is None:
        return None
    return {
        "name": name,
        "call_id": attributes.get("ai.toolCall.id"),
        "arguments": parse(attributes.get("ai.toolCall.args")),
        "result": parse(attributes.get("ai.toolCall.result")),
    }


def read_metadata(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the telemetry metadata but user, session, tags and prompt."""
    if _OPERATION not in attributes:
        return None
    found = below(attributes, _METADATA)
    return {key: value for key, value in found.items() if key not in _NO_METADATA} or None


def _usage(name: str, order: int = 0) -> tuple[Slot, ...]:
    return (Slot(f"usage.{name}", count, order),)


VERCEL = Dialect(
    name="vercel",
    rank=40,
    evidence=(_OPERATION,),
    fields={
        _OPERATION: (Slot("kind", kind_of), Slot("operation_name", order=9)),
        "ai.model.id": (Slot("model_requested"),),
        "ai.model.provider": (Slot("provider", provider),),
        "ai.response.model": (Slot("model"),),
        "ai.response.id": (Slot("response_id"),),
        "ai.response.finishReason": (Slot("finish_reasons", strings),),
        "ai.finishReason": (Slot("finish_reasons", strings, 1),),
        "ai.response.msToFirstChunk": (Slot("ttft_us", from_milliseconds),),
        "ai.stream.msToFirstChunk": (Slot("ttft_us", from_milliseconds, 1),),
        "ai.usage.inputTokens": _usage("input_total"),
        "ai.usage.promptTokens": _usage("input_total", 1),
        "ai.usage.tokens": _usage("input_total", 2),
        "ai.usage.outputTokens": _usage("output_total"),
        "ai.usage.completionTokens": _usage("output_total", 1),
        "ai.usage.totalTokens": _usage("total"),
        "ai.usage.cachedInputTokens": _usage("cached"),
        "ai.usage.inputTokenDetails.cacheReadTokens": _usage("cached", 1),
        "ai.usage.inputTokenDetails.cacheWriteTokens": _usage("cache_write"),
        "ai.usage.reasoningTokens": _usage("reasoning"),
        "ai.usage.outputTokenDetails.reasoningTokens": _usage("reasoning", 1),
        # The provider's own words, where the call's usage leaves them out.
        "ai.response.providerMetadata": (
            Slot("usage.cached", inside("openai", "cachedPromptTokens"), 8),
            Slot("usage.cached", inside("anthropic", "cacheReadInputTokens"), 8),
            Slot("usage.cached", inside("anthropic", "usage", "cache_read_input_tokens"), 9),
            Slot("usage.cache_write", inside("anthropic", "cacheCreationInputTokens"), 8),
            Slot("usage.reasoning", inside("openai", "reasoningTokens"), 8),
        ),
        **{f"{_METADATA}{name}": (Slot("user_id", identity),) for name in _USERS},
        **{f"{_METADATA}{name}": (Slot("session_id", identity),) for name in _SESSIONS},
        f"{_METADATA}tags": (Slot("tags", strings),),
        f"{_METADATA}langfusePrompt": (
            Slot("prompt_name", inside("name", convert=text)),
            Slot("prompt_version", inside("version", convert=text)),
        ),
        "ai.telemetry.functionId": (Slot("trace.name"),),
        **ours_below(_METADATA),
    },
    first_token=frozenset({"ai.stream.firstChunk"}),
    input=read_input,
    output=read_output,
    tool_definitions=read_tools,
    params=read_params,
    documents=read_documents,
    tool=read_tool,
    metadata=read_metadata,
)

"""OpenTelemetry GenAI, as of late 2026, and its older names (span events, gen_ai.system)."""

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
    identity,
    microseconds,
    parse,
    provider,
    strings,
)
from traces.ingest.record import Kind

_OPERATIONS = {
    "chat": Kind.GENERATION,
    "completion": Kind.GENERATION,
    "acompletion": Kind.GENERATION,
    "responses": Kind.GENERATION,
    "text_completion": Kind.GENERATION,
    "generate_content": Kind.GENERATION,
    "embeddings": Kind.EMBEDDING,
    "embedding": Kind.EMBEDDING,
    "aembedding": Kind.EMBEDDING,
    "rerank": Kind.RERANKER,
    "reranker": Kind.RERANKER,
    "execute_tool": Kind.TOOL,
    "tool": Kind.TOOL,
    "invoke_agent": Kind.AGENT,
    "create_agent": Kind.AGENT,
    "agent": Kind.AGENT,
    "invoke_workflow": Kind.CHAIN,
    "agent_step": Kind.CHAIN,
    "chain": Kind.CHAIN,
    "retrieval": Kind.RETRIEVER,
    "retriever": Kind.RETRIEVER,
}


def operation_kind(value: Any) -> Kind | None:
    """Return the kind an operation name stands for."""
    return (
        _OPERATIONS.get(value) or _OPERATIONS.get(value.lower()) if isinstance(value, str) else None
    )


_REQUEST = "gen_ai.request."
_DETAILS = "gen_ai.client.inference.operation.details"


def _content(key: str, attributes: Attributes, events: Events) -> Any:
    """Return a content attribute from the span, else from its details event."""
    value = attributes.get(key)
    if value is None:
        for event in events:
            if event.get("name") == _DETAILS:
                value = event.get("attributes", {}).get(key)
                if value is not None:
                    return value
    return value


def read_input(attributes: Attributes, events: Events) -> Any:
    """Return messages, a tool's arguments, or a retrieval's query."""
    value = _content("gen_ai.input.messages", attributes, events)
    if value is None:
        value = attributes.get("gen_ai.tool.call.arguments")
    return attributes.get("gen_ai.retrieval.query.text") if value is None else value


def says_nothing(messages: Any) -> bool:
    """Return whether every message came without parts: LiteLLM tells tool calls elsewhere then."""
    if not isinstance(messages, str) or '"parts":' not in messages or "[]" not in messages[-40:]:
        return False
    found = parse(messages)
    return isinstance(found, list) and not any(
        item.get("parts") or item.get("content") for item in found if isinstance(item, dict)
    )


def read_output(attributes: Attributes, events: Events) -> Any:
    """Return messages or a tool's result."""
    value = _content("gen_ai.output.messages", attributes, events)
    if says_nothing(value):
        return None
    return attributes.get("gen_ai.tool.call.result") if value is None else value


def read_system(attributes: Attributes, events: Events) -> Any:
    """Return the system instructions that stand apart from the messages."""
    return parse(_content("gen_ai.system_instructions", attributes, events))


def read_tools(attributes: Attributes, events: Events) -> Any:
    """Return the tools offered to the model."""
    return parse(_content("gen_ai.tool.definitions", attributes, events))


def read_params(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the request's parameters under their short names."""
    found = {
        key[len(_REQUEST) :]: value
        for key, value in attributes.items()
        if key.startswith(_REQUEST) and key != "gen_ai.request.model"
    }
    if "gen_ai.retrieval.top_k" in attributes:
        found["top_k"] = attributes["gen_ai.retrieval.top_k"]
    return found or None


def read_documents(attributes: Attributes, _events: Events) -> list[dict[str, Any]] | None:
    """Return what a retrieval found."""
    return documents_of(attributes.get("gen_ai.retrieval.documents"))


def read_tool(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the tool a span runs."""
    name = attributes.get("gen_ai.tool.name")
    if name is None:
        return None
    return {
        "name": name,
        "call_id": attributes.get("gen_ai.tool.call.id"),
        "arguments": parse(attributes.get("gen_ai.tool.call.arguments")),
        "result": parse(attributes.get("gen_ai.tool.call.result")),
    }


def read_variables(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return what was put into the prompt's template."""
    if "gen_ai.prompt.name" not in attributes:
        return None
    return below(attributes, "gen_ai.prompt.variable.") or None


def _usage(name: str, order: int = 0) -> tuple[Slot, ...]:
    return (Slot(f"usage.{name}", count, order),)


GENAI = Dialect(
    name="genai",
    rank=20,
    evidence=("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model"),
    fields={
        "gen_ai.operation.name": (Slot("kind", operation_kind), Slot("operation_name")),
        "gen_ai.provider.name": (Slot("provider", provider),),
        "gen_ai.request.model": (Slot("model_requested"),),
        "gen_ai.response.model": (Slot("model"),),
        "gen_ai.response.id": (Slot("response_id"),),
        "gen_ai.response.finish_reasons": (Slot("finish_reasons", strings),),
        "gen_ai.response.time_to_first_chunk": (Slot("ttft_us", microseconds),),
        "gen_ai.client.operation.time_to_first_chunk": (Slot("ttft_us", microseconds, 1),),
        "gen_ai.conversation.id": (Slot("session_id", identity, 9),),
        "gen_ai.prompt.name": (Slot("prompt_name"),),
        "gen_ai.prompt.version": (Slot("prompt_version"),),
        "gen_ai.usage.input_tokens": _usage("input_total"),
        "gen_ai.usage.output_tokens": _usage("output_total"),
        "gen_ai.usage.cache_read.input_tokens": _usage("cached"),
        "gen_ai.usage.cache_write.input_tokens": _usage("cache_write"),
        # The name until 2026.
        "gen_ai.usage.cache_creation.input_tokens": _usage("cache_write", 1),
        "gen_ai.usage.reasoning.output_tokens": _usage("reasoning"),
        "gen_ai.usage.audio.input_tokens": _usage("input_audio"),
        "gen_ai.usage.audio.output_tokens": _usage("output_audio"),
        "gen_ai.usage.image.input_tokens": (Slot("detail.in_image", count),),
        "gen_ai.usage.image.output_tokens": (Slot("detail.out_image", count),),
    },
    input=read_input,
    output=read_output,
    system_instructions=read_system,
    tool_definitions=read_tools,
    params=read_params,
    documents=read_documents,
    tool=read_tool,
    prompt_variables=read_variables,
)

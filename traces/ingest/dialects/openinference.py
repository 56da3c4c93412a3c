"""OpenInference: Arize Phoenix and the instrumentations that share its names."""

from __future__ import annotations

from typing import Any

from traces.ingest.dialects.documents import documents_of
from traces.ingest.dialects.fields import (
    Attributes,
    Dialect,
    Events,
    Slot,
    amount,
    count,
    mapping,
    parse,
    provider,
    strings,
    text,
)
from traces.ingest.dialects.flat import unflatten
from traces.ingest.record import Kind

_KINDS = {
    "LLM": Kind.GENERATION,
    "EMBEDDING": Kind.EMBEDDING,
    "RERANKER": Kind.RERANKER,
    "AGENT": Kind.AGENT,
    "TOOL": Kind.TOOL,
    "RETRIEVER": Kind.RETRIEVER,
    "CHAIN": Kind.CHAIN,
    "PROMPT": Kind.CHAIN,
    "GUARDRAIL": Kind.GUARDRAIL,
    "EVALUATOR": Kind.EVALUATOR,
}


def span_kind(value: Any) -> Kind | None:
    """Return the kind an OpenInference span kind stands for."""
    return _KINDS.get(value.upper()) if isinstance(value, str) else None


def invoked_model(value: Any) -> str | None:
    """Return the model named among the invocation parameters."""
    return text((mapping(value) or {}).get("model"))


# The kind is required of every span; the model's name is there where a client forgot it.
_EVIDENCE = ("openinference.span.kind", "llm.model_name")


def _flat(attributes: Attributes, prefix: str) -> Any:
    """Return the tree below a prefix; spans of other dialects are not searched through."""
    if "openinference.span.kind" in attributes or "llm.model_name" in attributes:
        return unflatten(attributes, prefix)
    return None


def _texts(attributes: Attributes, prefix: str, name: str) -> list[str] | None:
    """Return the texts of a completion without messages."""
    items = _flat(attributes, prefix)
    if not isinstance(items, list):
        return None
    return [
        item[name]["text"]
        for item in items
        if isinstance(item, dict) and isinstance(item.get(name), dict) and "text" in item[name]
    ] or None


def read_input(attributes: Attributes, _events: Events) -> Any:
    """Return the flattened messages as a list, else the whole input."""
    messages = _flat(attributes, "llm.input_messages.")
    if messages is None:
        messages = _texts(attributes, "llm.prompts.", "prompt") or attributes.get("input.value")
    if messages is None:
        inputs = _flat(attributes, "embedding.embeddings.")
        if isinstance(inputs, list):
            return [
                item["embedding"]["text"]
                for item in inputs
                if isinstance(item, dict)
                and isinstance(item.get("embedding"), dict)
                and "text" in item["embedding"]
            ] or None
    return messages


def read_output(attributes: Attributes, _events: Events) -> Any:
    """Return the flattened messages as a list, else the whole output."""
    messages = _flat(attributes, "llm.output_messages.")
    if messages is None:
        messages = _texts(attributes, "llm.choices.", "completion")
    return attributes.get("output.value") if messages is None else messages


def read_tools(attributes: Attributes, _events: Events) -> Any:
    """Return the tools offered to the model."""
    tools = _flat(attributes, "llm.tools.")
    if not isinstance(tools, list):
        return None
    return [
        parse(item["tool"].get("json_schema", item["tool"]))
        if isinstance(item, dict) and isinstance(item.get("tool"), dict)
        else item
        for item in tools
    ]


def read_params(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the invocation parameters without the model."""
    params = mapping(attributes.get("llm.invocation_parameters"))
    return {k: v for k, v in params.items() if k != "model"} or None if params else None


def read_documents(attributes: Attributes, _events: Events) -> list[dict[str, Any]] | None:
    """Return what a retriever or reranker found."""
    for prefix in ("retrieval.documents.", "reranker.output_documents."):
        found = documents_of(_flat(attributes, prefix))
        if found:
            return found
    return None


def read_tool(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the tool a span runs; its arguments and result are the span's input and output."""
    name = attributes.get("tool.name")
    if name is None:
        return None
    return {
        "name": name,
        "call_id": attributes.get("tool.id") or attributes.get("tool_call.id"),
        "arguments": parse(attributes.get("input.value")),
        "result": parse(attributes.get("output.value")),
    }


def read_variables(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return what was put into the prompt's template."""
    return mapping(attributes.get("llm.prompt_template.variables"))


def read_metadata(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the metadata object."""
    return mapping(attributes.get("metadata"))


def _usage(name: str) -> tuple[Slot, ...]:
    return (Slot(f"usage.{name}", count),)


OPENINFERENCE = Dialect(
    name="openinference",
    rank=30,
    evidence=_EVIDENCE,
    fields={
        "openinference.span.kind": (Slot("kind", span_kind),),
        "llm.model_name": (Slot("model"),),
        "embedding.model_name": (Slot("model", order=1),),
        "reranker.model_name": (Slot("model", order=2),),
        "llm.invocation_parameters": (Slot("model", invoked_model, 5),),
        "llm.provider": (Slot("provider", provider),),
        "llm.system": (Slot("provider", provider, 1),),
        "llm.finish_reason": (Slot("finish_reasons", strings),),
        "llm.prompt_template.version": (Slot("prompt_version"),),
        "llm.token_count.prompt": _usage("input_total"),
        "llm.token_count.completion": _usage("output_total"),
        "llm.token_count.total": _usage("total"),
        "llm.token_count.prompt_details.cache_read": _usage("cached"),
        "llm.token_count.prompt_details.cache_write": _usage("cache_write"),
        "llm.token_count.prompt_details.audio": _usage("input_audio"),
        "llm.token_count.completion_details.reasoning": _usage("reasoning"),
        "llm.token_count.completion_details.audio": _usage("output_audio"),
        "llm.cost.prompt": (Slot("cost.input", amount),),
        "llm.cost.completion": (Slot("cost.output", amount),),
        "llm.cost.total": (Slot("cost.total", amount),),
        "tag.tags": (Slot("tags", strings),),
    },
    first_token=frozenset({"First Token Stream Event"}),
    input=read_input,
    output=read_output,
    tool_definitions=read_tools,
    params=read_params,
    documents=read_documents,
    tool=read_tool,
    metadata=read_metadata,
    prompt_variables=read_variables,
)

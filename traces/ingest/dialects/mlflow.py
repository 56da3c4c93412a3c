"""MLflow tracing: every attribute is JSON, texts with their quotes."""

from __future__ import annotations

from typing import Any

from traces.ingest.dialects.documents import documents_of
from traces.ingest.dialects.fields import (
    Attributes,
    Dialect,
    Events,
    Slot,
    amount,
    below,
    identity,
    inside,
    json_text,
    parse,
    provider,
)
from traces.ingest.record import Kind

_TYPE, _INPUTS, _OUTPUTS = "mlflow.spanType", "mlflow.spanInputs", "mlflow.spanOutputs"
_KINDS = {
    "LLM": Kind.GENERATION,
    "CHAT_MODEL": Kind.GENERATION,
    "EMBEDDING": Kind.EMBEDDING,
    "RERANKER": Kind.RERANKER,
    "RETRIEVER": Kind.RETRIEVER,
    "TOOL": Kind.TOOL,
    "AGENT": Kind.AGENT,
    "CHAIN": Kind.CHAIN,
    "PARSER": Kind.CHAIN,
    "WORKFLOW": Kind.CHAIN,
    "TASK": Kind.CHAIN,
    "EVALUATOR": Kind.EVALUATOR,
    "GUARDRAIL": Kind.GUARDRAIL,
}
# Bare names that are no parameters of the request.
_NO_PARAMS = frozenset({"model", "messages", "input", "prompt", "tools"})


def kind_of(value: Any) -> Kind | None:
    """Return the kind a span type stands for."""
    known = json_text(value)
    return _KINDS.get(known.upper()) if known else None


def _identity(value: Any) -> str | None:
    return identity(json_text(value))


def _provider(value: Any) -> str | None:
    return provider(json_text(value))


def read_input(attributes: Attributes, _events: Events) -> Any:
    """Return what the span was given."""
    return attributes.get(_INPUTS)


def read_output(attributes: Attributes, _events: Events) -> Any:
    """Return what the span gave."""
    return attributes.get(_OUTPUTS)


def read_tools(attributes: Attributes, _events: Events) -> Any:
    """Return the tools offered to the model."""
    return parse(attributes.get("mlflow.chat.tools"))


def read_documents(attributes: Attributes, _events: Events) -> list[dict[str, Any]] | None:
    """Return what a retriever gave."""
    if kind_of(attributes.get(_TYPE)) != Kind.RETRIEVER:
        return None
    found = parse(attributes.get(_OUTPUTS))
    return documents_of(found) if isinstance(found, list) else None


def read_tool(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the tool a span of that type runs."""
    if kind_of(attributes.get(_TYPE)) != Kind.TOOL:
        return None
    return {
        "name": json_text(attributes.get("mlflow.spanFunctionName")),
        "call_id": None,
        "arguments": parse(attributes.get(_INPUTS)),
        "result": parse(attributes.get(_OUTPUTS)),
    }


def read_metadata(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the trace's metadata, where the span carries it."""
    return {k: parse(v) for k, v in below(attributes, "mlflow.trace.metadata.").items()} or None


def read_bare(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the request's parameters, which stand under names without a dot."""
    return {
        key: parse(value)
        for key, value in attributes.items()
        if "." not in key and key not in _NO_PARAMS
    } or None


def _model(order: int) -> tuple[Slot, ...]:
    return (Slot("model", json_text, order),)


MLFLOW = Dialect(
    name="mlflow",
    rank=53,
    evidence=(_TYPE, _INPUTS),
    fields={
        _TYPE: (Slot("kind", kind_of),),
        "mlflow.llm.model": _model(0),
        "mlflow.llm.provider": (Slot("provider", _provider),),
        "mlflow.chat.tokenUsage": (
            Slot("usage.input_total", inside("input_tokens")),
            Slot("usage.output_total", inside("output_tokens")),
            Slot("usage.total", inside("total_tokens")),
            Slot("usage.cached", inside("cache_read_input_tokens")),
            Slot("usage.cache_write", inside("cache_creation_input_tokens")),
        ),
        "mlflow.llm.cost": (
            Slot("cost.input", inside("input_cost", convert=amount)),
            Slot("cost.output", inside("output_cost", convert=amount)),
            Slot("cost.total", inside("total_cost", convert=amount)),
        ),
        "mlflow.trace.user": (Slot("user_id", _identity),),
        "mlflow.trace.session": (Slot("session_id", _identity),),
        "mlflow.user": (Slot("user_id", _identity, 1),),
        "mlflow.traceName": (Slot("trace.name", json_text),),
    },
    first_token=frozenset({"mlflow.chunk.item.0"}),
    input=read_input,
    output=read_output,
    tool_definitions=read_tools,
    documents=read_documents,
    tool=read_tool,
    metadata=read_metadata,
)

# Names that mean something else elsewhere.
MLFLOW_BARE = Dialect(
    name="mlflow",
    rank=54,
    scopes=("mlflow",),
    fields={"model": _model(0)},
    params=read_bare,
)

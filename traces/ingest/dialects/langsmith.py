"""LangSmith's OpenTelemetry export: LangChain and LangGraph without another instrumentation."""

from __future__ import annotations

from typing import Any

from traces.ingest.dialects.documents import documents_of
from traces.ingest.dialects.fields import (
    Attributes,
    Dialect,
    Events,
    Slot,
    below,
    identity,
    inside,
    parse,
)
from traces.ingest.dialects.general import ours_below
from traces.ingest.record import Kind

_METADATA = "langsmith.metadata."
_KIND = "langsmith.span.kind"
_KINDS = {
    "llm": Kind.GENERATION,
    "embedding": Kind.EMBEDDING,
    "chain": Kind.CHAIN,
    "prompt": Kind.CHAIN,
    "parser": Kind.CHAIN,
    "tool": Kind.TOOL,
    "retriever": Kind.RETRIEVER,
    "agent": Kind.AGENT,
}
# The exporter puts the process's own settings into the metadata.
_SETTINGS = ("LANGSMITH_", "LANGCHAIN_")
_APART = frozenset({"user_id", "session_id", "usage_metadata"})
_PARAMS = {"ls_temperature": "temperature", "ls_max_tokens": "max_tokens", "ls_stop": "stop"}


def kind_of(value: Any) -> Kind | None:
    """Return the kind; surer than the operation name, which is `embeddings` on a retriever."""
    return _KINDS.get(value.lower()) if isinstance(value, str) else None


def tags(value: Any) -> list[str] | None:
    """Return the tags of one text such as `seq:step:1, beta`."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        return None
    return [tag.strip() for tag in value if isinstance(tag, str) and tag.strip()] or None


def read_input(attributes: Attributes, _events: Events) -> Any:
    """Return the run's inputs as JSON."""
    return attributes.get("gen_ai.prompt") if _KIND in attributes else None


def read_output(attributes: Attributes, _events: Events) -> Any:
    """Return the run's outputs as JSON."""
    return attributes.get("gen_ai.completion") if _KIND in attributes else None


def read_documents(attributes: Attributes, _events: Events) -> list[dict[str, Any]] | None:
    """Return what a retriever found; its score stands in a document's metadata."""
    if attributes.get(_KIND) != "retriever":
        return None
    found = parse(attributes.get("gen_ai.completion"))
    if isinstance(found, dict):
        found = found.get("documents", found.get("output"))
    documents = documents_of(found) if isinstance(found, list) else None
    for document in documents or []:
        about = document.get("metadata")
        if isinstance(about, dict):
            about = dict(about)
            document.setdefault("score", about.pop("score", about.pop("relevance_score", None)))
            del document["metadata"]
            if about:
                document["metadata"] = about
        document.setdefault("score", None)
    return documents


def read_tool(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the tool a run of that kind is."""
    if attributes.get(_KIND) != "tool":
        return None
    result = parse(attributes.get("gen_ai.completion"))
    if isinstance(result, dict) and result.keys() == {"output"}:
        result = result["output"]
    if isinstance(result, dict) and result.get("type") == "tool":
        result = parse(result.get("content"))
    return {
        "name": attributes.get("gen_ai.tool.name") or attributes.get("gen_ai.serialized.name"),
        "call_id": attributes.get("gen_ai.tool.call.id"),
        "arguments": parse(attributes.get("gen_ai.prompt")),
        "result": result,
    }


def read_params(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the parameters LangChain names alike for all models."""
    if _KIND not in attributes:
        return None
    return {
        name: attributes[_METADATA + sent]
        for sent, name in _PARAMS.items()
        if _METADATA + sent in attributes
    } or None


def read_metadata(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the run's metadata without the settings of the process."""
    if _KIND not in attributes:
        return None
    return {
        key: parse(value) if isinstance(value, str) and value[:1] in ("{", "[") else value
        for key, value in below(attributes, _METADATA).items()
        if not key.startswith(_SETTINGS) and key not in _APART
    } or None


LANGSMITH = Dialect(
    name="langsmith",
    rank=15,
    evidence=(_KIND,),
    fields={
        _KIND: (Slot("kind", kind_of),),
        "langsmith.span.tags": (Slot("tags", tags),),
        "langsmith.trace.name": (Slot("trace.name"),),
        f"{_METADATA}user_id": (Slot("user_id", identity),),
        f"{_METADATA}session_id": (Slot("session_id", identity),),
        f"{_METADATA}thread_id": (Slot("session_id", identity, 1),),
        f"{_METADATA}conversation_id": (Slot("session_id", identity, 2),),
        # Behind the model that answered.
        f"{_METADATA}ls_model_name": (Slot("model", order=60),),
        f"{_METADATA}usage_metadata": (
            Slot("usage.input_total", inside("input_tokens"), 60),
            Slot("usage.output_total", inside("output_tokens"), 60),
            Slot("usage.total", inside("total_tokens"), 60),
            Slot("usage.cached", inside("input_token_details", "cache_read")),
            Slot("usage.cache_write", inside("input_token_details", "cache_creation")),
            Slot("usage.input_audio", inside("input_token_details", "audio")),
            Slot("usage.reasoning", inside("output_token_details", "reasoning")),
            Slot("usage.output_audio", inside("output_token_details", "audio")),
            Slot(
                "detail.in_cache_write_5m",
                inside("input_token_details", "ephemeral_5m_input_tokens"),
            ),
            Slot(
                "detail.in_cache_write_1h",
                inside("input_token_details", "ephemeral_1h_input_tokens"),
            ),
        ),
        "gen_ai.usage.input_token_details": (
            Slot("usage.cached", inside("cache_read"), 1),
            Slot("usage.cache_write", inside("cache_creation"), 1),
            Slot("usage.input_audio", inside("audio"), 1),
        ),
        "gen_ai.usage.output_token_details": (
            Slot("usage.reasoning", inside("reasoning"), 1),
            Slot("usage.output_audio", inside("audio"), 1),
        ),
        **ours_below(_METADATA),
    },
    input=read_input,
    output=read_output,
    params=read_params,
    documents=read_documents,
    tool=read_tool,
    metadata=read_metadata,
)

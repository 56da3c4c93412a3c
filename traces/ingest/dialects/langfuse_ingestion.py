"""Langfuse's batch ingestion (SDK 2, old litellm): the field names of its events' bodies.

`traces.ingest.wire.langfuse_record` keeps a body's fields as the span's attributes, and its
metadata key by key as `metadata.…`.
"""

from __future__ import annotations

from typing import Any

from traces.ingest.canonical.buckets import Usage, usage_of
from traces.ingest.dialects.documents import documents_of
from traces.ingest.dialects.fields import (
    Attributes,
    Dialect,
    Events,
    Slot,
    amount,
    identity,
    inside,
    instant,
    mapping,
    parse,
    strings,
    text,
)
from traces.ingest.dialects.general import ours_below
from traces.ingest.dialects.langfuse import (
    calls_a_model,
    kind_of,
    level_of,
    only_span,
    total_cost,
    whole_usage,
)

SCOPE = "langfuse-ingestion"
METADATA = "metadata."
# OpenAI's counts as the JavaScript SDKs spell them in the old `usage`.
_CAMEL = {
    "promptTokens": "prompt_tokens",
    "completionTokens": "completion_tokens",
    "totalTokens": "total_tokens",
}


def old_usage(value: Any) -> Usage | None:
    """Return what `usage` tells, which was there before `usageDetails`; only tokens are counted."""
    record = mapping(value)
    if record is None or text(record.get("unit")) not in (None, "TOKENS"):
        return None
    counts = {_CAMEL.get(name, name): count for name, count in record.items()}
    return usage_of({name: count for name, count in counts.items() if count is not None})


def read_input(attributes: Attributes, _events: Events) -> Any:
    """Return what the observation was given."""
    return attributes.get("input")


def read_output(attributes: Attributes, _events: Events) -> Any:
    """Return what the observation gave."""
    return attributes.get("output")


def read_tools(attributes: Attributes, _events: Events) -> Any:
    """Return the tools the OpenAI wrapper puts beside the messages."""
    return (mapping(attributes.get("input")) or {}).get("tools") or None


def read_params(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the model's parameters."""
    return mapping(attributes.get("modelParameters"))


def read_documents(attributes: Attributes, _events: Events) -> list[dict[str, Any]] | None:
    """Return what a retriever gave."""
    found = parse(attributes.get("output")) if attributes.get("type") == "RETRIEVER" else None
    if isinstance(found, dict) and "documents" not in found:
        return None
    return documents_of(found) if isinstance(found, (list, dict)) else None


def read_tool(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the tool an observation of that type runs; its name is the span's."""
    if attributes.get("type") != "TOOL":
        return None
    arguments, result = parse(attributes.get("input")), parse(attributes.get("output"))
    return {"name": None, "call_id": None, "arguments": arguments, "result": result}


def read_metadata(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the metadata."""
    found: dict[str, Any] = {}
    if (whole := attributes.get("metadata")) is not None:
        found["metadata"] = whole
    for name, value in attributes.items():
        if name.startswith(METADATA):
            found[name.removeprefix(METADATA)] = value
    return found or None


LANGFUSE_INGESTION = Dialect(
    name=SCOPE,
    rank=10,
    scopes=(SCOPE,),
    evidence=("type",),
    fields={
        "type": (Slot("kind", kind_of), Slot("kind", only_span, 1)),
        "model": (Slot("model"), Slot("kind", calls_a_model, 5)),
        "usageDetails": (Slot("whole.usage", whole_usage), Slot("kind", calls_a_model, 6)),
        "usage": (
            Slot("whole.usage", old_usage, 3),
            Slot("cost.input", inside("inputCost", convert=amount), 3),
            Slot("cost.output", inside("outputCost", convert=amount), 3),
            Slot("cost.total", inside("totalCost", convert=amount), 3),
        ),
        "costDetails": (
            Slot("cost.input", inside("input", convert=amount)),
            Slot("cost.output", inside("output", convert=amount)),
            Slot("cost.total", total_cost),
        ),
        "completionStartTime": (Slot("at.first_token", instant),),
        "level": (Slot("level", level_of),),
        "statusMessage": (Slot("status_message"),),
        "promptName": (Slot("prompt_name"),),
        "promptVersion": (Slot("prompt_version"),),
        "userId": (Slot("user_id", identity),),
        "sessionId": (Slot("session_id", identity),),
        "tags": (Slot("tags", strings),),
        "environment": (Slot("environment"),),
        "release": (Slot("release"),),
        "version": (Slot("version"),),
        **ours_below(METADATA, convert=text, order=17),
    },
    input=read_input,
    output=read_output,
    tool_definitions=read_tools,
    params=read_params,
    documents=read_documents,
    tool=read_tool,
    metadata=read_metadata,
)

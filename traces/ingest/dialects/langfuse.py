"""Langfuse: SDKs 3 to 5 in Python and JavaScript, and exporters that write its names."""

from __future__ import annotations

from functools import partial
from typing import Any

from traces.ingest.canonical.buckets import Usage, usage_of
from traces.ingest.dialects.documents import documents_of
from traces.ingest.dialects.fields import (
    Attributes,
    Dialect,
    Events,
    Slot,
    amount,
    flag,
    identity,
    inside,
    instant,
    json_text,
    mapping,
    parse,
    strings,
    text,
)
from traces.ingest.dialects.general import OURS, ours_below
from traces.ingest.record import Kind, Level

_SPAN = "langfuse.observation."
_INPUT, _OUTPUT, _TYPE = f"{_SPAN}input", f"{_SPAN}output", f"{_SPAN}type"
# The span's own metadata wins over that of its trace.
_METADATA = ("langfuse.trace.metadata", f"{_SPAN}metadata")

_KINDS = {kind.name.lower(): kind for kind in Kind} | {"llm": Kind.GENERATION}
_LEVELS = {level.name: level for level in Level}


def kind_of(value: Any) -> Kind | None:
    """Return the kind of an observation type but `span`, which Python until 3.3.0 always wrote."""
    kind = _KINDS.get(value.lower()) if isinstance(value, str) else None
    return kind or None


def only_span(value: Any) -> Kind | None:
    """Return the kind of the observation type `span`."""
    return Kind.SPAN if isinstance(value, str) and value.lower() == "span" else None


def calls_a_model(value: Any) -> Kind | None:
    """Return the kind of an observation that names a model or its usage."""
    return Kind.GENERATION if text(value) not in (None, "{}") else None


def level_of(value: Any) -> Level | None:
    """Return the level an observation was given."""
    return _LEVELS.get(value.upper()) if isinstance(value, str) else None


def whole_usage(value: Any) -> Usage | None:
    """Return the usage that `usage_details` tells."""
    return usage_of(value)


def total_cost(value: Any) -> Any:
    """Return the total of `cost_details`; without one the sum of its parts."""
    parts = mapping(value) or {}
    if parts.get("total") is not None:
        return amount(parts["total"])
    if parts.keys() <= {"input", "output"}:
        return None  # the price step adds them exactly
    known = [float(item) for part in parts.values() if (item := amount(part)) is not None]
    return sum(known) if known else None


def _is_offer(message: Any) -> bool:
    """Return whether what looks like a tool's answer is the definition of a tool."""
    if not isinstance(message, dict) or message.get("role") != "tool" or "tool_call_id" in message:
        return False
    content = message.get("content")
    return isinstance(content, dict) and not content.keys().isdisjoint(_SCHEMAS)


_SCHEMAS = frozenset({"function", "parameters", "input_schema"})


def _with_offers(sent: Any) -> list[Any]:
    """Return the messages to which langchain's handler added the tools offered, else nothing."""
    if not isinstance(sent, str) or '"tool"' not in sent:
        return []
    messages = parse(sent)
    return messages if isinstance(messages, list) and any(map(_is_offer, messages)) else []


def read_input(attributes: Attributes, _events: Events) -> Any:
    """Return what the observation was given."""
    sent = attributes.get(_INPUT)
    return [message for message in _with_offers(sent) if not _is_offer(message)] or sent


def read_output(attributes: Attributes, _events: Events) -> Any:
    """Return what the observation gave."""
    return attributes.get(_OUTPUT)


def read_tools(attributes: Attributes, _events: Events) -> Any:
    """Return the tools the OpenAI wrappers put beside the messages, langchain's among them."""
    sent = attributes.get(_INPUT)
    offers = [message["content"] for message in _with_offers(sent) if _is_offer(message)]
    if offers:
        return offers
    if isinstance(sent, str) and '"tools"' in sent:
        return (mapping(sent) or {}).get("tools") or None
    return None


def read_params(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the model's parameters."""
    return mapping(attributes.get(f"{_SPAN}model.parameters"))


def read_documents(attributes: Attributes, _events: Events) -> list[dict[str, Any]] | None:
    """Return what a retriever gave."""
    if text(attributes.get(_TYPE)) not in ("retriever", "RETRIEVER"):
        return None
    found = parse(attributes.get(_OUTPUT))
    if isinstance(found, dict) and "documents" not in found:
        return None
    return documents_of(found) if isinstance(found, (list, dict)) else None


def read_tool(attributes: Attributes, _events: Events) -> dict[str, Any] | None:
    """Return the tool an observation of that type runs; its name is the span's."""
    if text(attributes.get(_TYPE)) not in ("tool", "TOOL"):
        return None
    return {
        "name": None,
        "call_id": None,
        "arguments": parse(attributes.get(_INPUT)),
        "result": parse(attributes.get(_OUTPUT)),
    }


def read_metadata(attributes: Attributes, _events: Events, *, quoted: bool) -> Any:
    """Return the metadata of trace and span, each sent whole or key by key."""
    found: dict[str, Any] = {}
    for name in _METADATA:
        whole = attributes.get(name)
        if whole is not None:
            sent = parse(whole)
            found |= sent if isinstance(sent, dict) else {"metadata": sent}
        start = f"{name}."
        for key, value in attributes.items():
            if key.startswith(start):
                found[key[len(start) :]] = _decoded(value, quoted)
    return found or None


def _decoded(value: Any, quoted: bool) -> Any:
    """Return a value; only objects and lists are JSON where strings are sent as they are."""
    if not isinstance(value, str):
        return value
    return parse(value) if quoted or value[:1] in ("{", "[") else value


_EXPERIMENT = {
    "id": "id",
    "name": "name",
    "description": "description",
    "metadata": "metadata",
    "dataset.id": "dataset_id",
    "item.id": "item_id",
    "item.version": "item_version",
    "item.metadata": "item_metadata",
    "item.expected_output": "expected_output",
    "item.root_observation_id": "item_root_span_id",
}
_PARSED = frozenset({"metadata", "item_metadata", "expected_output"})


def _dialect(*, quoted: bool) -> Dialect:
    whole = {
        name: tuple(Slot(column, inside(ours, convert=text), 18) for ours, column in OURS.items())
        for name in _METADATA
    }
    return Dialect(
        name="langfuse",
        rank=10,
        quoted=quoted,
        evidence=(_TYPE, _INPUT),
        fields={
            _TYPE: (Slot("kind", kind_of), Slot("kind", only_span, 9)),
            f"{_SPAN}level": (Slot("level", level_of),),
            f"{_SPAN}status_message": (Slot("status_message"),),
            f"{_SPAN}model.name": (Slot("model"), Slot("kind", calls_a_model, 5)),
            f"{_SPAN}usage_details": (
                Slot("whole.usage", whole_usage),
                Slot("kind", calls_a_model, 6),
            ),
            f"{_SPAN}cost_details": (
                Slot("cost.input", inside("input", convert=amount)),
                Slot("cost.output", inside("output", convert=amount)),
                Slot("cost.total", total_cost),
            ),
            f"{_SPAN}completion_start_time": (Slot("at.first_token", instant),),
            f"{_SPAN}prompt.name": (Slot("prompt_name"),),
            f"{_SPAN}prompt.version": (Slot("prompt_version"),),
            "langfuse.user.id": (Slot("user_id", identity),),
            "langfuse.session.id": (Slot("session_id", identity),),
            "langfuse.trace.name": (Slot("trace.name"),),
            "langfuse.trace.input": (Slot("trace.input"),),
            "langfuse.trace.output": (Slot("trace.output"),),
            "langfuse.trace.tags": (Slot("tags", strings),),
            "langfuse.environment": (Slot("environment"),),
            "langfuse.release": (Slot("release"),),
            "langfuse.version": (Slot("version"),),
            "langfuse.internal.is_app_root": (Slot("is_app_root", flag),),
            "langfuse.internal.as_root": (Slot("is_app_root", flag, 1),),
            **{
                f"langfuse.experiment.{sent}": (
                    Slot(f"experiment.{name}", parse if name in _PARSED else text),
                )
                for sent, name in _EXPERIMENT.items()
            },
            **whole,
            **ours_below(
                *(f"{name}." for name in reversed(_METADATA)),
                convert=json_text if quoted else text,
                order=17,
            ),
        },
        input=read_input,
        output=read_output,
        tool_definitions=read_tools,
        params=read_params,
        documents=read_documents,
        tool=read_tool,
        metadata=partial(read_metadata, quoted=quoted),
    )


LANGFUSE = _dialect(quoted=False)
# Python from 5.0 on writes every metadata value as JSON.
LANGFUSE_QUOTED = _dialect(quoted=True)

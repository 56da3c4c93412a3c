"""Input and output as text in the sender's own form, and what can be told from them.

Everything is derived from the raw attributes and events when it is read.
"""

from __future__ import annotations

import json
from typing import Any

from traces.ingest.canonical.messages import canonical
from traces.ingest.canonical.messages import tool_calls_requested as requested_in
from traces.ingest.dialects.fields import Attributes, Events
from traces.ingest.dialects.registry import table_for


def as_text(source: Any) -> str | None:
    """Return text as it is and any other value as JSON; None for nothing."""
    if source is None or source == "":
        return None
    return source if isinstance(source, str) else json.dumps(source, ensure_ascii=False)


def input_text(attributes: Attributes, events: Events, scope_name: str | None = None) -> str | None:
    """Return a span's input in the sender's form; None where it has none."""
    return as_text(table_for(scope_name).read("input", attributes, events))


def output_text(
    attributes: Attributes, events: Events, scope_name: str | None = None
) -> str | None:
    """Return a span's output in the sender's form; None where it has none."""
    return as_text(table_for(scope_name).read("output", attributes, events))


def documents(
    attributes: Attributes, events: Events, scope_name: str | None = None
) -> list[dict[str, Any]] | None:
    """Return the documents a retrieval found: `[{id, content, score, metadata}]`."""
    found: list[dict[str, Any]] | None = table_for(scope_name).read("documents", attributes, events)
    return found


def tool(
    attributes: Attributes,
    events: Events,
    scope_name: str | None = None,
    span_name: str | None = None,
) -> dict[str, Any] | None:
    """Return the tool a span runs: `{name, call_id, arguments, result}`.

    `span_name` is the tool's name where no attribute gives it.
    """
    found: dict[str, Any] | None = table_for(scope_name).read("tool", attributes, events)
    if found is not None and found.get("name") is None:
        found["name"] = span_name
    return found


def tool_calls_requested(
    attributes: Attributes, events: Events, scope_name: str | None = None
) -> list[str] | None:
    """Return the names of the tools the model asked for."""
    output = table_for(scope_name).read("output", attributes, events)
    return requested_in(canonical(output, "assistant"))

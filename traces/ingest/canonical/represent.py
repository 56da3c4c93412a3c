"""The document stored as a span's content, and how it is read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from traces.ingest.canonical.mapping import find, grouped, of_resource
from traces.ingest.canonical.messages import canonical
from traces.ingest.canonical.previews import previews
from traces.ingest.dialects import registry
from traces.ingest.dialects.registry import Table, language_of, table_for
from traces.ingest.record import Kind, SpanRecord

__all__ = ["Read", "content_document", "previews", "read_content", "read_whole"]

# Stored under their own names where they are set.
_ALWAYS = (
    "input",
    "output",
    "system_instructions",
    "params",
    "tool_definitions",
    "tool",
    "documents",
    "metadata",
    "attributes",
    "events",
    "links",
    "resource",
    "cost_given",
    "start_ns",
    "end_ns",
    "sent_start_ns",
    "cuts",
    "dialect",
    "versions",
)
# What the columns do not hold. Of a span in a known dialect they stand in its raw attributes, and
# are read from there; so they are not stored a second time.
_DERIVABLE = (
    "usage",
    "finish_reasons",
    "response_id",
    "operation_name",
    "user_segment",
    "index_name",
    "index_version",
    "route",
    "version",
    "tags",
    "is_app_root",
)
# Groups of attributes that make one field; derivable likewise.
_GROUPS = {
    "trace_name": ("trace", "name"),
    "trace_input": ("trace", "input"),
    "trace_output": ("trace", "output"),
    "experiment": ("experiment", ""),
    "token_details": ("detail", ""),
}
# Read from the raw attributes by the dialects when the document does not hold them.
_READ = (
    "system_instructions",
    "params",
    "tool_definitions",
    "tool",
    "documents",
    "metadata",
    "prompt_variables",
)
# Attributes that name a tool; elsewhere its name is that of the span, which is no attribute.
_TOOL_NAMES = frozenset({"gen_ai.tool.name", "tool.name", "ai.toolCall.name"})


def content_document(record: SpanRecord) -> dict[str, Any]:
    """Return what is stored of a span beside its columns; absent and empty values are left out.

    `input` and `output` of a span in a known dialect stay in its attributes: see `read_content`.
    """
    document: dict[str, Any] = {}
    for name in _ALWAYS:
        value = getattr(record, name)
        if value is not None and value != {} and value != []:
            document[name] = value
    if record.dialect not in registry.NAMES:
        for name in (*_DERIVABLE, *_GROUPS):
            value = getattr(record, name)
            if value is not None and value is not False:
                document[name] = value
    elif record.kind == Kind.TOOL and _TOOL_NAMES.isdisjoint(record.attributes):
        document["tool_name"] = record.name
    if record.otel_kind:
        document["otel_kind"] = record.otel_kind
    if record.scope_name is not None or record.scope_attributes:
        scope: dict[str, Any] = {"name": record.scope_name}
        if record.scope_version is not None:
            scope["version"] = record.scope_version
        if record.scope_attributes:
            scope["attributes"] = record.scope_attributes
        document["scope"] = scope
    if record.is_mapped and not registry.makes(record.dialect, has_scope="scope" in document):
        document["mapped"] = True  # nothing else would tell
    return document


@dataclass(frozen=True, slots=True)
class Read:
    """The whole content of a span; its input and output also as they were sent."""

    content: dict[str, Any]
    sent_input: Any
    sent_output: Any


def read_content(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole content of a span: the stored document and what its attributes say.

    Adds `input` and `output` (canonical messages where they are a chat), the other content and the
    fields that are not columns. What the document holds itself is never replaced.
    """
    return read_whole(document).content


def read_whole(document: Mapping[str, Any]) -> Read:
    """Return what `read_content` does, with input and output in the sender's own form.

    What is sent is what the document holds, else what its attributes say; None or "" is nothing.
    """
    attributes = document.get("attributes", {})
    events = document.get("events", [])
    scope = document.get("scope") or {}
    resource = document.get("resource", {})
    table = table_for(scope.get("name"), scope.get("version"), language_of(resource))
    content = dict(document)
    sent = []
    for name, role in (("input", "user"), ("output", "assistant")):
        stored = source = content.get(name)
        if source is None or source == "":
            source = table.read(name, attributes, events)
        if (stored is None or stored != "") and source is not None and source != "":
            content[name] = canonical(source, role)
        sent.append(source)
    for name in _READ:
        if name not in content:
            value = table.read(name, attributes, events)
            if value is not None:
                content[name] = value
    tool = content.get("tool")
    if tool is not None and tool.get("name") is None and "tool_name" in document:
        content["tool"] = {**tool, "name": document["tool_name"]}
    for name, value in _fields(attributes, resource, table).items():
        content.setdefault(name, value)
    return Read(content, *sent)


def _fields(attributes: dict[str, Any], resource: dict[str, Any], table: Table) -> dict[str, Any]:
    found = {**of_resource(resource), **find(attributes, table)}
    fields = {name: found[name] for name in _DERIVABLE if name in found}
    groups = grouped(found)
    if "whole" in groups:
        groups["detail"] = groups["whole"]["usage"].details
    for field, (group, name) in _GROUPS.items():
        members = groups.get(group, {})
        value: Any = members.get(name) if name else members
        if value:
            fields[field] = value
    usage = {key: value for key, value in attributes.items() if key in table.usage_keys}
    if usage:
        fields["usage"] = usage
    return fields

"""A stored span derived again from what arrived: events joined it, or dialects changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from traces.ingest.canonical.mapping import fill, of_resource
from traces.ingest.dialects import registry
from traces.ingest.dialects.registry import language_of, table_for
from traces.ingest.record import Level, SpanRecord
from traces.ingest.rows import AT, Row
from traces.ingest.wire.clean import Cleaner
from traces.ingest.wire.limits import Limits

_LIMITS = Limits()
MAPPED = "mapped"  # in a document whose columns no dialect made: a rule gave the feature
_OK, _ERROR = 1, 2  # OpenTelemetry's status codes
# What one event tells of the whole call: content only, never usage.
DETAILS_EVENT = "gen_ai.client.inference.operation.details"
_CONTENT = (
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.definitions",
)
# Columns of a row that are fields of a record under the same name.
_COPIED = tuple(
    name
    for name in AT
    if name
    not in {
        "start_time",
        "duration_us",
        "project_id",
        "counts",
        "evaluates",
        "input_preview",
        "output_preview",
        # Of these the row holds what the settled look found; what was said stands in the document.
        "user_segment",
        "route",
        "api_key_id",
    }
)


def is_derived(document: Mapping[str, Any]) -> bool:
    """True where the columns came out of raw attributes, and so can be derived again."""
    return registry.makes(document.get("dialect"), has_scope="scope" in document)


def record_again(row: Row, document: Mapping[str, Any]) -> SpanRecord:
    """The record of a stored span as today's dialects read its raw attributes and events.

    A span whose columns its sender gave itself (native JSON) keeps them. OpenTelemetry's status is
    not stored: an error is one still, and `error.type` alone does not make one of what was none.
    """
    scope = document.get("scope") or {}
    resource = document.get("resource") or {}
    cuts: list[dict[str, Any]] = list(document.get("cuts") or [])
    record = SpanRecord(
        trace_id=row[AT["trace_id"]],
        span_id=row[AT["span_id"]],
        name=row[AT["name"]],
        parent_span_id=row[AT["parent_span_id"]],
        start_ns=document.get("start_ns"),
        end_ns=document.get("end_ns"),
        attributes=with_details(document),
        events=list(document.get("events") or []),
        links=list(document.get("links") or []),
        resource=resource,
        scope_attributes=scope.get("attributes") or {},
        scope_name=scope.get("name"),
        scope_version=scope.get("version"),
        otel_kind=document.get("otel_kind", 0),
        cuts=cuts,
        status_message=row[AT["status_message"]],
        sent_start_ns=document.get("sent_start_ns"),
        versions=document.get("versions"),
    )
    if not is_derived(document):
        _as_given(record, row, document)
        return record
    cleaner = Cleaner(_LIMITS)
    cleaner.cuts = []  # what was cut when the span came is marked already
    table = table_for(scope.get("name"), scope.get("version"), language_of(resource))
    failed = row[AT["level"]] == Level.ERROR
    fill(record, table, of_resource(resource), _ERROR if failed else _OK, cleaner)
    return record


def with_details(document: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a span, and the messages that a details event says instead of them."""
    attributes = dict(document.get("attributes") or {})
    for event in document.get("events") or []:
        if event.get("name") == DETAILS_EVENT:
            told = event.get("attributes") or {}
            for name in _CONTENT:
                if name in told:
                    attributes.setdefault(name, told[name])
    return attributes


def _as_given(record: SpanRecord, row: Row, document: Mapping[str, Any]) -> None:
    for name in _COPIED:
        setattr(record, name, row[AT[name]])
    record.usage_counts = bool(row[AT["counts"]])
    for name in SpanRecord.__dataclass_fields__:
        if name in document and name not in _COPIED and name != "dialect":
            setattr(record, name, document[name])
    record.dialect = document.get("dialect")
    record.service = of_resource(record.resource).get("service")
    record.is_mapped = bool(document.get(MAPPED))
    record.feature_is_service = record.is_mapped or record.feature in (None, record.service)

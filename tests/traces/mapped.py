"""One span, decoded and mapped, from its attributes."""

from __future__ import annotations

from typing import Any

from tests.traces.otlp_build import pairs, request, span
from tests.traces.recordings import PROTOBUF
from traces.ingest.canonical.represent import content_document, read_content
from traces.ingest.record import KIND_NAMES, TOKEN_CLASSES, SpanRecord
from traces.ingest.wire.decode import decode_otlp
from traces.ingest.wire.limits import Limits

PYTHON = {"telemetry.sdk.language": "python"}


def mapped(
    attributes: dict[str, Any],
    *,
    scope: str = "app",
    version: str = "",
    name: str = "span",
    resource: dict[str, Any] | None = None,
    events: list[tuple[str, int, dict[str, Any]]] | None = None,
) -> SpanRecord:
    """Return the record of a span with these attributes."""
    sent = span(attributes, name=name)
    for event, at, inner in events or []:
        sent.events.add(name=event, time_unix_nano=at, attributes=pairs(inner))
    made = request(sent, resource=resource, scope=scope)
    made.resource_spans[0].scope_spans[0].scope.version = version
    (record,) = decode_otlp(made.SerializeToString(), PROTOBUF, limits=Limits()).records
    return record


def facts(record: SpanRecord, *names: str) -> dict[str, Any]:
    """Return the fields named: columns, `kind` by its word, `tokens` by class, or content."""
    content = read_content(content_document(record))
    found: dict[str, Any] = {}
    for name in names:
        if name == "kind":
            found[name] = KIND_NAMES[record.kind]
        elif name == "tokens":
            counts = {term: getattr(record, term) for term in TOKEN_CLASSES}
            found[name] = {term: count for term, count in counts.items() if count is not None}
        elif getattr(record, name, None) is not None:
            found[name] = getattr(record, name)
        else:
            found[name] = content.get(name)
    return found


def check(attributes: dict[str, Any], expected: dict[str, Any], **where: Any) -> None:
    """Assert that a span with these attributes has these facts."""
    assert facts(mapped(attributes, **where), *expected) == expected

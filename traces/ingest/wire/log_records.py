"""OTLP log records: the events in which GenAI instrumentations send messages, apart from spans.

Source: https://opentelemetry.io/docs/specs/otlp/ and the GenAI events of the semantic conventions,
read 2026-11-20.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import orjson
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from traces.ingest.wire import otlp_json, otlp_protobuf
from traces.ingest.wire.decode import is_json
from traces.ingest.wire.errors import BadRequestBody
from traces.ingest.wire.json_body import read_json
from traces.ingest.wire.limits import Limits
from traces.ingest.wire.otlp import Batch

_NAME = "event.name"


@dataclass(slots=True)
class LogRecord:
    """One event of a span. `attributes` unites those of the record with the fields of its body."""

    trace_id: str
    span_id: str
    name: str
    time_ns: int
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Names the event by its content: a repeated export makes the same."""
        said = [self.name, self.time_ns, self.attributes]
        canonical = orjson.dumps(
            said, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
        )
        return hashlib.sha256(canonical).hexdigest()[:32]


@dataclass(slots=True)
class DecodedLogs:
    """Events that belong to a span; `ignored` counts log records that are no such events."""

    records: list[LogRecord]
    ignored: int = 0


def decode_logs(body: bytes, content_type: str, *, limits: Limits) -> DecodedLogs:
    """Return the GenAI events of an ExportLogsServiceRequest.

    Raises: BadRequestBody: 400 for a body that cannot be read, 415 for another content type.
    """
    return _from_json(body, limits) if is_json(content_type) else _from_protobuf(body, limits)


def _from_protobuf(body: bytes, limits: Limits) -> DecodedLogs:
    request: Any = ExportLogsServiceRequest()
    try:
        request.ParseFromString(body)
    except DecodeError:
        detail = "The body is not a protobuf ExportLogsServiceRequest, or it ends too early"
        raise BadRequestBody(400, detail) from None
    batch = Batch(limits)
    reader = otlp_protobuf.Reader(batch)
    found = DecodedLogs([])
    for of_resource in request.resource_logs:
        for of_scope in of_resource.scope_logs:
            for record in of_scope.log_records:
                batch.begin()
                _add(
                    found,
                    limits,
                    trace_id=record.trace_id.hex() if any(record.trace_id) else "",
                    span_id=record.span_id.hex() if any(record.span_id) else "",
                    name=record.event_name,
                    time_ns=record.time_unix_nano or record.observed_time_unix_nano,
                    attributes=reader.attributes(
                        record.attributes, "attributes", limits.inner_attributes
                    ),
                    body=batch.cleaner.value(reader.plain(record.body), "body"),
                )
    return found


def _from_json(body: bytes, limits: Limits) -> DecodedLogs:
    request, lenient = read_json(body)
    if not isinstance(request, dict):
        raise BadRequestBody(400, "The body must be a JSON object with resourceLogs")
    batch = Batch(limits, lenient=lenient)
    reader = otlp_json.Reader(batch)
    found = DecodedLogs([])
    for at, of_resource in otlp_json.objects(request, "resourceLogs", "resource_logs", ""):
        for scope_at, of_scope in otlp_json.objects(of_resource, "scopeLogs", "scope_logs", at):
            for where, record in otlp_json.objects(of_scope, "logRecords", "log_records", scope_at):
                batch.begin()
                _add(
                    found,
                    limits,
                    trace_id=otlp_json.id_in_hex(
                        otlp_json.either(record, "traceId", "trace_id"), 16
                    )
                    or "",
                    span_id=otlp_json.id_in_hex(otlp_json.either(record, "spanId", "span_id"), 8)
                    or "",
                    name=otlp_json.as_text(otlp_json.either(record, "eventName", "event_name")),
                    time_ns=_time(record, where),
                    attributes=reader.attributes(record, "attributes", limits.inner_attributes),
                    body=batch.cleaner.value(_plain_body(record, where), "body"),
                )
    return found


def _time(record: dict[str, Any], where: str) -> int:
    for camel, snake in (
        ("timeUnixNano", "time_unix_nano"),
        ("observedTimeUnixNano", "observed_time_unix_nano"),
    ):
        try:
            if time_ns := otlp_json.number(otlp_json.either(record, camel, snake)):
                return time_ns
        except (ValueError, TypeError, OverflowError):
            raise BadRequestBody(
                400, "A time is not a number of nanoseconds", f"{where}.{camel}"
            ) from None
    return 0


def _plain_body(record: dict[str, Any], where: str) -> Any:
    try:
        return otlp_json.plain(record.get("body"))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise BadRequestBody(400, "The body of a log record cannot be read", where) from None


def _add(
    found: DecodedLogs,
    limits: Limits,
    *,
    trace_id: str,
    span_id: str,
    name: str,
    time_ns: int,
    attributes: dict[str, Any],
    body: Any,
) -> None:
    name = name or str(attributes.get(_NAME, ""))
    if not (trace_id and span_id and name.startswith("gen_ai.")):
        found.ignored += 1
        return
    if len(found.records) >= limits.spans:
        raise BadRequestBody(400, f"A request may bring {limits.spans} events")
    if isinstance(body, dict):
        attributes = {**attributes, **body}
    elif body not in (None, ""):
        attributes = {**attributes, "body": body}
    time_ns = time_ns if 0 < time_ns < 2**63 else 0
    name = name.replace("\x00", "")[: limits.key]
    found.records.append(LogRecord(trace_id, span_id, name, time_ns, attributes))

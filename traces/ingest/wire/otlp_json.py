"""OTLP traces in JSON: hex ids, 64-bit numbers as text or number, enums as number or name.

Field names are lowerCamelCase by the protocol; snake_case, which some senders use, is taken too.
Unknown fields are ignored.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from traces.ingest.wire.errors import BadRequestBody
from traces.ingest.wire.json_body import read_json
from traces.ingest.wire.limits import Limits
from traces.ingest.wire.otlp import DROPPED, VECTOR, Batch, JsonObject

_KINDS = {
    "SPAN_KIND_UNSPECIFIED": 0,
    "SPAN_KIND_INTERNAL": 1,
    "SPAN_KIND_SERVER": 2,
    "SPAN_KIND_CLIENT": 3,
    "SPAN_KIND_PRODUCER": 4,
    "SPAN_KIND_CONSUMER": 5,
}
_STATUSES = {"STATUS_CODE_UNSET": 0, "STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2}


def decode(body: bytes, limits: Limits) -> Batch:
    """Return the spans of an ExportTraceServiceRequest in JSON.

    Raises:
        BadRequestBody: 400 when the body is no JSON, or its frame is not that of the message.
    """
    request, lenient = read_json(body)
    batch = Batch(limits, lenient=lenient)
    reader = Reader(batch)
    reader.read(request)
    return batch


class Reader:
    """Walks a parsed request in its JSON form."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.cleaner = batch.cleaner

    def read(self, request: Any) -> None:
        """Add every span of the request to the batch. Raises: BadRequestBody."""
        if not isinstance(request, dict):
            raise BadRequestBody(400, "The body must be a JSON object with resourceSpans")
        batch = self.batch
        most = batch.limits.attributes
        for resource_at, of_resource in objects(request, "resourceSpans", "resource_spans", ""):
            batch.begin()
            resource = as_object(of_resource.get("resource"))
            batch.enter_resource(self.attributes(resource, "resource", most))
            scopes = objects(of_resource, "scopeSpans", "scope_spans", resource_at)
            for scope_at, of_scope in scopes:
                batch.begin()
                scope = as_object(of_scope.get("scope"))
                attributes = self.attributes(scope, "scope", most)
                batch.enter_scope(
                    as_text(scope.get("name")), as_text(scope.get("version")), attributes
                )
                self._spans(of_scope, scope_at)

    def attributes(
        self, owner: JsonObject, where: str, most: int, known: Mapping[str, Any] | None = None
    ) -> JsonObject:
        """Return at most `most` attributes of a resource, scope, span, event or link."""
        sent = owner.get("attributes")
        if not sent:
            return {}
        pairs = [pair for pair in sent if isinstance(pair, dict)] if isinstance(sent, list) else []
        cleaner = self.cleaner
        if not isinstance(sent, list) or len(pairs) != len(sent):
            cleaner.mark(where, "malformed", None, len(sent) if isinstance(sent, list) else 1)
        if len(pairs) > most:
            cleaner.mark(where, "count", most, len(pairs))
            ours = [pair for pair in pairs if as_text(pair.get("key")) in (known or {})]
            rest = [pair for pair in pairs if as_text(pair.get("key")) not in (known or {})]
            pairs = (ours + rest)[:most]
        limit = cleaner.limits.text
        result: JsonObject = {}
        for pair in pairs:
            key = cleaner.key(as_text(pair.get("key")), where)
            value = pair.get("value")
            text = value.get("stringValue") if isinstance(value, dict) else None
            if isinstance(text, str):
                if len(text) > limit or "\0" in text or cleaner.lenient:
                    text = cleaner.text(text, f"{where}.{key}")
                result[key] = text
            elif (known := self._any_value(value, key, where)) is not DROPPED:
                result[key] = known
        return result

    def _any_value(self, value: Any, key: str, where: str) -> Any:
        try:
            taken = plain(value)
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            self.cleaner.mark(f"{where}.{key}", "undecodable")
            return None
        if isinstance(taken, list) and key.endswith(VECTOR):
            self.cleaner.mark(f"{where}.{key}", "vector", 0, len(taken))
            return DROPPED
        return self.cleaner.value(taken, f"{where}.{key}")

    def _spans(self, of_scope: JsonObject, scope_at: str) -> None:
        batch = self.batch
        for index, (where, span) in enumerate(objects(of_scope, "spans", "spans", scope_at)):
            if batch.full:
                reason = f"A request may bring {batch.limits.spans} spans"
                batch.reject(where, reason, len(of_scope["spans"]) - index)
                return
            self._span(span, where)

    def _span(self, span: JsonObject, where: str) -> None:
        batch = self.batch
        try:
            start = number(either(span, "startTimeUnixNano", "start_time_unix_nano"))
            end = number(either(span, "endTimeUnixNano", "end_time_unix_nano"))
        except (ValueError, TypeError, OverflowError):
            batch.reject(where, "A time is not a number of nanoseconds")
            return
        trace_id = id_in_hex(either(span, "traceId", "trace_id"), 16)
        if trace_id is None:
            batch.reject(f"{where}.traceId", _wrong_id("trace", 16, span, "traceId", "trace_id"))
            return
        span_id = id_in_hex(either(span, "spanId", "span_id"), 8)
        if span_id is None:
            batch.reject(f"{where}.spanId", _wrong_id("span", 8, span, "spanId", "span_id"))
            return
        cuts = batch.begin()
        sent_parent = either(span, "parentSpanId", "parent_span_id")
        parent = id_in_hex(sent_parent, 8)
        if parent is None and sent_parent and sent_parent != "0" * 16:
            batch.cleaner.mark("parent_span_id", "id", 8, ascii(sent_parent)[:128])
        status = as_object(span.get("status"))
        batch.add(
            trace_id=trace_id,
            span_id=span_id,
            parent_span_id=parent,
            name=as_text(span.get("name")),
            otel_kind=_enum(span.get("kind"), _KINDS),
            start=start,
            end=end,
            attributes=self.attributes(
                span, "attributes", batch.limits.attributes, batch.table.fields
            ),
            events=self._events(span),
            links=self._links(span),
            status=_enum(status.get("code"), _STATUSES),
            message=as_text(status.get("message")),
            cuts=cuts,
        )
        dropped = either(span, "droppedAttributesCount", "dropped_attributes_count")
        if isinstance(dropped, int) and dropped > 0:
            batch.cleaner.mark("attributes", "sender", None, dropped)

    def _events(self, span: JsonObject) -> list[JsonObject]:
        limits = self.cleaner.limits
        result: list[JsonObject] = []
        for event in self._limited(span, "events", limits.events):
            try:
                at = number(either(event, "timeUnixNano", "time_unix_nano"))
            except (ValueError, TypeError, OverflowError):
                at = 0
            name = self.cleaner.text(as_text(event.get("name")), "events.name", limits.name)
            result.append(
                {
                    "name": name,
                    "time_ns": at if 0 < at < 2**64 else None,
                    "attributes": self.attributes(event, "events", limits.inner_attributes),
                }
            )
        return result

    def _links(self, span: JsonObject) -> list[JsonObject]:
        limits = self.cleaner.limits
        return [
            {
                "trace_id": id_in_hex(either(link, "traceId", "trace_id"), 16) or "",
                "span_id": id_in_hex(either(link, "spanId", "span_id"), 8) or "",
                "attributes": self.attributes(link, "links", limits.inner_attributes),
            }
            for link in self._limited(span, "links", limits.links)
        ]

    def _limited(self, span: JsonObject, name: str, most: int) -> list[JsonObject]:
        sent = span.get(name)
        if not sent:
            return []
        items = [item for item in sent if isinstance(item, dict)] if isinstance(sent, list) else []
        if not isinstance(sent, list) or len(items) != len(sent):
            self.cleaner.mark(name, "malformed")
        if len(items) > most:
            self.cleaner.mark(name, "count", most, len(items))
        return items[:most]


def either(owner: JsonObject, camel: str, snake: str) -> Any:
    """Return the member under either spelling of its name."""
    value = owner.get(camel)
    return owner.get(snake) if value is None else value


def objects(owner: JsonObject, camel: str, snake: str, at: str) -> Iterator[tuple[str, JsonObject]]:
    """Yield (place, object) for a list of objects in the message's frame."""
    value = either(owner, camel, snake)
    if value is None:
        return
    place = f"{at}.{camel}" if at else camel
    if not isinstance(value, list):
        raise BadRequestBody(400, f"{camel} must be a list", place)
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            raise BadRequestBody(400, "An object is needed here", f"{place}[{index}]")
    for index, item in enumerate(value):
        yield f"{place}[{index}]", item


def as_object(value: Any) -> JsonObject:
    """Return the value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_text(value: Any) -> str:
    """Return the value as text; '' for what has none."""
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, (dict, list)) else str(value)


def number(value: Any) -> int:
    """Return a 64-bit number from text or number. Raises ValueError, TypeError, OverflowError."""
    if value is None or value == "":
        return 0
    return int(value)


def _enum(value: Any, names: dict[str, int]) -> int:
    if isinstance(value, str):
        if value in names:
            return names[value]
        return int(value) if len(value) < 4 and value.isdecimal() else 0
    return value if isinstance(value, int) else 0


def id_in_hex(value: Any, size: int) -> str | None:
    """Return a non-zero id in lower-case hex; also from base64, protobuf's own JSON form."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) == size * 2:
            raw = bytes.fromhex(value)
        elif len(value) == (size + 2) // 3 * 4:
            raw = base64.b64decode(value, validate=True)
        else:
            return None
    except (ValueError, binascii.Error):
        return None
    return raw.hex() if len(raw) == size and any(raw) else None


def _wrong_id(what: str, size: int, span: JsonObject, camel: str, snake: str) -> str:
    sent = either(span, camel, snake)
    if not sent:
        return f"The {what} id is missing"
    if isinstance(sent, str) and not sent.strip("0"):
        return f"The {what} id is all zeros"
    return f"The {what} id {str(sent)[:40]!r} is not {size} bytes in hex"


def plain(value: Any) -> Any:
    """Return an AnyValue in its JSON form as a Python value."""
    if not isinstance(value, dict):
        return None
    for name, inner in value.items():
        match name:
            case "stringValue" | "string_value":
                return as_text(inner)
            case "intValue" | "int_value":
                return number(inner)
            case "boolValue" | "bool_value":
                return inner if isinstance(inner, bool) else str(inner).lower() == "true"
            case "doubleValue" | "double_value":
                return float(inner)
            case "bytesValue" | "bytes_value":
                return base64.b64decode(inner)
            case "arrayValue" | "array_value":
                return [plain(item) for item in as_object(inner).get("values") or []]
            case "kvlistValue" | "kvlist_value":
                pairs = as_object(inner).get("values") or []
                return {as_text(pair.get("key")): plain(pair.get("value")) for pair in pairs}
    return None

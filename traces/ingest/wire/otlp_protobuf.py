"""OTLP traces in protobuf, read with the stock classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from traces.ingest.wire.clean import not_finite
from traces.ingest.wire.errors import BadRequestBody
from traces.ingest.wire.limits import Limits
from traces.ingest.wire.otlp import DROPPED, VECTOR, Batch, JsonObject
from traces.ingest.wire.otlp_lenient import TolerantRequest

# An empty span is two bytes on the wire and 170 in memory. Larger bodies are counted before they
# are parsed: one with this many times the spans that are taken is made to hurt.
WALKED_FROM = 4 * 2**20
TIMES_TOO_MANY = 10

_NO_TRACE, _NO_SPAN = bytes(16), bytes(8)


def decode(body: bytes, limits: Limits) -> Batch:
    """Return the spans of an ExportTraceServiceRequest.

    Invalid UTF-8 makes the stock classes refuse the whole request; then a tolerant reading follows,
    which replaces the bytes in question and marks them.

    Raises:
        BadRequestBody: 400 when the body is no such message.
    """
    if len(body) > WALKED_FROM:
        _check_count(body, limits.spans)
    request: Any = ExportTraceServiceRequest()
    try:
        request.ParseFromString(body)
        reader = Reader(Batch(limits))
    except DecodeError:
        try:
            request = TolerantRequest.parse(body)
        except DecodeError:
            detail = "The body is not a protobuf ExportTraceServiceRequest, or it ends too early"
            raise BadRequestBody(400, detail) from None
        reader = TolerantReader(Batch(limits, lenient=True))
    reader.read(request)
    return reader.batch


def _check_count(body: bytes, most: int) -> None:
    """Refuse a request with far more resources, scopes and spans than `most`.

    Raises: BadRequestBody 413. What is no such message is left to the parser to refuse.
    """
    left = most * TIMES_TOO_MANY
    view = memoryview(body)
    # (from, to, level): resource spans and scope spans are looked into for their field 2.
    inside = [(0, len(body), 0)]
    while inside:
        at, end, level = inside.pop()
        wanted = 0x0A if level == 0 else 0x12
        while at < end:
            tag = view[at]
            at, size = _length(view, at + 1, end)
            if tag & 7 != 2 or at + size > end:
                break
            if tag == wanted:
                left -= 1
                if left < 0:
                    raise BadRequestBody(413, f"A request may bring {most:,} spans; this has more")
                if level < 2:
                    inside.append((at, at + size, level + 1))
            at += size


def _length(view: memoryview, at: int, end: int) -> tuple[int, int]:
    """Read a varint; return where it ends, and its value."""
    value = shift = 0
    while at < end:
        byte = view[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return at, value


class Reader:
    """Walks a parsed request. Text fields are `str`, attribute values are AnyValue messages."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.cleaner = batch.cleaner
        self._keys: set[str] = set()  # names seen to be within the limits

    def read(self, request: Any) -> None:
        """Add every span of the request to the batch."""
        batch = self.batch
        for resource_index, of_resource in enumerate(request.resource_spans):
            batch.begin()
            most = batch.limits.attributes
            resource = of_resource.resource
            batch.enter_resource(self.attributes(resource.attributes, "resource", most))
            for scope_index, of_scope in enumerate(of_resource.scope_spans):
                batch.begin()
                scope = of_scope.scope
                attributes = self.attributes(scope.attributes, "scope", most)
                batch.enter_scope(self.text(scope.name), self.text(scope.version), attributes)
                self._spans(
                    of_scope.spans, f"resourceSpans[{resource_index}].scopeSpans[{scope_index}]"
                )

    def text(self, value: Any) -> str:
        """Return a text field."""
        text: str = value
        return text

    def attributes(
        self, pairs: Sequence[Any], where: str, most: int, known: Mapping[str, Any] | None = None
    ) -> JsonObject:
        """Return at most `most` attributes as a dict, those in `known` first."""
        if len(pairs) > most:
            pairs = self.fewer(pairs, where, most, known or {})
        cleaner = self.cleaner
        limit = cleaner.limits.text
        keys = self._keys
        result: JsonObject = {}
        for pair in pairs:
            key = pair.key
            if key not in keys:
                key = self._new_key(key, where)
            value = pair.value
            text = value.string_value
            if text:
                if len(text) > limit or "\0" in text:
                    text = cleaner.text(text, f"{where}.{key}")
                result[key] = text
            elif number := value.int_value:
                result[key] = number
            elif (plain := self.any_value(value, key, where)) is not DROPPED:
                result[key] = plain
        return result

    def _new_key(self, key: str, where: str) -> str:
        kept = self.cleaner.key(key, where)
        if kept is key and len(self._keys) < 10_000:
            self._keys.add(key)
        return kept

    def fewer(
        self, pairs: Iterable[Any], where: str, most: int, known: Mapping[str, Any]
    ) -> list[Any]:
        """Return `most` pairs, those with a known key first, and mark the rest."""
        pairs = list(pairs)
        ours = [pair for pair in pairs if self.text(pair.key) in known]
        rest = [pair for pair in pairs if self.text(pair.key) not in known]
        self.cleaner.mark(where, "count", most, len(pairs))
        return (ours + rest)[:most]

    def any_value(self, value: Any, key: str, where: str) -> Any:
        """Return an AnyValue as a Python value, or DROPPED."""
        kind = value.WhichOneof("value")
        if kind == "int_value":
            return value.int_value
        if kind == "bool_value":
            return value.bool_value
        if kind == "double_value":
            number = value.double_value
            return number if number - number == 0 else not_finite(number)
        if kind == "string_value":
            return ""
        if kind == "array_value":
            items = value.array_value.values
            if key.endswith(VECTOR):
                self.cleaner.mark(f"{where}.{key}", "vector", 0, len(items))
                return DROPPED
            if len(items) == 1 and (text := items[0].string_value):
                # The commonest list by far: one finish reason.
                return [self.cleaner.text(self.text(text), f"{where}.{key}[0]")]
        return self.cleaner.value(self.plain(value), f"{where}.{key}")

    def plain(self, value: Any) -> Any:
        """Return an AnyValue as it stands, with no limit but the parser's own depth (100)."""
        kind = value.WhichOneof("value")
        if kind is None:
            return None
        if kind == "array_value":
            return [self.plain(item) for item in value.array_value.values]
        if kind == "kvlist_value":
            return {self.text(p.key): self.plain(p.value) for p in value.kvlist_value.values}
        inner = getattr(value, kind)
        return self.text(inner) if kind == "string_value" else inner

    def _spans(self, spans: Sequence[Any], place: str) -> None:
        batch = self.batch
        limits = batch.limits
        most, known = limits.attributes, batch.table.fields
        text = self.text
        for index, span in enumerate(spans):
            if batch.full:
                reason = f"A request may bring {limits.spans} spans"
                batch.reject(f"{place}.spans[{index}]", reason, len(spans) - index)
                return
            trace_id, span_id, parent = span.trace_id, span.span_id, span.parent_span_id
            if len(trace_id) != 16 or trace_id == _NO_TRACE:
                batch.reject(f"{place}.spans[{index}].traceId", wrong_id("trace", 16, trace_id))
                continue
            if len(span_id) != 8 or span_id == _NO_SPAN:
                batch.reject(f"{place}.spans[{index}].spanId", wrong_id("span", 8, span_id))
                continue
            cuts = batch.begin()
            if parent and (len(parent) != 8 or parent == _NO_SPAN):
                parent = wrong_parent(parent, batch)
            events, links, status = span.events, span.links, span.status
            batch.add(
                trace_id=trace_id.hex(),
                span_id=span_id.hex(),
                parent_span_id=parent.hex() if parent else None,
                name=text(span.name),
                otel_kind=span.kind,
                start=span.start_time_unix_nano,
                end=span.end_time_unix_nano,
                attributes=self.attributes(span.attributes, "attributes", most, known),
                events=self._events(events) if events else [],
                links=self._links(links) if links else [],
                status=status.code,
                message=text(status.message),
                cuts=cuts,
            )
            dropped = span.dropped_attributes_count
            if dropped:
                batch.cleaner.mark("attributes", "sender", None, dropped)

    def _events(self, events: Sequence[Any]) -> list[JsonObject]:
        limits = self.cleaner.limits
        if len(events) > limits.events:
            self.cleaner.mark("events", "count", limits.events, len(events))
            events = events[: limits.events]
        result: list[JsonObject] = []
        for event in events:
            attributes = event.attributes
            result.append(
                {
                    "name": self.cleaner.text(self.text(event.name), "events.name", limits.name),
                    "time_ns": event.time_unix_nano or None,
                    "attributes": self.attributes(attributes, "events", limits.inner_attributes)
                    if attributes
                    else {},
                }
            )
        return result

    def _links(self, links: Sequence[Any]) -> list[JsonObject]:
        limits = self.cleaner.limits
        if len(links) > limits.links:
            self.cleaner.mark("links", "count", limits.links, len(links))
            links = links[: limits.links]
        return [
            {
                "trace_id": link.trace_id[:16].hex(),
                "span_id": link.span_id[:8].hex(),
                "attributes": self.attributes(link.attributes, "links", limits.inner_attributes),
            }
            for link in links
        ]


class TolerantReader(Reader):
    """Walks a tolerantly parsed request: text is bytes, an attribute's value is still encoded."""

    def text(self, value: Any) -> str:
        """Return a text field; undecodable bytes become surrogates, which the cleaner replaces."""
        encoded: bytes = value
        return encoded.decode("utf-8", "surrogateescape")

    def attributes(
        self, pairs: Sequence[Any], where: str, most: int, known: Mapping[str, Any] | None = None
    ) -> JsonObject:
        """Return at most `most` attributes as a dict, those in `known` first."""
        if len(pairs) > most:
            pairs = self.fewer(pairs, where, most, known or {})
        result: JsonObject = {}
        for pair in pairs:
            key = self.cleaner.key(self.text(pair.key), where)
            try:
                value = TolerantRequest.value(pair.value)
            except DecodeError:
                # Nested too deeply for the parser, or damaged: only this value is lost.
                self.cleaner.mark(f"{where}.{key}", "undecodable", None, len(pair.value))
                result[key] = None
                continue
            text = value.string_value
            if text:
                result[key] = self.cleaner.text(self.text(text), f"{where}.{key}")
            elif (plain := self.any_value(value, key, where)) is not DROPPED:
                result[key] = plain
        return result


def wrong_id(what: str, size: int, sent: bytes) -> str:
    """Return the reason for refusing an id."""
    if len(sent) == size:
        return f"The {what} id is all zeros"
    return f"The {what} id has {len(sent)} bytes instead of {size}"


def wrong_parent(sent: bytes, batch: Batch) -> bytes:
    """Mark a parent id that cannot be one; the span is kept as a root, for its content counts."""
    if sent != _NO_SPAN:
        batch.cleaner.mark("parent_span_id", "id", 8, sent[:64].hex())
    return b""

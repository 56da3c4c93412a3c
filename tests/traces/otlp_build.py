"""Small OTLP requests for tests, and Hypothesis strategies for any valid one."""

from __future__ import annotations

from typing import Any

from google.protobuf.json_format import MessageToDict
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span

TRACE_ID, SPAN_ID = bytes(range(1, 17)), bytes(range(1, 9))
START = 1_795_187_094_314_356_482


def value(plain: Any) -> AnyValue:
    """Return a Python value as an AnyValue."""
    match plain:
        case None:
            return AnyValue()
        case bool():
            return AnyValue(bool_value=plain)
        case int():
            return AnyValue(int_value=plain)
        case float():
            return AnyValue(double_value=plain)
        case str():
            return AnyValue(string_value=plain)
        case bytes():
            return AnyValue(bytes_value=plain)
        case list():
            return AnyValue(array_value=ArrayValue(values=[value(item) for item in plain]))
    return AnyValue(kvlist_value=KeyValueList(values=pairs(plain)))


def pairs(attributes: dict[str, Any]) -> list[KeyValue]:
    """Return a dict as attributes."""
    return [KeyValue(key=key, value=value(plain)) for key, plain in attributes.items()]


def span(attributes: dict[str, Any] | None = None, **fields: Any) -> Span:
    """Return a span with valid ids and times."""
    known = {
        "trace_id": TRACE_ID,
        "span_id": SPAN_ID,
        "name": "chat",
        "start_time_unix_nano": START,
        "end_time_unix_nano": START + 1_000_000,
        **fields,
    }
    return Span(attributes=pairs(attributes or {}), **known)


def request(
    *spans: Span, resource: dict[str, Any] | None = None, scope: str = "app"
) -> ExportTraceServiceRequest:
    """Return a request with these spans in one scope."""
    made = ExportTraceServiceRequest()
    of_resource = made.resource_spans.add()
    of_resource.resource.attributes.extend(pairs(resource or {}))
    of_scope = of_resource.scope_spans.add()
    of_scope.scope.name = scope
    of_scope.spans.extend(spans)
    return made


def as_otlp_json(message: ExportTraceServiceRequest) -> dict[str, Any]:
    """Return a request in OTLP's JSON: protobuf's own, but ids in hex."""
    made: dict[str, Any] = MessageToDict(message)
    for of_resource, resource in zip(
        made.get("resourceSpans", []), message.resource_spans, strict=True
    ):
        scopes = zip(of_resource.get("scopeSpans", []), resource.scope_spans, strict=True)
        for of_scope, scope in scopes:
            for one, sent in zip(of_scope.get("spans", []), scope.spans, strict=True):
                one["traceId"], one["spanId"] = sent.trace_id.hex(), sent.span_id.hex()
                if sent.parent_span_id:
                    one["parentSpanId"] = sent.parent_span_id.hex()
                for link, sent_link in zip(one.get("links", []), sent.links, strict=True):
                    link["traceId"] = sent_link.trace_id.hex()
                    link["spanId"] = sent_link.span_id.hex()
    return made


_TEXT = st.text(max_size=30)
_KEYS = st.one_of(
    _TEXT,
    st.sampled_from(
        [
            "gen_ai.operation.name",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.input.messages",
            "gen_ai.request.model",
            "openinference.span.kind",
            "llm.token_count.prompt",
            "llm.input_messages.0.message.role",
            "llm.cost.total",
            "tag.tags",
            "session.id",
            "error.type",
        ]
    ),
)
PLAIN = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(),
        _TEXT,
        st.binary(max_size=10),
        st.sampled_from(["chat", "LLM", '[{"role":"user","content":"hi"}]', "120", "None"]),
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=8,
)
ATTRIBUTES = st.dictionaries(_KEYS, PLAIN, max_size=8)
_TIMES = st.one_of(st.just(0), st.integers(0, 2**64 - 1), st.just(START))
_EVENTS = st.lists(
    st.builds(
        lambda name, at, attributes: Span.Event(
            name=name, time_unix_nano=at, attributes=pairs(attributes)
        ),
        st.sampled_from(["exception", "gen_ai.choice", "gen_ai.user.message", "x"]) | _TEXT,
        _TIMES,
        ATTRIBUTES,
    ),
    max_size=3,
)
_IDS = st.binary(min_size=16, max_size=16), st.binary(min_size=8, max_size=8)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """Any span a client may send; its ids may be all zeros."""
    made = span(
        draw(ATTRIBUTES),
        trace_id=draw(_IDS[0]),
        span_id=draw(_IDS[1]),
        parent_span_id=draw(st.just(b"") | _IDS[1]),
        name=draw(_TEXT),
        kind=draw(st.integers(0, 5)),
        start_time_unix_nano=draw(_TIMES),
        end_time_unix_nano=draw(_TIMES),
        events=draw(_EVENTS),
    )
    made.status.code = draw(st.integers(0, 2))  # type: ignore[assignment]
    made.status.message = draw(_TEXT)
    return made


REQUESTS = st.builds(
    lambda some, resource, scope: request(*some, resource=resource, scope=scope),
    st.lists(spans(), max_size=4),
    ATTRIBUTES,
    _TEXT,
)

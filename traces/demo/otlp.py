"""From told spans to request bodies for the public endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span

from traces.demo.spans import put

# Spans of a request: few enough that an answer takes well under a second on a busy machine.
SPANS_EACH = 256


@dataclass(frozen=True, slots=True)
class Told:
    """The spans of one trace, or of a part of it, with what its resource says."""

    spans: Sequence[Span]
    environment: str
    release: str

    @property
    def end_ns(self) -> int:
        """When the last span ended."""
        return max(span.end_time_unix_nano for span in self.spans)


@dataclass(frozen=True, slots=True)
class Post:
    """A request: where it goes, its body, and how much it holds."""

    path: str
    content_type: str
    body: bytes
    spans: int


def post(told: Iterable[Told]) -> Post:
    """Return one OTLP request with all of `told`, one resource for each environment and release."""
    request = ExportTraceServiceRequest()
    resources: dict[tuple[str, str], ResourceSpans] = {}
    count = 0
    for one in told:
        key = (one.environment, one.release)
        held = resources.get(key)
        if held is None:
            held = resources[key] = request.resource_spans.add()
            put(
                held.resource.attributes,
                {
                    "service.name": "support-assistant",
                    "service.version": one.release,
                    "service.instance.id": f"assistant-{one.environment}-1",
                    "deployment.environment.name": one.environment,
                    "telemetry.sdk.language": "python",
                    "telemetry.sdk.name": "opentelemetry",
                    "telemetry.sdk.version": "1.45.2",
                },
            )
            scope = held.scope_spans.add().scope
            scope.name, scope.version = "northwind.assistant", one.release
        held.scope_spans[0].spans.extend(one.spans)
        count += len(one.spans)
    body: bytes = request.SerializeToString(deterministic=True)
    return Post("/v1/traces", "application/x-protobuf", body, count)


def posts(told: Iterable[Told], spans_each: int = SPANS_EACH) -> Iterator[Post]:
    """Yield requests of about `spans_each` spans; a trace is never split."""
    waiting: list[Told] = []
    count = 0
    for one in told:
        waiting.append(one)
        count += len(one.spans)
        if count >= spans_each:
            yield post(waiting)
            waiting, count = [], 0
    if waiting:
        yield post(waiting)

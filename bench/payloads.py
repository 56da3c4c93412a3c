"""Realistic OTLP requests, the same ones for the same seed.

A trace has eight spans: an agent at the root; an embedding and a retrieval; two generations that
ask for tools; two tools; the generation that answers. About 2.65 KB of protobuf a span.

    python -m bench.payloads --requests 3 --spans 512 --out DIR
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

SPANS_A_TRACE = 8
# 2026-11-01 00:00:00 UTC
START_NS = 1_793_491_200_000_000_000

_WORDS = tuple(
    """
    order refund invoice customer policy delivery account support agent ticket please check the
    status of my last purchase because it was damaged on arrival and return window days receipt
    number warehouse shipping address payment card charged twice subscription cancel renewal help
    manager apology credit voucher product size colour replacement email confirmation tracking
    courier weekend holiday discount price match warranty repair technician appointment morning
    """.split()  # noqa: SIM905 - a list of words is easier to read so
)
_TOOLS = ("lookup_order", "issue_refund", "track_parcel", "search_articles")
_MODELS = (
    ("openai", "gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
    ("openai", "gpt-4.1", "gpt-4.1-2025-04-14"),
    ("anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
    ("openai", "gpt-5-mini", "gpt-5-mini-2025-08-07"),
)

Message = dict[str, object]
Value = str | int | float | bool | list[str]


@dataclass(frozen=True, slots=True)
class Shape:
    """What the requests look like. Start times are spread evenly over `spread_s` seconds."""

    spans: int = 512
    start_ns: int = START_NS
    spread_s: float = 3_600.0
    environments: tuple[str, ...] = ("production", "staging")
    features: tuple[str, ...] = ("support", "search", "drafts")
    models: tuple[tuple[str, str, str], ...] = _MODELS
    users: int = 500
    sessions: int = 2_000
    error_rate: float = 0.02
    words: int = 142  # words of a user's message; sets the size of everything


def requests(count: int, seed: int = 1, shape: Shape | None = None) -> Iterator[bytes]:
    """Yield `count` serialised ExportTraceServiceRequests."""
    shape = shape or Shape()
    chance = random.Random(seed)
    traces = max(shape.spans // SPANS_A_TRACE, 1)
    step = int(shape.spread_s * 1e9 / max(count * traces, 1))
    start = shape.start_ns
    for _ in range(count):
        request = ExportTraceServiceRequest()
        environment, feature = chance.choice(shape.environments), chance.choice(shape.features)
        scope = ScopeSpans()
        scope.scope.name, scope.scope.version = "support-app", "2.3.1"
        for _ in range(traces):
            scope.spans.extend(_Trace(chance, shape, start).spans())
            start += step
        del scope.spans[shape.spans :]
        resource = Resource(
            attributes=_pairs(
                {
                    "telemetry.sdk.language": "python",
                    "telemetry.sdk.name": "opentelemetry",
                    "telemetry.sdk.version": "1.45.2",
                    "service.name": feature,
                    "service.version": "2.3.1",
                    "service.instance.id": f"{chance.getrandbits(128):032x}",
                    "deployment.environment.name": environment,
                }
            )
        )
        request.resource_spans.append(ResourceSpans(resource=resource, scope_spans=[scope]))
        yield request.SerializeToString()


class _Trace:
    """Makes the spans of one conversation turn."""

    def __init__(self, chance: random.Random, shape: Shape, start: int) -> None:
        self.chance = chance
        self.shape = shape
        self.now = start
        self.trace_id = chance.getrandbits(128).to_bytes(16, "big")
        self.root_id = chance.getrandbits(64).to_bytes(8, "big")
        self.question = self._words(shape.words)
        self.answer = self._words(shape.words // 2)
        self.who = {
            "user.id": f"user-{chance.randrange(shape.users)}",
            "session.id": f"session-{chance.randrange(shape.sessions)}",
        }
        self.provider, self.asked, self.answered = chance.choice(shape.models)

    def spans(self) -> list[Span]:
        """Return the spans as exporters send them: children first."""
        begin = self.now
        spans = [self._embedding(), self._retrieval()]
        messages = [
            _message("system", self._words(self.shape.words)),
            _message("user", self.question),
        ]
        for turn in range(2):
            tool = self.chance.choice(_TOOLS)
            call = {"order": f"A-{self.chance.randrange(99_999)}", "reason": self._words(12)}
            result = {"status": "done", "detail": self._words(60)}
            identity = f"call_{turn}_{self.chance.getrandbits(48):x}"
            reply: Message = {
                "role": "assistant",
                "parts": [{"type": "tool_call", "id": identity, "name": tool, "arguments": call}],
            }
            spans.append(self._generation(messages, reply, "tool_call"))
            spans.append(self._tool(tool, identity, call, result))
            answer = {"type": "tool_call_response", "id": identity, "response": result}
            messages = [*messages, reply, {"role": "tool", "parts": [answer]}]
        spans.append(self._generation(messages, _message("assistant", self.answer), "stop"))
        root = self._span(
            "invoke_agent support",
            {
                "gen_ai.operation.name": "invoke_agent",
                "gen_ai.agent.name": "support",
                "gen_ai.input.messages": json.dumps([_message("user", self.question)]),
                "gen_ai.output.messages": json.dumps([_message("assistant", self.answer)]),
                "roadworthy.user.segment": self.chance.choice(("free", "pro")),
            },
            0,
        )
        root.span_id, root.parent_span_id = self.root_id, b""
        root.start_time_unix_nano, root.end_time_unix_nano = begin, self.now
        return [*spans, root]

    def _generation(self, messages: list[Message], reply: Message, finish: str) -> Span:
        chance = self.chance
        tokens = sum(len(json.dumps(message)) for message in messages) // 4
        attributes: dict[str, Value] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": self.provider,
            "gen_ai.request.model": self.asked,
            "gen_ai.request.temperature": 0.2,
            "gen_ai.request.max_tokens": 800,
            "gen_ai.response.model": self.answered,
            "gen_ai.response.id": f"chatcmpl-{chance.getrandbits(96):x}",
            "gen_ai.response.finish_reasons": [finish],
            "gen_ai.response.time_to_first_chunk": round(chance.uniform(0.1, 0.9), 6),
            "gen_ai.usage.input_tokens": tokens,
            "gen_ai.usage.output_tokens": chance.randrange(20, 400),
            "gen_ai.usage.cache_read.input_tokens": tokens // 2,
            "gen_ai.input.messages": json.dumps(messages),
            "gen_ai.output.messages": json.dumps([{**reply, "finish_reason": finish}]),
            "server.address": "api.example.com",
            "server.port": 443,
        }
        span = self._span(f"chat {self.asked}", attributes, chance.randrange(400, 3_000), kind=3)
        if chance.random() < self.shape.error_rate:
            span.status.code = Status.STATUS_CODE_ERROR
            span.status.message = "The upstream answered 529"
            span.attributes.extend(_pairs({"error.type": "OverloadedError"}))
        return span

    def _tool(self, name: str, identity: str, call: object, result: object) -> Span:
        return self._span(
            f"execute_tool {name}",
            {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": name,
                "gen_ai.tool.call.id": identity,
                "gen_ai.tool.type": "function",
                "gen_ai.tool.call.arguments": json.dumps(call),
                "gen_ai.tool.call.result": json.dumps(result),
            },
            self.chance.randrange(5, 300),
        )

    def _retrieval(self) -> Span:
        documents = [
            {
                "id": f"doc-{self.chance.randrange(10_000)}",
                "score": round(self.chance.random(), 4),
                "content": self._words(80),
            }
            for _ in range(5)
        ]
        return self._span(
            "retrieval articles",
            {
                "gen_ai.operation.name": "retrieval",
                "gen_ai.data_source.id": "articles",
                "gen_ai.retrieval.query.text": self.question,
                "gen_ai.retrieval.documents": json.dumps(documents),
                "roadworthy.index.name": "articles",
                "roadworthy.index.version": "2026-10-28",
            },
            self.chance.randrange(10, 80),
        )

    def _embedding(self) -> Span:
        return self._span(
            "embeddings text-embedding-3-small",
            {
                "gen_ai.operation.name": "embeddings",
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": "text-embedding-3-small",
                "gen_ai.response.model": "text-embedding-3-small",
                "gen_ai.usage.input_tokens": len(self.question) // 4,
                "gen_ai.embeddings.dimension.count": 1536,
            },
            self.chance.randrange(20, 90),
            kind=3,
        )

    def _span(self, name: str, attributes: dict[str, Value], took_ms: int, kind: int = 1) -> Span:
        start = self.now
        self.now = start + took_ms * 1_000_000
        return Span(
            trace_id=self.trace_id,
            span_id=self.chance.getrandbits(64).to_bytes(8, "big"),
            parent_span_id=self.root_id,
            name=name,
            kind=kind,  # type: ignore[arg-type]
            start_time_unix_nano=start,
            end_time_unix_nano=self.now,
            attributes=_pairs({**attributes, **self.who}),
            status=Status(),
        )

    def _words(self, count: int) -> str:
        return " ".join(self.chance.choices(_WORDS, k=count))


def _message(role: str, text: str) -> Message:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def _pairs(attributes: dict[str, Value]) -> list[KeyValue]:
    return [KeyValue(key=key, value=_value(value)) for key, value in attributes.items()]


def _value(value: Value) -> AnyValue:
    if isinstance(value, str):
        return AnyValue(string_value=value)
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    return AnyValue(array_value=ArrayValue(values=[_value(item) for item in value]))


def main() -> None:
    """Write requests as files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--requests", type=int, default=1)
    parser.add_argument("--spans", type=int, default=512)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    made = requests(options.requests, options.seed, Shape(spans=options.spans))
    for index, body in enumerate(made):
        (options.out / f"{index:05d}.pb").write_bytes(body)


if __name__ == "__main__":
    main()

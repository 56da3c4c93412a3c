"""The span of a call, in the canonical form that intake's writer takes. Pure."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.client.about import About
from gateway.client.answer import Answer, Embedded, Usage
from gateway.client.attempts import Trail
from gateway.client.connection import Connection
from gateway.client.errors import CallFailed
from gateway.client.request import ChatRequest, EmbeddingRequest, document_of
from gateway.models import Kind as ProviderKind
from traces.ingest.record import Kind, Level, SpanRecord

SIMULATED_TAG = "simulated"
LEFT = "The caller left before the end."
WITHHELD = "withheld"
SYSTEM = "gen_ai.openai.response.system_fingerprint"


@dataclass(slots=True)
class Timing:
    """The ids of a call and the moments in it. The clock runs from the start."""

    trace_id: str = field(default_factory=lambda: secrets.token_hex(16))
    span_id: str = field(default_factory=lambda: secrets.token_hex(8))
    start_ns: int = field(default_factory=time.time_ns)
    first_us: int | None = None
    _began: int = field(default_factory=time.perf_counter_ns)

    @property
    def elapsed_us(self) -> int:
        """Since the start."""
        return (time.perf_counter_ns() - self._began) // 1000

    def note_first(self) -> None:
        """The first piece of the answer is here."""
        if self.first_us is None:
            self.first_us = self.elapsed_us


def chat_record(
    about: About,
    connection: Connection,
    request: ChatRequest,
    timing: Timing,
    trail: Trail,
    answer: Answer,
    *,
    left_out: Sequence[str] = (),
    failure: Exception | None = None,
    is_over: bool = True,
) -> SpanRecord:
    """The span of a call for an answer; of one that failed or was left, with what had come."""
    record = _record(about, connection, request.model, timing, trail)
    record.kind = Kind.GENERATION
    record.name = about.name or f"chat {request.model}"
    record.operation_name = "chat"
    record.model = answer.model or request.model
    record.response_id = answer.response_id or None
    record.finish_reasons = [answer.finish_reason] if answer.finish_reason else None
    if not about.is_withheld:
        record.input = [document_of(message) for message in request.messages]
    if answer.message.parts and not about.is_withheld:
        said = document_of(answer.message)
        record.output = [{**said, "finish_reason": answer.finish_reason or None}]
    record.tool_definitions = [dict(tool) for tool in request.tools] or None
    record.params = _params(request)
    record.ttft_us = timing.first_us if request.stream else None
    if left_out:
        record.attributes["roadworthy.parameters_left_out"] = list(left_out)
    if answer.system:
        record.attributes[SYSTEM] = answer.system[:200]
    _count(record, answer.usage)
    _judge(record, about, connection, failure, is_over)
    return record


def embedding_record(
    about: About,
    connection: Connection,
    request: EmbeddingRequest,
    timing: Timing,
    trail: Trail,
    embedded: Embedded | None,
    *,
    failure: Exception | None = None,
    is_over: bool = True,
) -> SpanRecord:
    """The span of a call for vectors; the vectors are not kept."""
    record = _record(about, connection, request.model, timing, trail)
    record.kind = Kind.EMBEDDING
    record.name = about.name or f"embeddings {request.model}"
    record.operation_name = "embeddings"
    record.model = embedded.model if embedded else request.model
    record.input = None if about.is_withheld else list(request.texts)
    if embedded and embedded.vectors:
        record.attributes["gen_ai.embeddings.dimension.count"] = len(embedded.vectors[0])
    _count(record, embedded.usage if embedded else None)
    _judge(record, about, connection, failure, is_over)
    return record


def _record(
    about: About, connection: Connection, model: str, timing: Timing, trail: Trail
) -> SpanRecord:
    """What the spans of all calls have in common."""
    is_simulated = connection.kind == ProviderKind.SIMULATED
    withheld = {"roadworthy.content": WITHHELD} if about.is_withheld else {}
    tags = [*about.tags, *([SIMULATED_TAG] if is_simulated else [])]
    return SpanRecord(
        trace_id=timing.trace_id,
        span_id=timing.span_id,
        parent_span_id=about.parent_span_id or None,
        name="",
        start_ns=timing.start_ns,
        end_ns=timing.start_ns + timing.elapsed_us * 1000,
        provider=connection.provider,
        model_requested=model,
        feature=about.feature or None,
        environment=about.environment or None,
        prompt_name=about.prompt_name or None,
        prompt_version=about.prompt_version or None,
        user_id=about.user_id or None,
        session_id=about.session_id or None,
        tags=tags or None,
        metadata=dict(about.metadata) or None,
        attributes={
            "roadworthy.connection": connection.name,
            "roadworthy.tries": trail.tries,
            **withheld,
        },
        events=[
            {
                "name": "retry",
                "time_ns": None,
                "attributes": {
                    "error.type": failure.error.word,
                    "error.message": _words(about, connection, failure.error),
                    "roadworthy.pause_ms": round(failure.pause_seconds * 1000),
                },
            }
            for failure in trail.failures
        ],
        dialect="native",
    )


def _params(request: ChatRequest) -> dict[str, Any]:
    params: dict[str, Any] = {**request.parameters, "stream": request.stream}
    if request.tool_choice:
        params["tool_choice"] = request.tool_choice
    if request.response_schema is not None:
        params["response_schema"] = dict(request.response_schema)
    return params


def _count(record: SpanRecord, usage: Usage | None) -> None:
    if usage is None:
        return
    record.in_uncached = usage.in_uncached
    record.in_cached = usage.in_cached
    record.in_cache_write = usage.in_cache_write
    record.in_audio = usage.in_audio
    record.out_text = usage.out_text
    record.out_reasoning = usage.out_reasoning
    record.out_audio = usage.out_audio
    record.token_details = dict(usage.details) or None
    record.usage = dict(usage.given) or None


def _judge(
    record: SpanRecord,
    about: About,
    connection: Connection,
    failure: Exception | None,
    is_over: bool,
) -> None:
    """Say how it went."""
    if failure is not None:
        record.level = Level.ERROR
        word = failure.word if isinstance(failure, CallFailed) else type(failure).__name__
        record.error_type, record.status_message = word, _words(about, connection, failure)
    elif not is_over:
        record.level = Level.WARNING
        record.error_type, record.status_message = "cancelled", LEFT


def _words(about: About, connection: Connection, failure: Exception) -> str:
    """What went wrong; a provider may quote what it was sent."""
    return WITHHELD if about.is_withheld else connection.hide(str(failure))

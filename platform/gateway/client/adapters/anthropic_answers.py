"""What Anthropic's Messages API answers: whole, streamed, models, faults.

Source: the types of the package `anthropic`, read 2026-11-30.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from gateway.client.adapters.openai_answers import models_of
from gateway.client.adapters.wire import ServerEvent, count_of, document_of, rest, text_of
from gateway.client.answer import (
    Delta,
    Embedded,
    Finished,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageTold,
)
from gateway.client.errors import BadAnswer, CutOff
from gateway.client.request import EmbeddingRequest

__all__ = ["answer_of", "embedded_of", "fault_of", "models_of", "stream_reader", "usage_of"]

_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


def answer_of(document: Mapping[str, Any]) -> Iterator[Delta]:
    """Every block, with the usage."""
    blocks = document.get("content")
    if not isinstance(blocks, list):
        raise BadAnswer("The provider's answer has no content.")
    yield Started(text_of(document.get("model")), text_of(document.get("id")))
    calls = 0
    for block in blocks:
        match block.get("type"):
            case "text":
                yield TextDelta(text_of(block.get("text")))
            case "thinking":
                yield ReasoningDelta(
                    text_of(block.get("thinking")), text_of(block.get("signature"))
                )
            case "tool_use":
                arguments = orjson.dumps(block.get("input") or {}).decode()
                identity, name = text_of(block.get("id")), text_of(block.get("name"))
                yield ToolCallDelta(calls, identity, name, arguments)
                calls += 1
    if reason := text_of(document.get("stop_reason")):
        yield Finished(_REASONS.get(reason, reason))
    if isinstance(document.get("usage"), dict):
        yield UsageTold(usage_of(document["usage"]))


def stream_reader() -> Reader:
    """A reader of Anthropic's events."""
    return Reader()


class Reader:
    """Reads events from `message_start` to `message_stop`."""

    def __init__(self) -> None:
        self.is_whole = self.is_over = False
        self._usage: dict[str, Any] = {}
        self._calls: dict[int, int] = {}  # index of a block -> which tool call it is

    def read(self, event: ServerEvent) -> Iterator[Delta]:
        """The pieces in one event."""
        document = document_of(event.data)
        match document.get("type"):
            case "message_start":
                message = document.get("message") or {}
                yield Started(text_of(message.get("model")), text_of(message.get("id")))
                # The output that it tells here is that of the first moment, not of the answer.
                self._usage = dict(message.get("usage") or {})
                yield UsageTold(usage_of({**self._usage, "output_tokens": None}))
            case "content_block_start":
                yield from self._block(
                    document.get("index", 0), document.get("content_block") or {}
                )
            case "content_block_delta":
                yield from self._delta(document.get("index", 0), document.get("delta") or {})
            case "message_delta":
                if reason := text_of((document.get("delta") or {}).get("stop_reason")):
                    yield Finished(_REASONS.get(reason, reason))
                told = document.get("usage") or {}
                self._usage |= {name: value for name, value in told.items() if value is not None}
                yield UsageTold(usage_of(self._usage))
            case "message_stop":
                self.is_whole = self.is_over = True
            case "error":
                raise CutOff(f"The provider stopped with an error: {fault_of(document)}")

    def _block(self, index: int, block: Mapping[str, Any]) -> Iterator[Delta]:
        if block.get("type") == "tool_use":
            self._calls[index] = len(self._calls)
            identity, name = text_of(block.get("id")), text_of(block.get("name"))
            yield ToolCallDelta(self._calls[index], identity, name)
        elif text := text_of(block.get("text")):
            yield TextDelta(text)

    def _delta(self, index: int, delta: Mapping[str, Any]) -> Iterator[Delta]:
        match delta.get("type"):
            case "text_delta":
                yield TextDelta(text_of(delta.get("text")))
            case "thinking_delta":
                yield ReasoningDelta(text_of(delta.get("thinking")))
            case "signature_delta":
                yield ReasoningDelta("", text_of(delta.get("signature")))
            case "input_json_delta" if index in self._calls:
                arguments = text_of(delta.get("partial_json"))
                yield ToolCallDelta(self._calls[index], arguments=arguments)


def usage_of(record: Mapping[str, Any]) -> Usage:
    """Disjoint classes: Anthropic's input kinds are; thoughts are part of the output."""
    thought = count_of(record, "output_tokens_details", "thinking_tokens") or None
    written = {
        f"in_cache_write_{name}": count
        for name in ("5m", "1h")
        if (count := count_of(record, "cache_creation", f"ephemeral_{name}_input_tokens"))
    }
    return Usage(
        in_uncached=count_of(record, "input_tokens"),
        in_cached=count_of(record, "cache_read_input_tokens") or None,
        in_cache_write=count_of(record, "cache_creation_input_tokens") or None,
        out_text=rest(count_of(record, "output_tokens"), thought),
        out_reasoning=thought,
        details=written,
        given={name: value for name, value in record.items() if value is not None},
    )


def embedded_of(document: Mapping[str, Any], request: EmbeddingRequest) -> Embedded:
    """Raises: BadAnswer, always."""
    raise BadAnswer("Anthropic has no embeddings.")


def fault_of(document: Any) -> str:
    """`error.message`."""
    error = document.get("error") if isinstance(document, dict) else None
    return text_of(error.get("message")) if isinstance(error, dict) else ""

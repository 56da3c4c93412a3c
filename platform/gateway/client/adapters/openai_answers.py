"""What OpenAI's protocol answers: whole, streamed, vectors, models, faults.

Source: the types of the package `openai`, read 2026-11-30. Reasoning stands in `reasoning_content`
(DeepSeek, vLLM) or `reasoning` (OpenRouter, Groq).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

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

_DONE = "[DONE]"


def answer_of(document: Mapping[str, Any]) -> Iterator[Delta]:
    """The first choice, with its usage."""
    choices = document.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(first, dict) or not isinstance(first.get("message"), dict):
        raise BadAnswer("The provider's answer has no message.")
    yield _started(document)
    yield from _said(first["message"])
    if reason := text_of(first.get("finish_reason")):
        yield Finished(reason)
    if isinstance(document.get("usage"), dict):
        yield UsageTold(usage_of(document["usage"]))


def stream_reader() -> Reader:
    """A reader of chunks."""
    return Reader()


class Reader:
    """Reads chunks up to `[DONE]`; a server that leaves that out has said why the model stopped."""

    def __init__(self) -> None:
        self.is_whole = self.is_over = False
        self._started = self._is_signed = False

    def read(self, event: ServerEvent) -> Iterator[Delta]:
        """The pieces of the first choice."""
        if event.data == _DONE:
            self.is_whole = self.is_over = True
            return
        chunk = document_of(event.data)
        if chunk.get("error"):
            raise CutOff(f"The provider stopped with an error: {fault_of(chunk)}")
        # Azure tells the fingerprint only after its first chunk.
        is_signed = not self._is_signed and bool(chunk.get("system_fingerprint"))
        if is_signed or (not self._started and (chunk.get("model") or chunk.get("id"))):
            self._started, self._is_signed = True, self._is_signed or is_signed
            yield _started(chunk)
        for choice in chunk.get("choices") or ():
            if not isinstance(choice, dict) or choice.get("index", 0) != 0:
                continue
            yield from _said(choice.get("delta") or {})
            if reason := text_of(choice.get("finish_reason")):
                self.is_whole = True
                yield Finished(reason)
        if isinstance(chunk.get("usage"), dict):
            yield UsageTold(usage_of(chunk["usage"]))


def _started(document: Mapping[str, Any]) -> Started:
    names = ("model", "id", "system_fingerprint")
    return Started(*(text_of(document.get(name)) for name in names))


def _said(message: Mapping[str, Any]) -> Iterator[Delta]:
    """What a message, or a piece of one, says."""
    thought = text_of(message.get("reasoning_content")) or text_of(message.get("reasoning"))
    if thought:
        yield ReasoningDelta(thought)
    for name in ("content", "refusal"):
        if text := text_of(message.get(name)):
            yield TextDelta(text)
    for place, call in enumerate(message.get("tool_calls") or ()):
        function = call.get("function") or {}
        yield ToolCallDelta(
            call.get("index", place),
            text_of(call.get("id")),
            text_of(function.get("name")),
            text_of(function.get("arguments")),
        )


def usage_of(record: Mapping[str, Any]) -> Usage:
    """Disjoint classes: OpenAI counts cached and audio tokens within the prompt, reasoning and
    audio within the completion. What it does not use is told as 0, which says nothing."""
    prompt, completion = count_of(record, "prompt_tokens"), count_of(record, "completion_tokens")
    cached = count_of(record, "prompt_tokens_details", "cached_tokens") or None
    heard = count_of(record, "prompt_tokens_details", "audio_tokens") or None
    thought = count_of(record, "completion_tokens_details", "reasoning_tokens") or None
    spoken = count_of(record, "completion_tokens_details", "audio_tokens") or None
    return Usage(
        in_uncached=rest(prompt, cached, heard),
        in_cached=cached,
        in_audio=heard,
        out_text=rest(completion, thought, spoken),
        out_reasoning=thought,
        out_audio=spoken,
        given=record,
    )


def embedded_of(document: Mapping[str, Any], request: EmbeddingRequest) -> Embedded:
    """Vectors by their index."""
    rows = document.get("data")
    if not isinstance(rows, list) or len(rows) != len(request.texts):
        raise BadAnswer("The provider's answer has another number of vectors than asked for.")
    try:
        ordered = sorted(rows, key=lambda row: row["index"])
        vectors = [[float(part) for part in row["embedding"]] for row in ordered]
    except (KeyError, TypeError, ValueError):
        raise BadAnswer("The provider's vectors are no lists of numbers.") from None
    usage = document.get("usage")
    return Embedded(
        vectors,
        text_of(document.get("model")) or request.model,
        usage_of(usage) if isinstance(usage, dict) else None,
    )


def models_of(document: Mapping[str, Any]) -> list[str]:
    """The ids in `data`."""
    rows = document.get("data")
    if not isinstance(rows, list):
        raise BadAnswer("The provider's list of models is none.")
    names = [text_of(row.get("id")) for row in rows if isinstance(row, dict)]
    return sorted(name for name in names if name)


def fault_of(document: Any) -> str:
    """`error.message`, or what stands in its place in other servers."""
    return _first_text(document, ("error", "message", "detail"))


def _first_text(value: Any, names: Iterable[str]) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list) and value:
        return _first_text(value[0], names)
    if isinstance(value, dict):
        for name in (*names, "msg"):
            if found := _first_text(value.get(name), names):
                return found
    return ""

"""What comes back from a model, piece by piece and whole. Pure.

Token classes are disjoint, as everywhere: None is not known or not used, 0 is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.client.request import Message, Part, Reasoning, Text, ToolCall


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a call. `details` are parts of classes under their own names; `given` is the
    provider's own record, as it came."""

    in_uncached: int | None = None
    in_cached: int | None = None
    in_cache_write: int | None = None
    in_audio: int | None = None
    out_text: int | None = None
    out_reasoning: int | None = None
    out_audio: int | None = None
    details: Mapping[str, int] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def input_tokens(self) -> int | None:
        """All classes of the input together; None where none is known."""
        return _total(self.in_uncached, self.in_cached, self.in_cache_write, self.in_audio)

    @property
    def output_tokens(self) -> int | None:
        """All classes of the output together; None where none is known."""
        return _total(self.out_text, self.out_reasoning, self.out_audio)


def _total(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class Started:
    """The provider says who answers; `system` is its fingerprint of all that runs the model."""

    model: str = ""
    response_id: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of what the model thinks; the signature comes last, without text."""

    text: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """More of the `index`th tool call: its id and name once, its arguments piece by piece."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class UsageTold:
    """The usage so far; a later one replaces it."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Finished:
    """Why the model stopped: `stop`, `length`, `tool_calls`, `content_filter`, or its own word."""

    reason: str


Delta = Started | TextDelta | ReasoningDelta | ToolCallDelta | UsageTold | Finished
CONTENT = (TextDelta, ReasoningDelta, ToolCallDelta)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, or as much of one as came."""

    message: Message
    model: str
    response_id: str = ""
    system: str = ""  # the provider's fingerprint, where it tells one
    finish_reason: str = ""
    usage: Usage | None = None

    @property
    def text(self) -> str:
        """What the model said."""
        return self.message.text


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors in the order of the texts."""

    vectors: list[list[float]] = field(repr=False)
    model: str
    usage: Usage | None = None


class Gathering:
    """Puts an answer together out of its pieces."""

    def __init__(self, model: str) -> None:
        self._answer = Answer(Message("assistant", ()), model)
        self._text: list[str] = []
        self._thought: list[str] = []
        self._signature = ""
        self._calls: dict[int, list[str]] = {}

    def add(self, delta: Delta) -> None:
        """Take the next piece."""
        match delta:
            case TextDelta():
                self._text.append(delta.text)
            case ReasoningDelta():
                self._thought.append(delta.text)
                self._signature += delta.signature
            case ToolCallDelta():
                call = self._calls.setdefault(delta.index, ["", "", ""])
                call[0] = call[0] or delta.id
                call[1] = call[1] or delta.name
                call[2] += delta.arguments
            case Started():
                model = delta.model or self._answer.model
                identity = delta.response_id or self._answer.response_id
                system = delta.system or self._answer.system
                self._answer = replace(
                    self._answer, model=model, response_id=identity, system=system
                )
            case UsageTold():
                self._answer = replace(self._answer, usage=delta.usage)
            case Finished():
                self._answer = replace(self._answer, finish_reason=delta.reason)

    @property
    def answer(self) -> Answer:
        """What came so far."""
        parts: list[Part] = []
        if self._thought or self._signature:
            parts.append(Reasoning("".join(self._thought), self._signature))
        if self._text:
            parts.append(Text("".join(self._text)))
        parts += [ToolCall(*self._calls[index]) for index in sorted(self._calls)]
        return replace(self._answer, message=Message("assistant", tuple(parts)))

"""The simulated provider: answers without a model and without a network, for demo and tests.

The same call has the same answer: it depends on the model's name, the messages and the parameters
alone. What it costs is 0 (`pricing.base_table`). Its models, and what the parameter `simulate` may
say, are in `docs/providers.md`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

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
from gateway.client.connection import Connection
from gateway.client.errors import AuthFailed, BadRequest, CutOff, RateLimited, Unavailable
from gateway.client.patience import Clock
from gateway.client.request import ChatRequest, EmbeddingRequest
from gateway.client.simulated_words import Script, count_tokens, script_of, vector_of

MODELS = (
    "simulated-small",
    "simulated-large",
    "simulated-reasoning",
    "simulated-embedding",
    "simulated-slow",
    "simulated-cut",
    "simulated-400",
    "simulated-401",
    "simulated-429",
    "simulated-500",
)
DIMENSIONS = 64
_FIRST_MS, _WORD_MS = 150, 15
_SLOW_FIRST_MS, _SLOW_WORD_MS = 3_000, 200
_LONGEST_MS = 600_000
FAILURES = frozenset({"400", "401", "429", "500", "cut", "slow"})


@dataclass(frozen=True, slots=True)
class Manner:
    """How a call is to go: which failure, if any, and the pauses before the first and each word."""

    fails: str
    first_ms: int
    word_ms: int


def manner_of(model: str, parameters: Mapping[str, Any]) -> Manner:
    """What the model's name says, and over it the parameter `simulate`. Raises: BadRequest."""
    said = parameters.get("simulate", {})
    if not isinstance(said, Mapping):
        raise BadRequest("simulate is an object with fail, first_ms, word_ms.", status=400)
    ending = model.rpartition("-")[2]
    fails = str(said.get("fail", ending if ending in FAILURES else ""))
    if fails and fails not in FAILURES:
        raise BadRequest(f"simulate.fail is one of {', '.join(sorted(FAILURES))}.", status=400)
    is_slow = fails == "slow"
    return Manner(
        fails,
        _ms(said, "first_ms", _SLOW_FIRST_MS if is_slow else _FIRST_MS),
        _ms(said, "word_ms", _SLOW_WORD_MS if is_slow else _WORD_MS),
    )


def _ms(said: Mapping[str, Any], name: str, default: int) -> int:
    given = said.get(name, default)
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= _LONGEST_MS:
        raise BadRequest(f"simulate.{name} is a number of milliseconds.", status=400)
    return given


class Simulated:
    """Does what `Http` does, with what a script says."""

    async def deltas(
        self, connection: Connection, request: ChatRequest, clock: Clock
    ) -> AsyncGenerator[Delta, None]:
        """One try of `request`. Raises: CallFailed."""
        manner = manner_of(request.model, request.parameters)
        await _wait(manner.first_ms, clock)
        _fail(connection.name, manner)
        try:
            script = script_of(request)
        except (AttributeError, TypeError, ValueError):
            raise BadRequest("The tools or the schema cannot be read (simulated).") from None
        yield Started(request.model, script.identity)
        words: list[Delta] = [*map(ReasoningDelta, script.thoughts), *map(TextDelta, script.words)]
        for place, word in enumerate(words):
            if manner.fails == "cut" and place >= len(words) // 2:
                break
            if place:
                await _wait(manner.word_ms, clock)
            yield word
        if manner.fails == "cut":
            raise CutOff("The answer broke off before its end (simulated).")
        if script.tool_name:
            arguments = orjson.dumps(script.tool_arguments).decode()
            yield ToolCallDelta(0, f"call-{script.identity[-8:]}", script.tool_name, arguments)
        yield Finished(script.finish_reason)
        yield UsageTold(usage_of(request, script))

    async def embedded(
        self, connection: Connection, request: EmbeddingRequest, clock: Clock
    ) -> Embedded:
        """One try of `request`. Raises: CallFailed."""
        manner = manner_of(request.model, {})
        await _wait(manner.first_ms, clock)
        _fail(connection.name, manner)
        tokens = sum(count_tokens(text) for text in request.texts)
        vectors = [vector_of(text, request.dimensions or DIMENSIONS) for text in request.texts]
        usage = Usage(in_uncached=tokens, given={"prompt_tokens": tokens, "total_tokens": tokens})
        return Embedded(vectors, request.model, usage)

    async def models(self, connection: Connection, clock: Clock) -> list[str]:
        """All there are."""
        return list(MODELS)


async def _wait(ms: int, clock: Clock) -> None:
    """Be silent that long. Raises: TimedOut."""
    try:
        async with clock.silence():
            await asyncio.sleep(ms / 1000)
    except TimeoutError:
        raise clock.too_late("The simulated provider") from None


def _fail(name: str, manner: Manner) -> None:
    match manner.fails:
        case "400":
            raise BadRequest(f"{name} does not take the request (400): simulated.", status=400)
        case "401":
            raise AuthFailed(f"{name} refuses the key (401): simulated.", status=401)
        case "429":
            text = f"{name} is asked too much (429): simulated."
            raise RateLimited(text, status=429, retry_after=0.1)
        case "500":
            raise Unavailable(f"{name} failed (500): simulated.", status=500)


def usage_of(request: ChatRequest, script: Script) -> Usage:
    """Tokens by length: what was sent, what was said, what was thought."""
    sent = script.input_tokens
    said = count_tokens("".join(script.words))
    said += count_tokens(orjson.dumps(script.tool_arguments).decode()) if script.tool_name else 0
    thought = count_tokens("".join(script.thoughts))
    given = {"prompt_tokens": sent, "completion_tokens": said + thought}
    return Usage(in_uncached=sent, out_text=said, out_reasoning=thought or None, given=given)

"""What tests of calls share: connections to the provider on loopback, and calls without a span."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

from gateway.client import ChatRequest, Connection, Patience, user
from gateway.client.answer import Answer, Delta, Gathering
from gateway.client.attempts import Trail, in_tries
from gateway.client.http import Http
from gateway.client.patience import Clock
from gateway.models import Kind
from tests.provider import Provider

KEY = "sk-test-0123456789abcdef"
QUICK = Patience(connect=2, first_byte=2, total=5, first_pause=0.01, most_pause=0.02)
HELLO = (user("Where is it?"),)


def openai(upstream: Provider, **more: Any) -> Connection:
    return Connection(Kind.OPENAI, "Test", upstream.url, KEY, **more)


def anthropic(upstream: Provider) -> Connection:
    return Connection(Kind.ANTHROPIC, "Test", upstream.url, KEY)


def azure(upstream: Provider, api_version: str = "2024-10-21") -> Connection:
    base = upstream.url.removesuffix("/v1")
    return Connection(Kind.AZURE, "Test", base, KEY, api_version)


def asked(model: str = "gpt-4o-mini", **more: Any) -> ChatRequest:
    return ChatRequest(model, more.pop("messages", HELLO), **more)


def deltas(
    connection: Connection, request: ChatRequest, patience: Patience = QUICK, trail: Any = None
) -> list[Delta]:
    """The pieces of an answer, with retries as any call has them. Raises: CallFailed."""

    async def read() -> list[Delta]:
        http, clock = Http(), Clock(patience)
        try:
            once = lambda: http.deltas(connection, request, clock)  # noqa: E731
            async with aclosing(in_tries(once, clock, trail or Trail([]))) as pieces:
                return [delta async for delta in pieces]
        finally:
            await http.close()

    return asyncio.run(read())


def answer(connection: Connection, request: ChatRequest, patience: Patience = QUICK) -> Answer:
    """The same, put together."""
    gathering = Gathering(request.model)
    for delta in deltas(connection, request, patience):
        gathering.add(delta)
    return gathering.answer

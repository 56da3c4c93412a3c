"""Calls over HTTP: one pool of connections, every limit of time, every failure in its type."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

import aiohttp
import httpx
import orjson

from gateway.addresses import BadAddress, judged
from gateway.client.adapters import StreamReader, adapter_for
from gateway.client.adapters.wire import EventReader, HttpCall, ServerEvent, document_of
from gateway.client.answer import Delta, Embedded
from gateway.client.connection import Connection
from gateway.client.errors import AuthFailed, BadAnswer, BadRequest, CutOff, TimedOut, Unavailable
from gateway.client.patience import Clock
from gateway.client.pool import Pool, Request, address_of, reason_of
from gateway.client.refusals import refusal_of
from gateway.client.request import ChatRequest, EmbeddingRequest

MOST_BYTES = 64 * 1024 * 1024  # of one answer; a guess: a million tokens are a tenth of it
# After the protocol's own end that of the answer is near; waiting for it lets the pool keep the
# connection.
LAST_WAIT_SECONDS = 0.2
# What reading a document of a shape nobody has thought of raises.
_ODD = (AttributeError, KeyError, TypeError, ValueError, IndexError)


class Http:
    """The calls of one event loop. Close it when done."""

    def __init__(self) -> None:
        self._pool = Pool()

    async def close(self) -> None:
        """Give all connections up."""
        await self._pool.close()

    async def deltas(
        self, connection: Connection, request: ChatRequest, clock: Clock
    ) -> AsyncGenerator[Delta, None]:
        """One try of `request`. Close the generator to hang up at once. Raises: CallFailed."""
        adapter = adapter_for(connection)
        call = adapter.chat_call(connection, request)
        async with self._opened(call, connection, clock) as response:
            if response.content_type != "text/event-stream":
                document = await self._document(response, clock)
                for delta in _careful(adapter.answer_of(document)):
                    yield delta
                return
            reader = adapter.stream_reader()
            async with aclosing(self._events(response, reader, clock)) as events:
                async for event in events:
                    for delta in _careful(reader.read(event)):
                        yield delta
            if not reader.is_whole:
                raise CutOff("The answer broke off before its end.")

    async def embedded(
        self, connection: Connection, request: EmbeddingRequest, clock: Clock
    ) -> Embedded:
        """One try of `request`. Raises: CallFailed."""
        adapter = adapter_for(connection)
        call = adapter.embeddings_call(connection, request)
        async with self._opened(call, connection, clock) as response:
            return adapter.embedded_of(await self._document(response, clock), request)

    async def models(self, connection: Connection, clock: Clock) -> list[str]:
        """The names of the models that the provider says it has. Raises: CallFailed."""
        adapter = adapter_for(connection)
        call = adapter.models_call(connection)
        async with self._opened(call, connection, clock) as response:
            return adapter.models_of(await self._document(response, clock))

    # --- a request and its answer ---------------------------------------------------------------
    @asynccontextmanager
    async def _opened(
        self, call: HttpCall, connection: Connection, clock: Clock
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """A good answer whose body is still to be read; when left, its connection is closed."""
        request = _request(call, connection, clock)
        try:
            place = await self._pool.place(clock.patience.connect)
        except TimeoutError:
            raise Unavailable("Too many calls are under way at once.") from None
        with place:
            response = await self._sent(request, connection.name, clock)
            try:
                if response.status >= 300:
                    raise await refusal_of(response, connection.name, adapter_for(connection))
                yield response
            finally:
                response.release()

    async def _sent(self, request: Request, name: str, clock: Clock) -> aiohttp.ClientResponse:
        try:
            async with clock.silence():
                return await self._sent_to(await judged(request.url), request)
        except BadAddress as bad:
            raise BadRequest(str(bad)) from None
        except aiohttp.ConnectionTimeoutError:
            within = f"{clock.patience.connect:g} s"
            raise Unavailable(f"{name} cannot be reached within {within}.") from None
        except TimeoutError:
            raise clock.too_late(name) from None
        except aiohttp.InvalidURL:
            raise BadRequest(f"The address of {name} cannot be called.") from None
        except aiohttp.ClientConnectorError as error:
            raise Unavailable(f"{name} cannot be reached: {reason_of(error)}.") from None
        except aiohttp.ClientError:
            raise Unavailable(f"{name} closed the connection without an answer.") from None
        except (OSError, UnicodeError) as error:
            raise Unavailable(f"{name} cannot be reached: {reason_of(error)}.") from None

    async def _sent_to(self, places: list[httpx.URL], request: Request) -> aiohttp.ClientResponse:
        """The answer of the first place that takes the connection. Host stays as it was called."""
        for place in places[:-1]:
            try:
                return await self._pool.send(request, place)
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                continue
        return await self._pool.send(request, places[-1])

    # --- its body -------------------------------------------------------------------------------
    async def _document(self, response: aiohttp.ClientResponse, clock: Clock) -> Mapping[str, Any]:
        body = bytearray()
        async with aclosing(self._chunks(response, clock)) as chunks:
            async for chunk in chunks:
                body += chunk
        return document_of(bytes(body))

    async def _events(
        self, response: aiohttp.ClientResponse, reader: StreamReader, clock: Clock
    ) -> AsyncGenerator[ServerEvent, None]:
        events = EventReader()
        try:
            async with aclosing(self._chunks(response, clock)) as chunks:
                async for chunk in chunks:
                    for event in events.feed(chunk):
                        yield event
                    if reader.is_over:
                        clock.hurry(LAST_WAIT_SECONDS)
        except (CutOff, TimedOut):
            if not reader.is_over:
                raise
        for event in events.end():
            yield event

    async def _chunks(
        self, response: aiohttp.ClientResponse, clock: Clock
    ) -> AsyncGenerator[bytes, None]:
        """The body: no more than is allowed, and each piece within its time."""
        size = 0
        body = aiter(response.content.iter_any())
        while True:
            try:
                async with clock.silence():
                    chunk = await anext(body, None)
            except TimeoutError:
                raise clock.too_late("The provider") from None
            except aiohttp.ClientError:
                raise CutOff("The connection broke in the middle of the answer.") from None
            if chunk is None:
                return
            size += len(chunk)
            if size > MOST_BYTES:
                raise BadAnswer(f"The answer has more than {MOST_BYTES:,} bytes.")
            yield chunk


def _request(call: HttpCall, connection: Connection, clock: Clock) -> Request:
    headers, content = dict(call.headers), None
    try:
        if call.body is not None:
            headers["Content-Type"] = "application/json"
            content = orjson.dumps(call.body)
        url = address_of(call.url)
    except orjson.JSONEncodeError:
        raise BadRequest("The request cannot be written as JSON in UTF-8.") from None
    except httpx.InvalidURL:
        raise BadRequest(f"The address of {connection.name} cannot be called.") from None
    if not all(text.isascii() and text.isprintable() for text in headers.values()):
        raise _odd_key(connection.name)
    headers["Host"] = url.netloc.decode("ascii")
    return Request(call.method, url, headers, content, clock.patience.connect)


def _odd_key(name: str) -> AuthFailed:
    return AuthFailed(f"The key of {name} has characters that no key can have.")


def _careful(deltas: Iterable[Delta]) -> Iterator[Delta]:
    """`deltas`, whatever the provider's document looked like. Raises: CallFailed alone."""
    try:
        yield from deltas
    except _ODD:
        raise BadAnswer("The provider's answer is not of its protocol.") from None

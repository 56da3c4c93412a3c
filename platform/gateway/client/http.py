"""Calls over HTTP: one pool of connections, every limit of time, every failure in its type."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from functools import cache
from typing import Any

import httpx
import orjson

from gateway.addresses import BadAddress, judged
from gateway.client.adapters import StreamReader, adapter_for
from gateway.client.adapters.wire import EventReader, HttpCall, ServerEvent, document_of
from gateway.client.answer import Delta, Embedded
from gateway.client.connection import Connection
from gateway.client.errors import AuthFailed, BadAnswer, BadRequest, CutOff, TimedOut, Unavailable
from gateway.client.patience import Clock
from gateway.client.refusals import refusal_of
from gateway.client.request import ChatRequest, EmbeddingRequest

MOST_CONNECTIONS = 200
MOST_IDLE = 100  # experiments ask 64 at once, and opening one anew costs more than the call
MOST_BYTES = 64 * 1024 * 1024  # of one answer; a guess: a million tokens are a tenth of it
# After the protocol's own end that of the answer is near; waiting for it lets the pool keep the
# connection.
LAST_WAIT_SECONDS = 0.2
# What reading a document of a shape nobody has thought of raises.
_ODD = (AttributeError, KeyError, TypeError, ValueError, IndexError)


class Http:
    """The calls of one event loop. Close it when done."""

    def __init__(self) -> None:
        limits = httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_IDLE)
        self._client = httpx.AsyncClient(
            limits=limits,
            verify=_trust(),
            follow_redirects=False,  # the key would go along
            headers={"Accept-Encoding": "identity", "User-Agent": "roadworthy"},
            # Plain http stays in the own network, so it takes no proxy from the environment.
            mounts={"http://": httpx.AsyncHTTPTransport(limits=limits, verify=_trust())},
        )

    async def close(self) -> None:
        """Give all connections up."""
        await self._client.aclose()

    async def deltas(
        self, connection: Connection, request: ChatRequest, clock: Clock
    ) -> AsyncGenerator[Delta, None]:
        """One try of `request`. Close the generator to hang up at once. Raises: CallFailed."""
        adapter = adapter_for(connection)
        call = adapter.chat_call(connection, request)
        async with self._opened(call, connection, clock) as response:
            if not response.headers.get("content-type", "").startswith("text/event-stream"):
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
    ) -> AsyncIterator[httpx.Response]:
        """A good answer whose body is still to be read; when left, its connection is closed."""
        request = self._request(call, connection, clock)
        response = await self._sent(request, connection.name, clock)
        try:
            if response.status_code >= 300:
                raise await refusal_of(response, connection.name, adapter_for(connection))
            yield response
        finally:
            await response.aclose()

    def _request(self, call: HttpCall, connection: Connection, clock: Clock) -> httpx.Request:
        wait = clock.patience
        times = httpx.Timeout(wait.first_byte, connect=wait.connect, pool=wait.connect, read=None)
        headers, content = dict(call.headers), None
        try:
            if call.body is not None:
                headers["Content-Type"] = "application/json"
                content = orjson.dumps(call.body)
            url = httpx.URL(call.url)
            headers["Host"] = url.netloc.decode("ascii")  # httpx knows none for some A-labels
            return self._client.build_request(
                call.method, url, headers=headers, content=content, timeout=times
            )
        except orjson.JSONEncodeError:
            raise BadRequest("The request cannot be written as JSON in UTF-8.") from None
        except UnicodeError:
            raise _odd_key(connection.name) from None
        except httpx.InvalidURL:
            raise BadRequest(f"The address of {connection.name} cannot be called.") from None

    async def _sent(self, request: httpx.Request, name: str, clock: Clock) -> httpx.Response:
        try:
            async with clock.silence():
                return await self._sent_to(await judged(request.url), request)
        except BadAddress as bad:
            raise BadRequest(str(bad)) from None
        except httpx.PoolTimeout:
            raise Unavailable("Too many calls are under way at once.") from None
        except httpx.ConnectTimeout:
            within = f"{clock.patience.connect:g} s"
            raise Unavailable(f"{name} cannot be reached within {within}.") from None
        except TimeoutError:
            raise clock.too_late(name) from None
        except httpx.LocalProtocolError:
            raise _odd_key(name) from None
        except (httpx.ConnectError, OSError, UnicodeError) as error:
            raise Unavailable(f"{name} cannot be reached: {_reason(error)}.") from None
        except httpx.TransportError:
            raise Unavailable(f"{name} closed the connection without an answer.") from None

    async def _sent_to(self, places: list[httpx.URL], request: httpx.Request) -> httpx.Response:
        """The answer of the first place that takes the connection. Host stays as it was called."""
        for place in places[:-1]:
            request.url = place
            try:
                return await self._client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        request.url = places[-1]
        return await self._client.send(request, stream=True)

    # --- its body -------------------------------------------------------------------------------
    async def _document(self, response: httpx.Response, clock: Clock) -> Mapping[str, Any]:
        body = bytearray()
        async with aclosing(self._chunks(response, clock)) as chunks:
            async for chunk in chunks:
                body += chunk
        return document_of(bytes(body))

    async def _events(
        self, response: httpx.Response, reader: StreamReader, clock: Clock
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

    async def _chunks(self, response: httpx.Response, clock: Clock) -> AsyncGenerator[bytes, None]:
        """The body: no more than is allowed, and each piece within its time."""
        size = 0
        body = aiter(response.aiter_bytes())
        while True:
            try:
                async with clock.silence():
                    chunk = await anext(body, None)
            except TimeoutError:
                raise clock.too_late("The provider") from None
            except httpx.TransportError:
                raise CutOff("The connection broke in the middle of the answer.") from None
            if chunk is None:
                return
            size += len(chunk)
            if size > MOST_BYTES:
                raise BadAnswer(f"The answer has more than {MOST_BYTES:,} bytes.")
            yield chunk


def _reason(error: BaseException | None) -> str:
    """Why no connection came about: what the system says lies deep below."""
    while error is not None:
        if isinstance(error, socket.gaierror | UnicodeError):
            return "its name has no address"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"its certificate is not accepted ({error.verify_message})"
        if isinstance(error, ssl.SSLError):
            return "it does not speak TLS as we do"
        error = error.__cause__ or error.__context__
    return "nothing answers at its address"


@cache
def _trust() -> ssl.SSLContext:
    """Whose certificates are believed; reading them takes a quarter of a second, once a process."""
    return httpx.create_ssl_context()


def _odd_key(name: str) -> AuthFailed:
    return AuthFailed(f"The key of {name} has characters that no key can have.")


def _careful(deltas: Iterable[Delta]) -> Iterator[Delta]:
    """`deltas`, whatever the provider's document looked like. Raises: CallFailed alone."""
    try:
        yield from deltas
    except _ODD:
        raise BadAnswer("The provider's answer is not of its protocol.") from None

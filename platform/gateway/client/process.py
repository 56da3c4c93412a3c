"""The clients of this process: one for each event loop, and one behind synchronous code."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import AsyncGenerator, Coroutine, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from gateway.client.about import About, Called
from gateway.client.answer import Answer, Embedded
from gateway.client.calls import PATIENCE, ModelClient
from gateway.client.connection import Connection
from gateway.client.patience import Patience
from gateway.client.request import ChatRequest, EmbeddingRequest
from traces.ingest.record import SpanRecord
from traces.ingest.writer.own import OwnSpans, Stored

Result = TypeVar("Result")
Keeper = AsyncGenerator[None, None]

_lock = threading.Lock()
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[ModelClient, Keeper]] = (
    WeakKeyDictionary()
)
_spans: OwnSpans | None = None
_background: Background | None = None


async def current() -> ModelClient:
    """The client of the running event loop, made at the first need and closed with the loop."""
    loop = asyncio.get_running_loop()
    known = _clients.get(loop)
    if known is None:
        made = ModelClient(_own_spans())
        keeper = _kept_open(made)
        known = _clients[loop] = (made, keeper)
        await anext(keeper)
    return known[0]


async def _kept_open(client: ModelClient) -> Keeper:
    """A loop that ends closes its asynchronous generators, and with this one the client."""
    try:
        yield
    finally:
        await client.close()


def _own_spans() -> OwnSpans:
    global _spans
    with _lock:
        if _spans is None:
            _spans = OwnSpans()
        return _spans


# --- for synchronous code ---------------------------------------------------------------------
class Background:
    """An event loop on a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="model-calls", daemon=True)
        self._thread.start()

    def result(self, work: Coroutine[Any, Any, Result]) -> Result:
        """The result of `work`; whoever stops waiting for it cancels it."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """End the loop, and what it holds open."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()


def _behind() -> Background:
    global _background
    with _lock:
        if _background is None:
            _background = Background()
        return _background


def wait(work: Coroutine[Any, Any, Result]) -> Result:
    """The result of `work`, which may use `current()`, for synchronous code."""
    return _behind().result(work)


def chat(
    connection: Connection, request: ChatRequest, about: About, patience: Patience = PATIENCE
) -> Called[Answer]:
    """`ModelClient.chat` for synchronous code. Raises: CallFailed."""

    async def ask() -> Called[Answer]:
        return await (await current()).chat(connection, request, about, patience)

    return _behind().result(ask())


def embed(
    connection: Connection, request: EmbeddingRequest, about: About, patience: Patience = PATIENCE
) -> Called[Embedded]:
    """`ModelClient.embed` for synchronous code. Raises: CallFailed."""

    async def ask() -> Called[Embedded]:
        return await (await current()).embed(connection, request, about, patience)

    return _behind().result(ask())


def models(connection: Connection, patience: Patience = PATIENCE) -> list[str]:
    """`ModelClient.models` for synchronous code. Raises: CallFailed."""

    async def ask() -> list[str]:
        return await (await current()).models(connection, patience)

    return _behind().result(ask())


def keep(project_id: int, records: Sequence[SpanRecord]) -> Stored:
    """What became of spans that tell of calls elsewhere; waits until they are committed."""
    return _own_spans().start(project_id, records).result()


def close() -> None:
    """Write the spans that wait and give threads and connections up; at need they are made anew."""
    global _background, _spans
    with _lock:
        background, _background = _background, None
        spans, _spans = _spans, None
    if background is not None:
        background.close()
    if spans is not None:
        spans.close()


def _forget() -> None:
    """A forked child has none of the threads of its parent."""
    global _background, _spans, _lock
    _lock, _background, _spans = threading.Lock(), None, None
    _clients.clear()


os.register_at_fork(after_in_child=_forget)
atexit.register(close)

"""The one client for every call to a model: asked, answered, priced, and kept as a span."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from functools import partial
from types import TracebackType

from gateway.client.about import About, Called
from gateway.client.adapters import adapter_for
from gateway.client.answer import CONTENT, Answer, Delta, Embedded, Gathering
from gateway.client.attempts import Trail, in_tries, tried
from gateway.client.connection import Connection
from gateway.client.errors import CallFailed
from gateway.client.http import Http
from gateway.client.patience import Clock, Patience
from gateway.client.request import ChatRequest, EmbeddingRequest
from gateway.client.simulated import Simulated
from gateway.client.spans import Timing, chat_record, embedding_record
from gateway.models import Kind
from traces.ingest.record import SpanRecord
from traces.ingest.writer.own import OwnSpans

__all__ = ["ModelClient", "Streaming"]

PATIENCE = Patience()


class ModelClient:
    """Calls models from one event loop, whose connections it pools. Close it with the loop."""

    def __init__(self, spans: OwnSpans) -> None:
        self._spans = spans
        self._http = Http()
        self._simulated = Simulated()

    async def close(self) -> None:
        """Give all connections up."""
        await self._http.close()

    def stream(
        self,
        connection: Connection,
        request: ChatRequest,
        about: About,
        patience: Patience = PATIENCE,
    ) -> Streaming:
        """A call whose answer is read piece by piece: `async with … as answer`, `async for …`.

        When the block is left, the call upstream is closed at once.
        """
        return Streaming(
            self._upstream(connection), connection, request, about, patience, self._spans
        )

    async def chat(
        self,
        connection: Connection,
        request: ChatRequest,
        about: About,
        patience: Patience = PATIENCE,
    ) -> Called[Answer]:
        """The whole answer. Raises: CallFailed."""
        async with self.stream(connection, replace(request, stream=False), about, patience) as said:
            async for _ in said:
                pass
        return said.called

    async def embed(
        self,
        connection: Connection,
        request: EmbeddingRequest,
        about: About,
        patience: Patience = PATIENCE,
    ) -> Called[Embedded]:
        """The vectors of texts. Raises: CallFailed."""
        timing, trail, clock = _timing(about), Trail([]), Clock(patience)
        kept = partial(embedding_record, about, connection, request, timing, trail)
        once = partial(self._upstream(connection).embedded, connection, request, clock)
        try:
            embedded = await tried(once, clock, trail)
        except CallFailed as failed:
            _hide_key(failed, connection)
            stored = await self._spans.store(about.project_id, [kept(None, failure=failed)])
            failed.trace_id, failed.not_recorded = timing.trace_id, stored.missing
            raise
        except BaseException:
            self._spans.start(about.project_id, [kept(None, is_over=False)])
            raise
        duration = timing.elapsed_us
        stored = await self._spans.store(about.project_id, [kept(embedded)])
        return Called(
            embedded,
            timing.trace_id,
            timing.span_id,
            duration,
            cost_nano=stored.cost_nano,
            tries=trail.tries,
            not_recorded=stored.missing,
        )

    async def models(self, connection: Connection, patience: Patience = PATIENCE) -> list[str]:
        """The models that the provider says it has; no model is asked. Raises: CallFailed."""
        try:
            return await self._upstream(connection).models(connection, Clock(patience))
        except CallFailed as failed:
            _hide_key(failed, connection)
            raise

    def _upstream(self, connection: Connection) -> Http | Simulated:
        return self._simulated if connection.kind == Kind.SIMULATED else self._http


class Streaming:
    """One streamed call: iterate once, inside of its `async with`; then `called` tells all."""

    def __init__(
        self,
        upstream: Http | Simulated,
        connection: Connection,
        request: ChatRequest,
        about: About,
        patience: Patience,
        spans: OwnSpans,
    ) -> None:
        self._connection, self._request, self._about = connection, request, about
        self._spans = spans
        self._timing, self._trail = _timing(about), Trail([])
        self._gathering = Gathering(request.model)
        clock = Clock(patience)
        once = partial(upstream.deltas, connection, request, clock)
        self._deltas = in_tries(once, clock, self._trail)
        self._pieces = self._read()
        self._is_kept = False
        self._called: Called[Answer] | None = None

    @property
    def trace_id(self) -> str:
        """Of the span of this call, known from the start."""
        return self._timing.trace_id

    @property
    def answer(self) -> Answer:
        """What came so far."""
        return self._gathering.answer

    @property
    def called(self) -> Called[Answer]:
        """The call, once it is over. Raises: RuntimeError before."""
        if self._called is None:
            raise RuntimeError("The answer has not been read to its end.")
        return self._called

    async def __aenter__(self) -> Streaming:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up. A call that is not over is kept as one that was left."""
        await self._pieces.aclose()
        await self._deltas.aclose()
        if not self._is_kept:
            self._is_kept = True
            failure = error if isinstance(error, Exception) else None
            self._spans.start(self._about.project_id, [self._record(failure, is_over=False)])

    def __aiter__(self) -> AsyncGenerator[Delta, None]:
        return self._pieces

    async def _read(self) -> AsyncGenerator[Delta, None]:
        try:
            async for delta in self._deltas:
                if isinstance(delta, CONTENT):
                    self._timing.note_first()
                self._gathering.add(delta)
                yield delta
        except CallFailed as failed:
            _hide_key(failed, self._connection)
            self._called = await self._kept(failed)
            failed.trace_id, failed.not_recorded = self.trace_id, self._called.not_recorded
            raise
        self._called = await self._kept(None)

    async def _kept(self, failure: CallFailed | None) -> Called[Answer]:
        """The call as it ended, its span stored where the database takes it."""
        self._is_kept = True
        duration = self._timing.elapsed_us
        stored = await self._spans.store(self._about.project_id, [self._record(failure)])
        return Called(
            self.answer,
            self.trace_id,
            self._timing.span_id,
            duration,
            self._timing.first_us if self._request.stream else None,
            stored.cost_nano,
            self._trail.tries,
            self._left_out(),
            stored.missing,
        )

    def _record(self, failure: Exception | None, *, is_over: bool = True) -> SpanRecord:
        return chat_record(
            self._about,
            self._connection,
            self._request,
            self._timing,
            self._trail,
            self.answer,
            left_out=self._left_out(),
            failure=failure,
            is_over=is_over,
        )

    def _left_out(self) -> tuple[str, ...]:
        if self._connection.kind == Kind.SIMULATED:
            return ()
        return tuple(adapter_for(self._connection).left_out(self._request))


def _timing(about: About) -> Timing:
    return Timing(trace_id=about.trace_id) if about.trace_id else Timing()


def _hide_key(failed: CallFailed, connection: Connection) -> None:
    failed.args = (connection.hide(str(failed)),)

"""The HTTP door of intake: an ASGI application in front of Django.

Bodies of many spans a second would pay for Django's middleware, sessions and thread hand-overs
without using any of it (figures in `docs/performance.md`). Here a request is: key, size, decode,
write in a group, COMMIT, answer.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from accounts.models import Scope
from accounts.verification import Bearer, Refused, recall, verify
from kit.limits import TokenBucket
from kit.problems import CONTENT_TYPE, problem
from kit.requests import accepted_id, client_address, request_id
from traces.ingest.announcer import Announcer
from traces.ingest.errors import BadRequestBody
from traces.ingest.figures import FIGURES
from traces.ingest.pipeline import Dialect, Prepared, prepare
from traces.ingest.writer.group import Busy, GroupWriter, Outcome
from traces.services import Notice, note_intake

log = logging.getLogger(__name__)

Scope_ = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATHS = {
    "/v1/traces": Dialect.OTLP,
    "/api/public/otel/v1/traces": Dialect.OTLP,
    "/otel/v1/traces": Dialect.OTLP,
    "/api/v1/traces": Dialect.NATIVE,
}
# Decoded on the event loop up to this size: a hand-over to a thread costs more than the work.
INLINE_BYTES = 32 * 1024
ANSWER_WITHIN_SECONDS = 8.0  # exporters give up after 10
RETRY_AFTER = (b"retry-after", b"1")


@dataclass(slots=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes
    content_type: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


class TooLarge(Exception):
    """The body passed the limit while it was being read."""


class Disconnected(Exception):
    """The client went away before its body was complete."""


class Intake:
    """One an event loop: counts what is in flight, and hands groups to the writer."""

    def __init__(self, connect: Callable[[], Any], announcer: Announcer) -> None:
        self._reading = 0  # requests that are read or decoded now
        self._held_bytes = 0
        self._buckets: dict[int, TokenBucket] = {}
        self._announcer = announcer
        self._decoders = ThreadPoolExecutor(2, thread_name_prefix="span-decoder")
        self._asking = ThreadPoolExecutor(4, thread_name_prefix="intake-database")
        self._writer = GroupWriter(connect, connections=2, arriving=lambda: self._reading)

    def close(self) -> None:
        """Finish what is in flight."""
        self._decoders.shutdown(wait=True)
        self._writer.close()
        self._asking.shutdown(wait=True)

    async def __call__(self, scope: Scope_, receive: Receive, send: Send) -> None:
        """Answer one POST."""
        began = time.perf_counter()
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        path = scope["path"].rstrip("/")
        bound = request_id.set(accepted_id(headers.get("x-request-id")))
        peer = (scope.get("client") or ("", 0))[0]
        request = _Request(
            path, headers, PATHS[path], client_address(peer, headers.get("x-forwarded-for", ""))
        )
        try:
            answer = await self._answer(request, receive)
        except Disconnected:
            return
        except Exception:
            log.exception("intake failed")
            answer = _problem(500, "Something failed on our side; the log has the request id.")
        finally:
            identity = request_id.get() or ""
            request_id.reset(bound)
        FIGURES.requests.labels(path, answer.status).inc()
        FIGURES.seconds.observe(time.perf_counter() - began)
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [
                    (b"content-type", answer.content_type.encode()),
                    (b"content-length", str(len(answer.body)).encode()),
                    (b"x-request-id", identity.encode()),
                    *answer.headers,
                ],
            }
        )
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, request: _Request, receive: Receive) -> Answer:
        self._reading += 1
        reading = True
        held = 0
        bearer: Bearer | None = None
        try:
            bearer = await self._bearer(request.headers)
            self._within_rate(bearer)
            raw, held = await self._body(request, receive)
            prepared = await self._prepared(raw, request, bearer.project_id)
            self._reading -= 1
            reading = False
            outcome = await self._stored(prepared)
        except Refused as refused:
            return await self._refuse(
                request,
                refused.status,
                refused.reason,
                project_id=refused.project_id,
                public_key=refused.public_key,
            )
        except BadRequestBody as bad:
            return await self._refuse(
                request, bad.status, bad.detail, where=bad.where, title=bad.title, bearer=bearer
            )
        except TooLarge:
            limit = settings.INTAKE_MAX_BODY_BYTES
            return await self._refuse(
                request, 413, f"The body is over {limit:,} bytes as sent.", bearer=bearer
            )
        except (Busy, DatabaseError, TimeoutError) as busy:
            FIGURES.busy.inc()
            log.warning("intake is busy", extra={"reason": str(busy).strip()[:200]})
            return _problem(503, "Busy: nothing was stored. Send the same again.", RETRY_AFTER)
        finally:
            self._held_bytes -= held
            if reading:
                self._reading -= 1
        FIGURES.spans.inc(len(prepared.spans) - len(outcome.refused))
        if prepared.spans:
            self._announcer.changed(bearer.project_id)
        return await self._accept(request, bearer, prepared, outcome)

    # --- the steps --------------------------------------------------------------------------
    async def _bearer(self, headers: dict[str, str]) -> Bearer:
        if known := recall(headers, Scope.INGEST):
            return known
        return await self._ask(verify, headers, Scope.INGEST)

    def _within_rate(self, bearer: Bearer) -> None:
        share = max(1.0, settings.INTAKE_REQUESTS_PER_SECOND / settings.WEB_PROCESSES)
        bucket = self._buckets.get(bearer.key_id)
        if bucket is None:
            bucket = self._buckets[bearer.key_id] = TokenBucket(share, share)
        if bucket.take():
            raise Busy("the key is over its requests a second")

    async def _body(self, request: _Request, receive: Receive) -> tuple[bytes, int]:
        """The body as sent, and how many bytes of it are now accounted for."""
        limit = settings.INTAKE_MAX_BODY_BYTES
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            raise TooLarge
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                raise TooLarge
            if self._held_bytes + size > settings.INTAKE_MAX_WAITING_BYTES:
                raise Busy("bodies in flight fill the memory set aside for them")
            chunks.append(chunk)
            if not message.get("more_body"):
                break
        self._held_bytes += size
        return b"".join(chunks), size

    async def _prepared(self, raw: bytes, request: _Request, project_id: int) -> Prepared:
        encoding = request.headers.get("content-encoding", "identity")
        is_small = len(raw) <= INLINE_BYTES and encoding in {"", "identity"}
        arguments = {
            "encoding": encoding,
            "content_type": request.headers.get("content-type", ""),
            "dialect": request.dialect,
            "project_id": project_id,
        }
        if is_small or len(raw) <= INLINE_BYTES // 8:
            return prepare(raw, **arguments)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._decoders, lambda: prepare(raw, **arguments))

    async def _stored(self, prepared: Prepared) -> Outcome:
        if not prepared.spans:
            return Outcome()
        stored = asyncio.wrap_future(self._writer.submit(prepared.spans))
        # Not cancelled when time runs out: the write may still commit, and repeats do no harm.
        return await asyncio.wait_for(asyncio.shield(stored), ANSWER_WITHIN_SECONDS)

    # --- the answers ------------------------------------------------------------------------
    async def _accept(
        self, request: _Request, bearer: Bearer, prepared: Prepared, outcome: Outcome
    ) -> Answer:
        rejected = prepared.rejected + len(outcome.refused)
        reasons = [prepared.message] if prepared.message else []
        reasons += [f"span {position}: {reason}" for position, reason in outcome.refused[:10]]
        message = "; ".join(reasons)
        if rejected:
            await self._note(request, bearer, "partial", message, spans=rejected)
        if prepared.clamped:
            await self._note(
                request,
                bearer,
                "clamped",
                "The start lies outside of the window that is kept; the span stands at the nearest "
                "bound, with the sent time in its content. Is the sender's clock right?",
                spans=prepared.clamped,
            )
        if prepared.cut:
            await self._note(
                request,
                bearer,
                "cut",
                "Something was longer than the limits and was cut; the span says what.",
                where=prepared.cut_where,
                spans=prepared.cut,
            )
        if request.dialect is Dialect.NATIVE:
            return _native_answer(prepared, rejected, message)
        return _otlp_answer(request, prepared, rejected, message)

    async def _refuse(
        self,
        request: _Request,
        status: int,
        reason: str,
        *,
        where: str = "",
        title: str = "",
        bearer: Bearer | None = None,
        project_id: int | None = None,
        public_key: str = "",
    ) -> Answer:
        notice = Notice(
            kind="refused",
            status=status,
            method="POST",
            path=request.path,
            reason=reason,
            where=where,
            project_id=bearer.project_id if bearer else project_id,
            public_key=bearer.public_key if bearer else public_key,
            client=request.headers.get("user-agent", ""),
        )
        await self._keep(notice)
        answer = _problem(status, reason, where=where, title=title)
        if status == 401:
            answer.headers = ((b"www-authenticate", b"Bearer"),)
        if status == 413:
            # The rest of the body is not read, so the connection cannot be used again.
            answer.headers = ((b"connection", b"close"),)
        return answer

    async def _note(
        self,
        request: _Request,
        bearer: Bearer,
        kind: str,
        reason: str,
        *,
        where: str = "",
        spans: int = 0,
    ) -> None:
        await self._keep(
            Notice(
                kind=kind,
                status=200,
                method="POST",
                path=request.path,
                reason=reason,
                where=where,
                spans=spans,
                project_id=bearer.project_id,
                public_key=bearer.public_key,
                client=request.headers.get("user-agent", ""),
            )
        )

    async def _keep(self, notice: Notice) -> None:
        """A notice that cannot be kept is logged; it never changes the answer."""
        try:
            await self._ask(note_intake, notice)
        except (DatabaseError, TimeoutError) as error:
            log.warning("intake notice not kept", extra={"reason": str(error)[:200]})

    async def _ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run a function that uses Django's database on a thread of our own, within 3 s."""

        def run() -> Any:
            close_old_connections()
            return function(*arguments)

        loop = asyncio.get_running_loop()
        return await asyncio.wait_for(loop.run_in_executor(self._asking, run), 3)


@dataclass(frozen=True, slots=True)
class _Request:
    path: str
    headers: dict[str, str]
    dialect: Dialect
    address: str


def _problem(status: int, detail: str, *headers: tuple[bytes, bytes], **parts: Any) -> Answer:
    return Answer(status, orjson.dumps(problem(status, detail, **parts)), CONTENT_TYPE, headers)


def _warning(prepared: Prepared) -> str:
    """What a sender should know although every span was taken; OTLP allows it beside a zero."""
    parts = []
    if prepared.clamped:
        parts.append(f"{prepared.clamped} spans lie outside the time that is kept and were moved")
    if prepared.cut:
        parts.append(f"{prepared.cut} spans were cut to the limits")
    return "; ".join(parts)


def _otlp_answer(request: _Request, prepared: Prepared, rejected: int, message: str) -> Answer:
    message = message or _warning(prepared)
    if "json" in request.headers.get("content-type", "").lower():
        document: dict[str, Any] = {}
        if rejected or message:
            document["partialSuccess"] = {
                "rejectedSpans": str(rejected),
                "errorMessage": message,
            }
        return Answer(200, orjson.dumps(document), "application/json")
    response = ExportTraceServiceResponse()
    if rejected or message:
        response.partial_success.rejected_spans = rejected
        response.partial_success.error_message = message
    return Answer(200, response.SerializeToString(), "application/x-protobuf")


def _native_answer(prepared: Prepared, rejected: int, message: str) -> Answer:
    accepted = prepared.rejected + len(prepared.spans) - rejected
    if rejected and not accepted:
        return _problem(422, message, title="No span could be taken")
    document: dict[str, Any] = {"accepted": accepted, "trace_ids": prepared.trace_ids}
    if rejected:
        document |= {"rejected": rejected, "errors": message}
    if warning := _warning(prepared):
        document["warning"] = warning
    return Answer(200, orjson.dumps(document), "application/json")

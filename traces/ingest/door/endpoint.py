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
from functools import partial
from typing import Any

import django.db
from django.conf import settings

from accounts.models import Scope
from accounts.verification import Bearer, Refused, recall, verify
from kit.asking import Asking
from kit.limits import TokenBucket
from kit.requests import accepted_id, request_id
from pricing.pricer import PRICER
from traces.ingest.door import tables
from traces.ingest.door.allowances import OVER_DAY, Admission, Allowances, OverLimit
from traces.ingest.door.announcer import Announcer
from traces.ingest.door.answers import (
    Answer,
    busy,
    empty_answer,
    langfuse_answer,
    langfuse_refusal,
    native_answer,
    otlp_answer,
    over_limit,
    refusal,
)
from traces.ingest.door.batch_answers import refuse, store_scores
from traces.ingest.door.counts import Counts
from traces.ingest.door.figures import FIGURES
from traces.ingest.door.notices import Notices
from traces.ingest.door.request_body import (
    BODY_WITHIN_SECONDS,
    Disconnected,
    Memory,
    Receive,
    Request,
    TooLarge,
    TooSlow,
)
from traces.ingest.door.tables import Tables
from traces.ingest.door.turns import Turns
from traces.ingest.pipeline import Dialect, Prepared, prepare, prepare_events
from traces.ingest.wire.body import is_small
from traces.ingest.wire.errors import BadRequestBody
from traces.ingest.writer.group import Busy, GroupWriter, Outcome
from traces.queries.limits import LIMITED
from traces.services import Notice, keep_events

log = logging.getLogger(__name__)

Scope_ = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# OTLP's own base, that of Langfuse's SDKs and that of LangSmith's.
_BASES = ("", "/api/public/otel", "/otel")
PATHS = {
    **{f"{base}/v1/traces": Dialect.OTLP for base in _BASES},
    **{f"{base}/v1/logs": Dialect.LOGS for base in _BASES},
    **{f"{base}/v1/metrics": Dialect.METRICS for base in _BASES},
    "/api/v1/traces": Dialect.NATIVE,
    "/api/public/ingestion": Dialect.LANGFUSE,
}
# Exporters give up after 10 s, some after 5; the rest is for their next attempt.
STORED_WITHIN_SECONDS = 4.0
DECODERS = 2  # threads


class Intake:
    """One an event loop: counts what is in flight, and hands groups to the writer."""

    def __init__(self, connect: Callable[[], Any], announcer: Announcer) -> None:
        PRICER.warm()
        self._decoding = 0  # requests whose body is here and whose rows are not
        self._memory = Memory()
        self._buckets: dict[int, TokenBucket] = {}
        self._announcer = announcer
        self._decoders = ThreadPoolExecutor(DECODERS, thread_name_prefix="span-decoder")
        self._turns = Turns(DECODERS)
        self._asking = Asking(4, "intake-keys")
        self.notices = Notices()
        self.counts = Counts()
        self.allowances = Allowances()
        self._writer = GroupWriter(connect, connections=2, arriving=lambda: self._decoding)

    def close(self) -> None:
        """Finish what is in flight."""
        self._decoders.shutdown(wait=True)
        self._writer.close()
        self._asking.close()
        self.notices.close()
        self.counts.close()
        self.allowances.close()

    async def __call__(self, scope: Scope_, receive: Receive, send: Send) -> None:
        """Answer one POST."""
        began = time.perf_counter()
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        path = scope["path"].rstrip("/")
        bound = request_id.set(accepted_id(headers.get("x-request-id")))
        request = Request(path, headers, PATHS[path])
        try:
            answer = await self._answer(request, receive)
        except Disconnected:
            return
        except Exception:
            log.exception("intake failed")
            answer = refusal(500, "Something failed on our side; the log has the request id.")
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

    async def _answer(self, request: Request, receive: Receive) -> Answer:
        bearer: Bearer | None = None
        admission: Admission | None = None
        stored = 0
        try:
            bearer = await self._bearer(request.headers)
            request.project_id = bearer.project_id
            self._within_rate(bearer)
            if request.dialect is not Dialect.METRICS:
                admission = await self.allowances.admit(bearer.project_id)
            raw = await self._memory.read(request, receive)
            if request.dialect is Dialect.METRICS:
                self.counts.taken(bearer.project_id, request.headers, request.dialect)
                return empty_answer(request.headers.get("content-type", ""))
            if request.dialect is Dialect.LOGS:
                answer, stored = await self._logs(raw, request, bearer)
                return answer
            known = await self._tables(bearer.project_id)
            prepared = await self._prepared(raw, request, bearer, known)
            del raw
            if admission is not None:
                admission.takes(len(prepared.spans))
                prepared.said = OVER_DAY if admission.is_over_day else ""
            outcome = await self._stored(prepared, request)
            stored = len(prepared.spans) - len(outcome.refused)
            if request.dialect is Dialect.LANGFUSE:
                refuse(prepared, outcome.refused)
                await self._asking.ask(store_scores, prepared, bearer)
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
        except TooSlow:
            reason = f"The body was not here after {BODY_WITHIN_SECONDS:.0f} s."
            return await self._refuse(request, 408, reason, bearer=bearer)
        except OverLimit as over:
            return await self._over_limit(request, bearer, str(over))
        except (Busy, django.db.Error, TimeoutError) as error:
            FIGURES.busy.inc()
            log.warning("intake is busy", extra={"reason": str(error).strip()[:200]})
            return busy()
        finally:
            self._memory.hold(request, 0)
            if admission is not None:
                admission.takes(stored)
                admission.end()
        FIGURES.spans.inc(stored)
        if prepared.spans:
            self._announcer.changed(bearer.project_id)
        self.counts.taken(
            bearer.project_id, request.headers, request.dialect, prepared, len(outcome.refused)
        )
        return await self._accept(request, bearer, prepared, outcome)

    # --- the steps --------------------------------------------------------------------------
    async def _bearer(self, headers: dict[str, str]) -> Bearer:
        if known := recall(headers, Scope.INGEST):
            return known
        bearer: Bearer = await self._asking.ask(verify, headers, Scope.INGEST)
        return bearer

    async def _tables(self, project_id: int) -> Tables:
        if known := tables.recall(project_id):
            return known
        read: Tables = await self._asking.ask(tables.read, project_id)
        return read

    def _within_rate(self, bearer: Bearer) -> None:
        share = max(1.0, settings.INTAKE_REQUESTS_PER_SECOND / settings.WEB_PROCESSES)
        bucket = self._buckets.get(bearer.key_id)
        if bucket is None:
            bucket = self._buckets[bearer.key_id] = TokenBucket(share, share)
        if bucket.take():
            raise Busy("the key is over its requests a second")

    async def _prepared(
        self, raw: bytes, request: Request, bearer: Bearer, known: Tables
    ) -> Prepared:
        encoding = request.headers.get("content-encoding", "identity")
        prepared = partial(
            prepare,
            raw,
            encoding=encoding,
            content_type=request.headers.get("content-type", ""),
            dialect=request.dialect,
            project_id=bearer.project_id,
            prices=known.prices,
            rules=known.rules,
            key_id=bearer.key_id,
        )
        if is_small(raw, encoding):
            return prepared()
        loop = asyncio.get_running_loop()
        self._decoding += 1
        try:
            async with self._turns.turn(bearer.project_id):
                return await loop.run_in_executor(self._decoders, prepared)
        finally:
            self._decoding -= 1

    async def _stored(self, prepared: Prepared, request: Request) -> Outcome:
        if not prepared.spans:
            return Outcome()
        size = sum(len(span.content) + len(span.body) for span in prepared.spans)
        self._memory.hold(request, size)
        submitted = self._writer.submit(prepared.spans)
        stored = asyncio.wrap_future(submitted)
        done, _ = await asyncio.wait((stored,), timeout=STORED_WITHIN_SECONDS)
        if done:
            return stored.result()
        # What waits in the queue is taken out of it. What is being written may still commit, and
        # counts as held until then; repeats do no harm.
        left = Request(request.path, {}, request.dialect, request.held, request.project_id)
        request.held = 0
        stored.add_done_callback(lambda future: self._let_go(future, left))
        submitted.cancel()
        raise Busy(f"not stored within {STORED_WITHIN_SECONDS:.0f} s")

    async def _logs(self, raw: bytes, request: Request, bearer: Bearer) -> tuple[Answer, int]:
        """Store the events among log records; 200 after COMMIT, as for spans, and how many."""
        content_type = request.headers.get("content-type", "")
        encoding = request.headers.get("content-encoding", "identity")
        loop = asyncio.get_running_loop()
        read = partial(prepare_events, raw, encoding=encoding, content_type=content_type)
        async with self._turns.turn(bearer.project_id):
            decoded = await loop.run_in_executor(self._decoders, read)
        if decoded.records:
            await self._asking.ask(keep_events, bearer.project_id, decoded.records)
            self._announcer.changed(bearer.project_id)
        self.counts.taken(bearer.project_id, request.headers, request.dialect)
        return empty_answer(content_type), len(decoded.records)

    def _let_go(self, stored: asyncio.Future[Outcome], request: Request) -> None:
        self._memory.hold(request, 0)
        if not stored.cancelled():
            stored.exception()  # seen: nobody else waits for it

    # --- the answers ------------------------------------------------------------------------
    async def _accept(
        self, request: Request, bearer: Bearer, prepared: Prepared, outcome: Outcome
    ) -> Answer:
        rejected = prepared.rejected + len(outcome.refused)
        reasons = [prepared.message] if prepared.message else []
        reasons += [f"span {position}: {reason}" for position, reason in outcome.refused[:10]]
        message = "; ".join(reasons)
        if rejected:
            is_all = rejected == prepared.rejected + len(prepared.spans)
            refused = is_all and request.dialect is Dialect.NATIVE
            kind, status = ("refused", 422) if refused else ("partial", 200)
            await self._note(request, bearer, kind, message, spans=rejected, status=status)
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
        if request.dialect is Dialect.LANGFUSE:
            return langfuse_answer(prepared.events)
        if request.dialect is Dialect.NATIVE:
            return native_answer(prepared, rejected, message)
        content_type = request.headers.get("content-type", "")
        return otlp_answer(content_type, prepared, rejected, message)

    async def _refuse(
        self,
        request: Request,
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
        if notice.project_id is not None:
            self.counts.refused(notice.project_id, request.headers, request.dialect)
        await self.notices.keep(notice)
        if request.dialect is Dialect.LANGFUSE:
            answer = langfuse_refusal(status, reason)
        else:
            answer = refusal(status, reason, where=where, title=title)
        if status == 401:
            answer.headers = ((b"www-authenticate", b"Bearer"),)
        if status == 408:
            answer.headers = ((b"connection", b"close"),)
        return answer

    async def _over_limit(self, request: Request, bearer: Bearer | None, reason: str) -> Answer:
        FIGURES.limited.inc()
        if bearer is not None:
            await self._note(request, bearer, LIMITED, reason, status=503)
        return over_limit(request.dialect, request.headers.get("content-type", ""), reason)

    async def _note(
        self,
        request: Request,
        bearer: Bearer,
        kind: str,
        reason: str,
        *,
        where: str = "",
        spans: int = 0,
        status: int = 200,
    ) -> None:
        await self.notices.keep(
            Notice(
                kind=kind,
                status=status,
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

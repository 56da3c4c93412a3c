"""`GET /api/v1/prompts/{name}` with a key: an ASGI application in front of Django (ADR 0016)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import django.db
import orjson
from django.conf import settings
from django.urls import Resolver404, resolve

from accounts.models import Scope
from accounts.verification import Bearer, Refused, recall, verify
from kit.asking import Asking
from kit.limits import TokenBucket
from kit.problems import CONTENT_TYPE, problem
from kit.requests import accepted_id
from prompts.serving import counts
from prompts.serving.asked import BadQuery, asked_of, filled
from prompts.serving.cache import etag_of
from prompts.serving.choosing import NotServed
from prompts.serving.reading import Reader, Stale, Unresolved

log = logging.getLogger(__name__)

PREFIX = "/api/v1/prompts/"
HOT_ROUTE = "prompt-read"  # the name of Django's own address of the read, for signed-in persons
MOST_PATHS = 10_000
# Ask again, cheaply. A label may move at any time; the text of a version stays as it is, but the
# document says its labels and tags too, and the version may be archived.
CACHING = b"private, no-cache"
JSON = b"application/json"

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class PromptReads:
    """One an event loop. `serves` says which requests are its own; the rest are Django's."""

    def __init__(self) -> None:
        self._asking = Asking(4, "prompt-reads")
        self.reader = Reader(self._asking.ask)
        self._buckets: dict[int, TokenBucket] = {}
        self._hot: dict[str, bool] = {}

    def run_in_background(self) -> list[asyncio.Task[None]]:
        """Begin to watch the epochs and to write counts; the tasks end when they are cancelled."""
        loop = asyncio.get_running_loop()
        return [
            loop.create_task(self.reader.watch(), name="prompt epochs"),
            loop.create_task(self.reader.keep_counts(), name="prompt reads"),
        ]

    def hear(self, message: dict[str, Any]) -> None:
        """Forget what a message says has changed; all of it when messages may have been missed."""
        project_id = message.get("project")
        if isinstance(project_id, int):
            self.reader.cache.forget(project_id)
        else:
            self.reader.cache.forget_all()

    def close(self) -> None:
        """Write what was counted, and give the connections up."""
        counted = counts.READS.take()
        try:
            self._asking.finish(counts.write, counted)
        except (django.db.Error, TimeoutError) as error:
            log.warning("prompt reads not counted", extra={"reason": str(error)[:200]})
        self._asking.close()

    def serves(self, scope: MutableMapping[str, Any]) -> bool:
        """True for a read of one prompt by a program; sub-resources and persons go to Django."""
        path: str = scope["path"]
        if scope["method"] not in {"GET", "HEAD"} or not path.startswith(PREFIX):
            return False
        if not any(name in {b"authorization", b"x-api-key"} for name, _ in scope["headers"]):
            return False
        known = self._hot.get(path)
        if known is None:
            if len(self._hot) >= MOST_PATHS:
                self._hot.clear()
            known = self._hot[path] = _is_read(path)
        if known:
            return True
        # `a%2Fhistory` is a prompt of that name, although `a/history` is the history of `a`.
        raw = scope.get("raw_path", b"").split(b"?")[0]
        one = raw.removeprefix(PREFIX.encode())
        return one != raw and bool(one) and b"/" not in one

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Send) -> None:
        """Answer one read."""
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        try:
            status, body, extra = await self._answer(scope, headers)
        except Refused as refused:
            status, body, extra = _problem(refused.status, refused.reason)
        except BadQuery as bad:
            status, body, extra = _problem(400, str(bad))
        except NotServed as missing:
            status, body, extra = _problem(404, str(missing))
        except Unresolved as broken:
            status, body, extra = _problem(409, str(broken))
        except (Stale, django.db.Error, TimeoutError):
            status, body, extra = _problem(503, "The database does not answer. Try again.")
            extra.append((b"retry-after", b"1"))
        except Exception:
            log.exception("prompt read failed")
            detail = "Something failed on our side; the log has the request id."
            status, body, extra = _problem(500, detail)
        if status != 304:
            extra.append((b"content-length", str(len(body)).encode()))
        if sent := headers.get("x-request-id"):
            extra.append((b"x-request-id", accepted_id(sent).encode()))
        await send({"type": "http.response.start", "status": status, "headers": extra})
        if scope["method"] == "HEAD":
            body = b""
        await send({"type": "http.response.body", "body": body})

    async def _answer(
        self, scope: MutableMapping[str, Any], headers: dict[str, str]
    ) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        bearer = recall(headers, Scope.PROMPTS) or await self._asking.ask(
            verify, headers, Scope.PROMPTS
        )
        if wait := self._wait_seconds(bearer):
            status, body, extra = _problem(429, "More reads a second than this key may make.")
            extra.append((b"retry-after", str(max(1, round(wait))).encode()))
            return status, body, extra
        asked = asked_of(scope["query_string"].decode("latin-1"))
        name = scope["path"][len(PREFIX) :].removesuffix("/")
        answer, choice, is_confirmed = await self.reader.read(
            bearer.project_id,
            name,
            label=asked.label,
            number=asked.number,
            key=asked.key,
        )
        body, etag = answer.body, answer.etag
        if asked.variables is not None:
            body = filled(body, asked.variables)
            etag = etag_of(body)
        extra = [
            (b"content-type", JSON),
            (b"etag", etag),
            (b"cache-control", CACHING),
            (b"vary", b"Authorization, X-Api-Key"),
            (b"x-prompt-version", str(choice.number).encode()),
            (b"x-prompt-arm", choice.arm.encode()),
        ]
        if not is_confirmed:
            extra.append((b"warning", b'110 - "The database does not answer; this may be old"'))
        if _matches(headers.get("if-none-match", ""), etag):
            return 304, b"", extra
        return 200, body, extra

    def _wait_seconds(self, bearer: Bearer) -> float:
        share = max(1.0, settings.PROMPT_READS_PER_SECOND / settings.WEB_PROCESSES)
        bucket = self._buckets.get(bearer.key_id)
        if bucket is None or bucket.rate != share:
            bucket = self._buckets[bearer.key_id] = TokenBucket(share, share)
        return bucket.take()


def _is_read(path: str) -> bool:
    """True where Django's own table says that the path is the read of a prompt."""
    try:
        return resolve(path).url_name == HOT_ROUTE
    except Resolver404:
        return False


def _matches(header: str, etag: bytes) -> bool:
    """True when If-None-Match names the tag, weakly compared (RFC 9110 §13.1.2)."""
    if not header:
        return False
    wanted = etag.decode()
    return header.strip() == "*" or any(
        one.strip().removeprefix("W/") == wanted for one in header.split(",")
    )


def _problem(status: int, detail: str) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
    body = orjson.dumps(problem(status, detail))
    extra = [(b"content-type", CONTENT_TYPE.encode()), (b"cache-control", b"no-store")]
    if status == 401:
        extra.append((b"www-authenticate", b"Bearer"))
    return status, body, extra

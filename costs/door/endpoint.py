"""Reserve and settle with a key: an ASGI application in front of Django (ADR 0024).

It answers plain bodies of good keys. All else, and all refusals of a body or a key, are Django's,
whose views do the same with the same services.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import django.db
import orjson

from accounts.authentication import gateway_wait_seconds
from accounts.models import Scope
from accounts.verification import Refused, recall, verify
from costs.door.bodies import ask_of, end_of
from costs.door.group import Full, Group
from costs.rest.budgets import over_document, reservation_document
from costs.services.errors import BadReservation, OverBudget
from costs.services.reserving import Answer, Ask
from costs.services.settling import End
from kit.asking import Asking
from kit.problems import CONTENT_TYPE, problem
from kit.requests import accepted_id

log = logging.getLogger(__name__)

RESERVE, SETTLE = "/api/v1/budgets/reserve", "/api/v1/budgets/settle"
LARGEST = 16_384  # bytes of a body that is plain

Application = Callable[[Any, Any, Any], Awaitable[None]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Reply = tuple[int, bytes, list[tuple[bytes, bytes]]]


class BudgetCalls:
    """One an event loop. `serves` says which requests are its own; `django` gets the rest."""

    def __init__(self, django_application: Application) -> None:
        self._django = django_application
        self._group = Group()
        self._keys = Asking(2, "budget-keys")

    def close(self) -> None:
        """Finish what is in flight, and give the connections up."""
        self._group.close()
        self._keys.close()

    def serves(self, scope: MutableMapping[str, Any]) -> bool:
        """True for a small body by a program; persons go to Django."""
        if scope["method"] != "POST" or scope["path"] not in {RESERVE, SETTLE}:
            return False
        headers = dict(scope["headers"])
        if b"authorization" not in headers and b"x-api-key" not in headers:
            return False
        length = headers.get(b"content-length", b"")
        kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        return kind == b"application/json" and length.isdigit() and int(length) <= LARGEST

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one."""
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        body = await _read(receive)
        if body is None:
            return
        try:
            reply = await self._reply(scope["path"], headers, body)
        except (Full, django.db.Error, TimeoutError) as error:
            log.warning("budgets are busy", extra={"reason": str(error).strip()[:200]})
            reply = _problem(503, "The database does not answer in time. Ask again.")
            reply[2].append((b"retry-after", b"1"))
        except Exception:
            log.exception("a call of budgets failed")
            reply = _problem(500, "Something failed on our side; the log has the request id.")
        if reply is None:
            await self._django(scope, _again(body, receive), send)
            return
        status, text, extra = reply
        extra.append((b"content-length", str(len(text)).encode()))
        extra.append((b"x-request-id", accepted_id(headers.get("x-request-id")).encode()))
        await send({"type": "http.response.start", "status": status, "headers": extra})
        await send({"type": "http.response.body", "body": text})

    async def _reply(self, path: str, headers: dict[str, str], body: bytes) -> Reply | None:
        """The answer; None where Django is to give it."""
        try:
            bearer = recall(headers, Scope.GATEWAY) or await self._keys.ask(
                verify, headers, Scope.GATEWAY
            )
        except Refused:
            return None
        read: Ask | End | None
        read = ask_of(body, bearer) if path == RESERVE else end_of(body, bearer)
        if read is None:
            return None
        if wait := gateway_wait_seconds(bearer):
            reply = _problem(429, "More calls a second than this key may make.")
            reply[2].append((b"retry-after", str(max(1, round(wait))).encode()))
            return reply
        answer = await self._group.decide(read)
        return _said(answer, 201 if path == RESERVE else 200)


def _said(answer: Answer, status: int) -> Reply:
    if isinstance(answer, OverBudget):
        return 402, orjson.dumps(over_document(answer)), _PROBLEM.copy()
    if isinstance(answer, BadReservation):
        return _problem(400, str(answer))
    return status, orjson.dumps(reservation_document(answer)), _JSON.copy()


_PROBLEM = [(b"content-type", CONTENT_TYPE.encode()), (b"cache-control", b"no-store")]
_JSON = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


def _problem(status: int, detail: str) -> Reply:
    return status, orjson.dumps(problem(status, detail)), _PROBLEM.copy()


async def _read(receive: Receive) -> bytes | None:
    """The body, of which the server passes on no more than was announced; None where the client
    went away."""
    chunks = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _again(body: bytes, receive: Receive) -> Receive:
    """Lets Django read a body that was read."""
    is_read = False

    async def once() -> MutableMapping[str, Any]:
        nonlocal is_read
        if is_read:
            return await receive()
        is_read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once

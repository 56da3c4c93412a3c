"""What every request has: an id, taken from the caller or made here, logged and sent back; the
address it came from; and numbers in its texts, which anybody may write."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
# Address of whoever sent the current request, for the audit trail; empty outside of one.
client_ip: ContextVar[str] = ContextVar("client_ip", default="")


def accepted_id(sent: str | None) -> str:
    """`sent` where it is a plain word of at most 64 characters, else a new id."""
    return sent if sent and _WELL_FORMED.fullmatch(sent) else secrets.token_hex(8)


def whole_number(text: str, *, digits: int = 9) -> int | None:
    """The number that `text` writes in at most so many plain digits; None for anything else.

    `str.isdigit` takes "²" too, which `int` refuses, as it does more than 4,300 digits.
    """
    is_plain = text.isascii() and text.isdecimal() and len(text) <= digits
    return int(text) if is_plain else None


def client_address(peer: str, forwarded_for: str) -> str:
    """Address of the client: the peer, or what a trusted proxy says stood before it.

    `forwarded_for` is read from the right: each trusted hop vouches for the one before it.
    """
    address = peer
    for hop in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
        if address not in settings.TRUSTED_PROXIES:
            break
        address = hop
    return address


class RequestIdMiddleware:
    """Binds the request's id and client address, and names the id in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with `X-Request-Id`."""
        bound = request_id.set(accepted_id(request.headers.get("X-Request-Id")))
        address = client_address(
            request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")
        )
        request.client_address = address  # type: ignore[attr-defined]
        from_ip = client_ip.set(address)
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = request_id.get() or ""
            return response
        finally:
            request_id.reset(bound)
            client_ip.reset(from_ip)

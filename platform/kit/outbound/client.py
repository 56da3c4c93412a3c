"""One POST to an address that a user named."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import httpx

from kit.outbound.addresses import Address, BadAddress, host_of, parse, reachable

CONNECT_SECONDS = 5.0  # for one address; a name may have several
KEPT_BYTES = 1000


@dataclass(frozen=True)
class Answer:
    """What a server answered; of its body only the beginning, as text."""

    status: int
    body_start: str
    duration_ms: int
    retry_after: str | None  # the header as it came

    @property
    def is_success(self) -> bool:
        """True for 200 to 299; a redirect is none, because nobody follows it."""
        return 200 <= self.status <= 299


class Unreachable(Exception):
    """No answer came; the text says why. `may_have_arrived`: what was sent may have been taken."""

    def __init__(self, reason: str, duration_ms: int, *, may_have_arrived: bool = False) -> None:
        super().__init__(reason)
        self.duration_ms = duration_ms
        self.may_have_arrived = may_have_arrived


async def post(
    url: str,
    *,
    body: bytes,
    headers: Mapping[str, str],
    seconds: float = 15.0,
    keep: int = KEPT_BYTES,
) -> Answer:
    """Send `body` once and return what came back within `seconds`, all in all.

    Of the answer's body `keep` bytes are kept.

    Each call has a connection of its own: one that was kept could lead elsewhere than its name says
    by then. Raises: Unreachable, also where the address is one that may not be spoken to.
    """
    began = time.monotonic()
    may_have_arrived = False
    try:
        async with asyncio.timeout(seconds):
            target = parse(url)
            return await _send(target, await reachable(target), body, headers, began, keep)
    except TimeoutError:
        reason, may_have_arrived = f"No whole answer within {seconds:g} s.", True
    except BadAddress as refused:
        reason = str(refused)
    except (socket.gaierror, UnicodeError):  # a name that cannot even be asked for
        reason = f"The name {host_of(httpx.URL(url))} has no address."
    except (httpx.HTTPError, OSError) as error:
        reason = _said(error)
        may_have_arrived = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
    raise Unreachable(reason, _since(began), may_have_arrived=may_have_arrived)


async def _send(
    url: httpx.URL,
    addresses: list[Address],
    body: bytes,
    headers: Mapping[str, str],
    began: float,
    keep: int,
) -> Answer:
    """Try the addresses in turn until one takes the connection."""
    for address in addresses[:-1]:
        try:
            return await _send_to(address, url, body, headers, began, keep)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return await _send_to(addresses[-1], url, body, headers, began, keep)


async def _send_to(
    address: Address,
    url: httpx.URL,
    sent: bytes,
    headers: Mapping[str, str],
    began: float,
    keep: int,
) -> Answer:
    """POST to `address` as the server of `url`: its name goes into Host and into the TLS hello."""
    request = httpx.Request(
        "POST",
        url.copy_with(host=str(address)),
        headers={**headers, "Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"},
        content=sent,
        extensions={
            "sni_hostname": host_of(url),
            "timeout": {"connect": CONNECT_SECONDS, "read": None, "write": None, "pool": None},
        },
    )
    transport = httpx.AsyncHTTPTransport(verify=_tls(), trust_env=False)
    async with transport:
        response = await transport.handle_async_request(request)
        kept = b""
        body = cast(AsyncGenerator[bytes, None], response.aiter_raw())
        async with aclosing(body) as pieces:
            async for piece in pieces:
                kept += piece[: keep - len(kept)]
                if len(kept) >= keep:
                    break
        await response.aclose()
    return Answer(
        status=response.status_code,
        body_start=kept.decode("utf-8", "replace").replace("\x00", ""),
        duration_ms=_since(began),
        retry_after=response.headers.get("Retry-After"),
    )


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Trusts what httpx does, or the authorities in SSL_CERT_FILE; reading them takes time."""
    return httpx.create_ssl_context()


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _said(error: Exception) -> str:
    """The reason in words; errors of the network are often without any."""
    text = " ".join(str(error).split())
    kinds: dict[type[Exception], str] = {
        httpx.ConnectError: "No connection",
        httpx.ConnectTimeout: f"No connection within {CONNECT_SECONDS:g} s",
        httpx.ReadError: "The connection broke",
        httpx.RemoteProtocolError: "The answer was no HTTP",
    }
    kind = kinds.get(type(error), "It could not be sent")
    return f"{kind}: {text}."[:300] if text else f"{kind}."

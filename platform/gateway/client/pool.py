"""The connections to providers of one event loop, and how requests go out on them.

aiohttp carries them: on the same machine a call costs 0.5 ms of the processor, where httpx took 5
to 8 with 32 at once (`docs/performance.md`).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache

import aiohttp
import httpx
from yarl import URL

from gateway.addresses import host_of

MOST_CONNECTIONS = 200
IDLE_SECONDS = 15.0  # providers close theirs later
LONGEST_HEADER = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Request:
    """One request, to be sent to whatever address its host has. Its headers hold the key."""

    method: str
    url: httpx.URL
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None
    connect_seconds: float


class Pool:
    """Opens connections when they are needed and keeps them for a while. Close it when done."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(MOST_CONNECTIONS)
        self._session: aiohttp.ClientSession | None = None
        self._proxies = urllib.request.getproxies()

    async def place(self, within_seconds: float) -> AbstractContextManager[None]:
        """The right to have one call under way. Raises: TimeoutError where all are taken."""
        if self._places.locked():
            async with asyncio.timeout(within_seconds):
                await self._places.acquire()
        else:
            await self._places.acquire()
        return self._given_back()

    @contextmanager
    def _given_back(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._places.release()

    async def send(self, request: Request, place: httpx.URL) -> aiohttp.ClientResponse:
        """The answer's head, from `place`. Raises: aiohttp.ClientError, TimeoutError."""
        if self._session is None:
            self._session = _session()
        return await self._session.request(
            request.method,
            URL(str(place), encoded=True),
            headers=request.headers,
            data=request.content,
            allow_redirects=False,  # the key would go along
            proxy=self._proxy(place),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=request.connect_seconds),
        )

    def _proxy(self, place: httpx.URL) -> str | None:
        """Plain http stays in the own network, so it takes no proxy from the environment."""
        if place.scheme != "https" or not self._proxies:
            return None
        proxy = self._proxies.get("https") or self._proxies.get("all")
        return None if proxy is None or urllib.request.proxy_bypass(host_of(place)) else proxy

    async def close(self) -> None:
        """Give all connections up."""
        if self._session is not None:
            await self._session.close()


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0, ssl=trust(), keepalive_timeout=IDLE_SECONDS, ttl_dns_cache=10
        ),
        cookie_jar=aiohttp.DummyCookieJar(),  # what one project's provider sets is no other's
        headers={"Accept-Encoding": "identity", "User-Agent": "roadworthy"},
        max_line_size=LONGEST_HEADER,
        max_field_size=LONGEST_HEADER,
    )


@cache
def trust() -> ssl.SSLContext:
    """Whose certificates are believed; reading them takes a quarter of a second, once a process."""
    return httpx.create_ssl_context()


@lru_cache(maxsize=256)
def address_of(text: str) -> httpx.URL:
    """`text` in its parts. Raises: httpx.InvalidURL."""
    return httpx.URL(text)


def reason_of(error: BaseException | None) -> str:
    """Why no connection came about: what the system says lies deep below."""
    while error is not None:
        if isinstance(error, socket.gaierror | UnicodeError):
            return "its name has no address"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"its certificate is not accepted ({error.verify_message})"
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            error = error.certificate_error
            continue
        if isinstance(error, ssl.SSLError):
            return "it does not speak TLS as we do"
        error = error.__cause__ or error.__context__
    return "nothing answers at its address"

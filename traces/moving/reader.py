"""JSON over HTTP from another installation: patient with a busy one, plain about a wrong address.

No key ever stands in a message: they travel in headers alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from traces.moving.errors import NotThere, SourceError

Query = Mapping[str, Any]
Tell = Callable[[str], None]

# Exports of a large page with long prompts take servers tens of seconds.
TIMEOUT = httpx.Timeout(10.0, read=120.0)
MOST_BYTES = 256 * 2**20  # of one answer, as it lies in memory
MOST_TRIES = 7
MOST_FIRST_TRIES = 2  # where nothing answered yet: it is likely the wrong address
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 120.0  # seconds
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_THERE = frozenset({404, 405, 410})
_TOLD_FROM = 5.0  # seconds of waiting that are worth a line


class Reader:
    """Asks one host. Not shared between threads."""

    def __init__(
        self,
        base: str,
        *,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        tell: Tell = lambda line: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`base` is the host's address, with a path where it stands below one.

        Raises: SourceError where that is no address.
        """
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SourceError(f"{base!r} is no address such as https://host")
        if parts.username or parts.password:
            raise SourceError("The address must not hold a password; give the keys on their own")
        self.base = base.rstrip("/")
        self._tell, self._sleep = tell, sleep
        self._answered = False
        self._client = httpx.Client(
            auth=auth,
            headers={"user-agent": "roadworthy-import", **(headers or {})},
            timeout=TIMEOUT,
        )

    def close(self) -> None:
        """Give the connections up."""
        self._client.close()

    def get(self, path: str, query: Query | None = None) -> Any:
        """The JSON at `path`. Raises: NotThere, SourceError."""
        return self._ask("GET", path, query, None)

    def post(self, path: str, body: Any) -> Any:
        """What `path` answers to a question in JSON. Raises: NotThere, SourceError."""
        return self._ask("POST", path, None, body)

    def _ask(self, method: str, path: str, query: Query | None, body: Any) -> Any:
        pause = FIRST_PAUSE
        for attempt in range(1, MOST_TRIES + 1):
            try:
                status, headers, content = self._once(method, path, query, body)
            except httpx.TransportError as error:
                why, asked = f"cannot be reached ({_words(error)})", None
            except httpx.InvalidURL as error:
                raise SourceError(f"{self.base} is no address: {error}") from error
            else:
                self._answered = True
                if status == 200:
                    return self._json(path, content)
                if status not in _BUSY:
                    raise self._refused(status, headers, path, content)
                why, asked = f"answered {status} at {path}", _seconds(headers.get("retry-after"))
            if attempt >= (MOST_TRIES if self._answered else MOST_FIRST_TRIES):
                break
            wait = min(LONGEST_PAUSE, pause if asked is None else max(asked, 0.05))
            if wait >= _TOLD_FROM:
                self._tell(f"{self.base} {why}; asking again in {wait:.0f} s")
            self._sleep(wait)
            pause *= 2
        raise SourceError(f"{self.base} {why}; given up after {attempt} attempts")

    def _once(
        self, method: str, path: str, query: Query | None, body: Any
    ) -> tuple[int, httpx.Headers, bytes]:
        content = None if body is None else orjson.dumps(body)
        headers = {} if body is None else {"content-type": "application/json"}
        with self._client.stream(
            method, self.base + path, params=query, content=content, headers=headers
        ) as answer:
            found = bytearray()
            for piece in answer.iter_bytes():
                found += piece
                if len(found) > MOST_BYTES:
                    raise SourceError(
                        f"{self.base}{path} answered with more than {MOST_BYTES // 2**20} MiB"
                    )
            return answer.status_code, answer.headers, bytes(found)

    def _json(self, path: str, content: bytes) -> Any:
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError:
            raise SourceError(
                f"{self.base}{path} did not answer with JSON; is this the right address?"
            ) from None

    def _refused(
        self, status: int, headers: httpx.Headers, path: str, content: bytes
    ) -> SourceError:
        said = _said(content)
        if status in (401, 403):
            return SourceError(f"{self.base} refused the key ({status}){said}")
        if status in _NOT_THERE:
            return NotThere(f"{self.base} has nothing at {path} ({status}){said}")
        if 300 <= status < 400:
            to = headers.get("location", "elsewhere")
            return SourceError(f"{self.base} sends on to {to}: give that address")
        return SourceError(f"{self.base} answered {status} at {path}{said}")


def _words(error: Exception) -> str:
    return str(error).strip() or type(error).__name__


def _said(content: bytes) -> str:
    """What the server says of a refusal, in short."""
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError:
        return ""
    if isinstance(told, dict):
        for name in ("message", "detail", "error"):
            if isinstance(text := told.get(name), str) and text:
                return f": {text[:300]}"
    return ""


def _seconds(header: str | None) -> float | None:
    """How long Retry-After asks to wait, in either of its forms."""
    if not header:
        return None
    try:
        return float(header)
    except ValueError:
        pass
    try:
        return (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return None

"""What an answer other than a good one means. The provider's own words come along."""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import time
from collections.abc import Mapping

import aiohttp
import orjson

from gateway.client.adapters import Adapter
from gateway.client.errors import AuthFailed, BadRequest, CallFailed, RateLimited, Unavailable

MOST_BYTES = 64 * 1024
LONGEST = 1000  # characters of the provider's words
WITHIN_SECONDS = 5.0


async def refusal_of(response: aiohttp.ClientResponse, name: str, adapter: Adapter) -> CallFailed:
    """The failure that `response` stands for; `name` is that of the connection."""
    status = response.status
    if status < 400:
        return BadRequest(
            f"{name} answers with a redirect ({status}). It is not followed, because the key would "
            "go along: enter the address it leads to.",
            status=status,
        )
    words = await _words(response, adapter)
    said = f": {words}" if words else "."
    after = retry_after(response.headers)
    if status in (401, 403):
        return AuthFailed(f"{name} refuses the key ({status}){said}", status=status)
    if status == 429:
        text = f"{name} is asked too much ({status}){said}"
        return RateLimited(text, status=status, retry_after=after)
    if status >= 500:
        return Unavailable(f"{name} failed ({status}){said}", status=status, retry_after=after)
    return BadRequest(f"{name} does not take the request ({status}){said}", status=status)


async def _words(response: aiohttp.ClientResponse, adapter: Adapter) -> str:
    """What the provider says; nothing of a page in HTML."""
    body = b""
    with contextlib.suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(WITHIN_SECONDS):
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > MOST_BYTES:
                    break
    try:
        words = adapter.fault_of(orjson.loads(body))
    except orjson.JSONDecodeError:
        words = body.decode("utf-8", "replace").strip()
        words = "" if words.startswith("<") else words
    return words[:LONGEST]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds until the provider wants to be asked again; None where it does not say.

    Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after; `retry-after-ms` is OpenAI's.
    """
    with contextlib.suppress(ValueError):
        return max(0.0, float(headers.get("retry-after-ms", "")) / 1000)
    said = headers.get("retry-after", "")
    with contextlib.suppress(ValueError):
        return max(0.0, float(said))
    with contextlib.suppress(ValueError, OverflowError):  # an offset without bounds among them
        return max(0.0, email.utils.parsedate_to_datetime(said).timestamp() - time.time())
    return None

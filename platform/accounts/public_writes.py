"""What a web page needs to write scores with a public key alone: CORS, and a limit of its own.

Anybody who opens the page has the key, so it may only add, and not fast. Answers carry no cookie's
worth of trust (`*` without credentials), so any origin may read them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from accounts.verification import PublicBearer, shows_public_key
from kit.limits import TokenBucket

CLIENTS_OF_A_KEY = 50  # a guess: so many busy clients may share a key in one minute
MOST_BUCKETS = 50_000
PREFLIGHT_SECONDS = 7200  # what Chromium keeps at most

_NAME = re.compile(r"[a-z0-9-]{1,60}")
_buckets: dict[tuple[str, str], TokenBucket] = {}
_lock = Lock()


def wait_seconds(bearer: PublicBearer, client: str, amount: int = 1) -> float:
    """0.0 and `amount` scores may pass, or the seconds after which to try again.

    Counted for the key and for the client's address, in this process's share of the limits.
    """
    share = max(1.0, settings.PUBLIC_SCORES_PER_MINUTE / settings.WEB_PROCESSES)
    for who, burst in ((client, share), ("", share * CLIENTS_OF_A_KEY)):
        # More than a whole minute's worth can never pass at once: it costs the whole minute.
        wait = _bucket((bearer.public_key, who), burst).take(min(amount, burst))
        if wait:
            return wait
    return 0.0


def forget_clients() -> None:
    """Start to count anew, as tests do."""
    with _lock:
        _buckets.clear()


def _bucket(key: tuple[str, str], burst: float) -> TokenBucket:
    with _lock:
        bucket = _buckets.get(key)
        if bucket is None or bucket.burst != burst:
            if len(_buckets) >= MOST_BUCKETS:  # many addresses: those seen longest ago go
                for old in list(_buckets)[: MOST_BUCKETS // 2]:
                    del _buckets[old]
            bucket = _buckets[key] = TokenBucket(burst / 60, burst)
        return bucket


def is_preflight(request: HttpRequest) -> bool:
    """True where a browser asks whether a page of another origin may POST here."""
    return (
        request.method == "OPTIONS"
        and "Origin" in request.headers
        and request.headers.get("Access-Control-Request-Method", "").upper() == "POST"
    )


def preflight(request: HttpRequest) -> HttpResponse:
    """Yes, with a key and whatever headers a client puts beside it: none of them opens a door."""
    asked = request.headers.get("Access-Control-Request-Headers", "").lower()
    extra = {name.strip() for name in asked[:1000].split(",") if _NAME.fullmatch(name.strip())}
    response = HttpResponse(status=204)
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = "POST"
    response["Access-Control-Allow-Headers"] = ", ".join(
        sorted({"authorization", "content-type"} | extra)
    )
    response["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return response


def let_page_read(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the page read the answer to its own write; answers to other requests stay closed."""
    headers: Mapping[str, str] = {name.lower(): value for name, value in request.headers.items()}
    if request.method == "POST" and shows_public_key(headers):
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "Retry-After"

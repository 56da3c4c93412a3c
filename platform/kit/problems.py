"""RFC 9457 problem documents: what was wrong, and where, as JSON.

Source: https://www.rfc-editor.org/rfc/rfc9457, read 2026-11-20.
"""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"

_TITLES = {
    400: "Bad request",
    401: "Not authenticated",
    402: "Over budget",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid",
    429: "Too many requests",
    503: "Busy",
}


def problem(
    status: int, detail: str, *, title: str = "", where: str = "", errors: Any = None
) -> dict[str, Any]:
    """The document: `{"type", "title", "status", "detail", "where"?, "errors"?}`."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": title or _TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
    }
    if where:
        document["where"] = where
    if errors:
        document["errors"] = errors
    return document


def problem_response(status: int, detail: str, **parts: Any) -> HttpResponse:
    """The document as a Django answer, for views outside of REST framework."""
    return HttpResponse(
        orjson.dumps(problem(status, detail, **parts)), status=status, content_type=CONTENT_TYPE
    )

"""RFC 9457 problem documents: what was wrong, and where, as JSON.

Source: https://www.rfc-editor.org/rfc/rfc9457, read 2026-11-20.
"""

from __future__ import annotations

from typing import Any

import orjson
from django.http import Http404, HttpResponse
from rest_framework import exceptions, renderers
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_handler

CONTENT_TYPE = "application/problem+json"

_TITLES = {
    400: "Bad request",
    401: "Not authenticated",
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


class JSONRenderer(renderers.JSONRenderer):
    """Plain JSON by orjson; exact for decimals because views hand them over as text."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Any = None,
    ) -> bytes:
        """The body; nothing for an empty answer."""
        return b"" if data is None else orjson.dumps(data, default=str)


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


def _errors(detail: Any, where: str = "") -> list[dict[str, str]]:
    """REST framework's nested details as a flat list of `{"where", "detail"}`."""
    if isinstance(detail, dict):
        return [
            error
            for key, value in detail.items()
            for error in _errors(value, f"{where}.{key}" if where else str(key))
        ]
    if isinstance(detail, list):
        return [
            error
            for index, value in enumerate(detail)
            for error in _errors(
                value, f"{where}[{index}]" if isinstance(value, dict | list) else where
            )
        ]
    return [{"where": where, "detail": str(detail)}]


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's hook: every refusal as a problem document."""
    response = drf_handler(error, context)
    if response is None:
        return None
    status = response.status_code
    if isinstance(error, exceptions.ValidationError):
        errors = _errors(error.detail)
        text = "; ".join(f"{e['where']}: {e['detail']}" if e["where"] else e["detail"] for e in errors)
        response.data = problem(status, text, title="Invalid", errors=errors)
    elif isinstance(error, Http404 | exceptions.NotFound):
        response.data = problem(404, str(getattr(error, "detail", "")) or "There is no such thing.")
    elif isinstance(error, exceptions.APIException):
        response.data = problem(status, str(error.detail))
    response.content_type = CONTENT_TYPE
    return response

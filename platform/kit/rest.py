"""How REST framework answers here: JSON by orjson, every refusal as a problem document."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import Http404
from rest_framework import exceptions, parsers, renderers
from rest_framework.response import Response

from kit.problems import CONTENT_TYPE, problem


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


class JSONParser(parsers.JSONParser):
    """JSON by orjson: strict, and what is nested too deeply is refused as any other mistake."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """The body's value. Raises: ParseError."""
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise exceptions.ParseError(f"The body is not JSON: {error}") from None


def _errors(detail: Any, where: str = "") -> list[dict[str, str]]:
    """REST framework's nested details as a flat list of `{"where", "detail"}`."""
    if isinstance(detail, dict):
        return [
            error for key, value in detail.items() for error in _errors(value, _below(where, key))
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


def _below(where: str, key: Any) -> str:
    """The path of a field, or of an item of a list."""
    if isinstance(key, int):
        return f"{where}[{key}]"
    return f"{where}.{key}" if where else str(key)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's hook: every refusal as a problem document."""
    # Imported late: REST framework reads its settings, which name this module, on import.
    from rest_framework.views import exception_handler as drf_handler

    response = drf_handler(error, context)
    if response is None:
        return None
    status = response.status_code
    if isinstance(error, exceptions.ValidationError):
        errors = _errors(error.detail)
        text = "; ".join(
            f"{e['where']}: {e['detail']}" if e["where"] else e["detail"] for e in errors
        )
        response.data = problem(status, text, title="Invalid", errors=errors)
    elif isinstance(error, Http404 | exceptions.NotFound):
        response.data = problem(404, str(getattr(error, "detail", "")) or "There is no such thing.")
    else:
        # Django's own PermissionDenied is none of REST framework's errors, but answered as one.
        response.data = problem(status, str(response.data["detail"]))
    response.content_type = CONTENT_TYPE
    return response

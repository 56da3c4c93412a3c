"""What all addresses below `/api/public/` share: keys in, JSON out, refusals as SDKs read them.

A refusal is `{"message", "error"}`: the SDKs raise by status and show the body.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.authentication import key_wait_seconds
from accounts.models import Scope
from accounts.verification import Bearer, Refused, verify
from kit.errors import DomainError
from traces.ingest.door.answers import langfuse_refusal
from traces.ingest.wire.errors import BadRequestBody
from traces.ingest.wire.json_body import read_json

MOST_BODY_BYTES = 16 * 2**20


class ApiError(Exception):
    """A refusal; the text is for the caller."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Call:
    """One request with a good key."""

    request: HttpRequest
    bearer: Bearer

    @property
    def project_id(self) -> int:
        """The project of the key."""
        return self.bearer.project_id

    def body(self) -> Any:
        """The JSON of the body. Raises: ApiError."""
        return read_body(self.request, MOST_BODY_BYTES)


def read_body(request: HttpRequest, most: int) -> Any:
    """The JSON of a body of at most so many bytes. Raises: ApiError."""
    sent = request.read(most + 1)
    if len(sent) > most:
        raise ApiError(413, f"The body may have {most:,} bytes.")
    try:
        return read_json(sent)[0]
    except BadRequestBody as bad:
        raise ApiError(bad.status, bad.detail) from None


@dataclass(frozen=True)
class Answer:
    """A body for JSON, and a status."""

    body: Any
    status: int = 200


# A handler takes the call and what the address names, and gives a body or an answer.
Handler = Callable[..., Any]
Scoped = tuple[Scope | None, Handler]


def address(**handlers: Scoped) -> Callable[..., HttpResponse]:
    """The view of an address: for each method the scope it needs (None: any) and its handler."""

    @csrf_exempt
    def view(request: HttpRequest, **named: Any) -> HttpResponse:
        try:
            answer = _answer(request, handlers, named)
        except ApiError as error:
            return refusal(error.status, str(error))
        except Refused as refused:
            return refusal(refused.status, refused.reason)
        except (DomainError, PermissionDenied) as error:
            return refusal(403, str(error) or "The key may not do this.")
        except Http404 as missing:
            return refusal(404, str(missing))
        return answer if isinstance(answer, HttpResponse) else written(answer)

    return view


def _answer(request: HttpRequest, handlers: dict[str, Scoped], named: dict[str, Any]) -> Any:
    scoped = handlers.get((request.method or "").lower())
    if scoped is None:
        allowed = ", ".join(sorted(handlers)).upper()
        raise ApiError(405, f"{request.method} is not possible here; there is {allowed}.")
    scope, handler = scoped
    bearer = _bearer(request, scope)
    if wait := key_wait_seconds(bearer):
        response = refusal(429, "The key is over its requests a minute.")
        response["Retry-After"] = str(ceil(wait))
        return response
    if any("\0" in str(name) for name in named.values()):  # PostgreSQL's text cannot hold it
        raise ApiError(404, "There is no such thing.")
    return handler(Call(request, bearer), **named)


def _bearer(request: HttpRequest, scope: Scope | None) -> Bearer:
    """Raises: Refused."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    if scope is not None:
        return verify(headers, scope)
    refused: Refused | None = None
    for any_scope in Scope:
        try:
            return verify(headers, any_scope)
        except Refused as error:
            if error.status != 403:
                raise
            refused = error
    assert refused is not None  # noqa: S101  (there are scopes)
    raise refused


def written(answer: Any) -> HttpResponse:
    """A body, or an answer with its status, as JSON."""
    given = answer if isinstance(answer, Answer) else Answer(answer)
    return HttpResponse(
        orjson.dumps(given.body, default=str, option=orjson.OPT_NON_STR_KEYS),
        status=given.status,
        content_type="application/json",
    )


def refusal(status: int, message: str) -> HttpResponse:
    """`{"message", "error"}`."""
    answer = langfuse_refusal(status, message)
    response = HttpResponse(answer.body, status=status, content_type=answer.content_type)
    if status == 401:
        response["WWW-Authenticate"] = "Basic"
    return response


def nothing_here(call: Call, rest: str = "") -> Any:
    """404 for an address that is not served (yet); SDKs fall back where they can."""
    raise ApiError(404, f"There is nothing at {call.request.path[:200]}.")

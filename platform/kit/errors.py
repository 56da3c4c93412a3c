"""Refusals a person may read, and how they reach a page or an API caller."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from kit.problems import problem_response


class DomainError(Exception):
    """A rule of the product said no. The text is written for the person who reads it."""


def wants_json(request: HttpRequest) -> bool:
    """True for callers of the API, who get a problem document instead of a page."""
    return request.path.startswith(("/api/", "/v1/", "/otel/", "/gateway/", "/mcp"))


class DomainErrorMiddleware:
    """Answers a `DomainError` with 409: a problem document for APIs, a page for people."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn a `DomainError` into an answer; leave every other exception alone."""
        if not isinstance(error, DomainError):
            return None
        if wants_json(request):
            return problem_response(409, str(error))
        return render(request, "409.html", {"reason": str(error)}, status=409)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 in the caller's language."""
    if wants_json(request):
        return problem_response(404, f"There is nothing at {request.path}.")
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 in the caller's language."""
    if wants_json(request):
        return problem_response(403, str(exception) or "Your role does not allow this.")
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 in the caller's language; says nothing of the inside."""
    if wants_json(request):
        return problem_response(500, "Something failed on our side; the log has the request id.")
    # Without the request: what failed may be the database that the shell would ask.
    return HttpResponse(render_to_string("500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long or came from elsewhere."""
    return render(request, "403_csrf.html", status=403)

"""Refusals and failures are pages in the product's own frame, for those signed in and those not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory

from kit import errors


def _conflict(request: HttpRequest) -> HttpResponse:
    middleware = errors.DomainErrorMiddleware(lambda _: HttpResponse())
    answer = middleware.process_exception(request, errors.DomainError("The budget is <spent>."))
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (lambda r: errors.not_found(r, Http404()), 404, "There is nothing here"),
        (lambda r: errors.forbidden(r, PermissionDenied()), 403, "Your role does not allow this"),
        (errors.csrf_failure, 403, "Nothing was changed"),
        (_conflict, 409, "The budget is &lt;spent&gt;."),
        (errors.server_error, 500, "Something failed on our side"),
    ],
    ids=["not found", "forbidden", "form too old", "conflict", "server error"],
)
def test_a_failure_is_a_page_with_a_way_on(
    rf: RequestFactory,
    answer: Callable[[HttpRequest], HttpResponse],
    status: int,
    words: str,
) -> None:
    response = answer(rf.get("/p/support/traces/"))
    page = response.content.decode()
    assert response.status_code == status
    assert words in page
    assert page.count("<h1") == 1
    assert 'href="/"' in page
    assert "<script>" not in page
    assert " style=" not in page


def test_api_callers_get_a_problem_document(rf: RequestFactory) -> None:
    response = errors.not_found(rf.get("/api/v1/nothing"), Http404())
    assert response["Content-Type"] == "application/problem+json"

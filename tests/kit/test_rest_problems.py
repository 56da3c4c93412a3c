"""Every refusal of the REST interface is a problem document that says what and where."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import Http404
from rest_framework import exceptions

from kit.problems import CONTENT_TYPE, problem, problem_response
from kit.rest import JSONRenderer, exception_handler


def handled(error: Exception) -> tuple[int, dict[str, Any]]:
    response = exception_handler(error, {})
    assert response is not None
    assert response.content_type == CONTENT_TYPE
    assert response.data["status"] == response.status_code
    return response.status_code, response.data


def test_faults_of_fields_are_listed_flat_with_their_places() -> None:
    detail = {"name": ["Too long."], "spans": [{}, {"model": ["Unknown."]}], "limit": "No."}
    status, document = handled(exceptions.ValidationError(detail))
    assert status == 400
    assert document["errors"] == [
        {"where": "name", "detail": "Too long."},
        {"where": "spans[1].model", "detail": "Unknown."},
        {"where": "limit", "detail": "No."},
    ]
    assert document["detail"] == "name: Too long.; spans[1].model: Unknown.; limit: No."


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (exceptions.NotFound("No such trace."), 404, "Not found"),
        (Http404(), 404, "Not found"),
        (exceptions.NotAuthenticated(), 401, "Not authenticated"),
        (exceptions.PermissionDenied(), 403, "Not allowed"),
        (exceptions.MethodNotAllowed("PUT"), 405, "Method not allowed"),
        (exceptions.UnsupportedMediaType("text/x"), 415, "Unsupported media type"),
        (exceptions.Throttled(3), 429, "Too many requests"),
        (exceptions.ParseError("Not JSON."), 400, "Bad request"),
    ],
)
def test_every_refusal_is_one(error: Exception, status: int, title: str) -> None:
    found, document = handled(error)
    assert (found, document["title"], document["type"]) == (status, title, "about:blank")
    assert document["detail"]


def test_what_is_no_refusal_is_left_alone() -> None:
    assert exception_handler(ValueError("a bug"), {}) is None


def test_a_document_names_only_what_is_there() -> None:
    assert set(problem(400, "No.")) == {"type", "title", "status", "detail"}
    assert problem(418, "No.")["title"] == "Error"
    assert problem_response(503, "Busy.", where="db")["Content-Type"] == CONTENT_TYPE


def test_an_empty_answer_has_no_body() -> None:
    assert JSONRenderer().render(None) == b""
    assert JSONRenderer().render({"a": "é"}) == '{"a":"é"}'.encode()

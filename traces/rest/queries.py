"""Queries in addresses of the API: read, or refused with their place."""

from __future__ import annotations

from rest_framework.response import Response

from kit.problems import CONTENT_TYPE, problem
from traces.query import QueryError


def query_problem(error: QueryError, where: str = "q") -> Response:
    """400: the place in the text as characters, what stands there and what was expected."""
    found = {
        "where": where,
        "detail": error.message,
        "position": error.position,
        "length": error.length,
        "found": error.found,
        "expected": error.expected,
    }
    document = problem(400, f"{where}: {error.message}", title="Invalid", errors=[found])
    return Response(document, status=400, content_type=CONTENT_TYPE)

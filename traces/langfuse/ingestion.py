"""Langfuse's intake addresses where a request reached Django; see `traces.ingest.endpoint`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from traces.ingest.adapter import take
from traces.langfuse.envelope import refusal


@csrf_exempt
def intake(request: HttpRequest) -> HttpResponse:
    """The answer of intake to a POST."""
    if request.method != "POST":
        return refusal(405, f"{request.method} is not possible here; there is POST.")
    return take(request)

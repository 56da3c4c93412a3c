"""Langfuse's intake addresses where a request reached Django; see `traces.ingest.door.endpoint`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.public_writes import is_preflight, preflight
from traces.ingest.door.adapter import take
from traces.langfuse.envelope import refusal
from traces.langfuse.from_page import answer_page, is_from_page, store_batch

INGESTION = "/api/public/ingestion"


@csrf_exempt
def intake(request: HttpRequest) -> HttpResponse:
    """The answer of intake to a POST."""
    if request.method != "POST":
        return refusal(405, f"{request.method} is not possible here; there is POST.")
    return take(request)


@csrf_exempt
def ingestion(request: HttpRequest) -> HttpResponse:
    """The same for batches, which a web page may send with the public key alone."""
    if is_preflight(request):
        return preflight(request)
    if is_from_page(request):
        return answer_page(request, store_batch)
    return intake(request)


def is_for_django(scope: Any) -> bool:
    """True for a batch of a web page, which is Django's though its address is one of intake."""
    return scope["path"].rstrip("/") == INGESTION and any(
        name == b"authorization" and value[:10].lower() == b"bearer pk-"
        for name, value in scope["headers"]
    )

"""Intake for a request that reached Django, as under WSGI or in Django's test client.

It crosses the very same `Intake` as any other request; only its threads live no longer than it.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.http import HttpRequest, HttpResponse

from kit.connections import own_connection
from traces.ingest.door.announcer import Announcer
from traces.ingest.door.endpoint import Intake


def take(request: HttpRequest) -> HttpResponse:
    """The answer of intake to one POST."""
    announcer = Announcer()
    intake = Intake(own_connection, announcer)
    try:
        # On a thread of its own: this one may have an event loop already.
        with ThreadPoolExecutor(1) as thread:
            through = _through(intake, _scope(request), request.body)
            start, body = thread.submit(asyncio.run, through).result()
    finally:
        intake.close()
        announcer.close()
    response = HttpResponse(body["body"], status=start["status"])
    for name, value in start["headers"]:
        if name != b"content-length":
            response[name.decode()] = value.decode()
    return response


async def _through(intake: Intake, scope: dict[str, Any], body: bytes) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await intake(scope, receive, send)
    return sent


def _scope(request: HttpRequest) -> dict[str, Any]:
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in request.headers.items()
    ]
    return {
        "type": "http",
        "method": "POST",
        "path": request.path,
        "headers": headers,
        "client": (request.META.get("REMOTE_ADDR", ""), 0),
    }

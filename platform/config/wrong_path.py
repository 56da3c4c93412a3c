"""Tells senders that they post traces to a path that does not exist, and where they should."""

from __future__ import annotations

import logging
from typing import Any

import django.db
import orjson
from django.urls import Resolver404, resolve

from accounts.models import Scope
from accounts.verification import Refused, verify
from kit.asking import Asking
from kit.problems import CONTENT_TYPE, problem
from traces.services import Notice, note_intake

log = logging.getLogger(__name__)

_SENDS = ("application/x-protobuf", "application/protobuf", "application/json")


def right_path(path: str) -> str:
    """What the sender of `path` probably meant."""
    if "/api/v1" in path:
        return "/api/v1/traces"
    return "/v1/traces"


class WrongPath:
    """Answers a POST with a project key to an unknown path; hands everything else on."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._asking = Asking(1, "wrong-path")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass on what Django knows."""
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        is_sender = (
            scope["method"] == "POST"
            and ("authorization" in headers or "x-api-key" in headers)
            and headers.get("content-type", "").split(";")[0].strip().lower() in _SENDS
        )
        if not is_sender or _is_known(scope["path"]):
            await self._application(scope, receive, send)
            return
        path = scope["path"]
        reason = f"There is no {path[:100]}. Traces go to {right_path(path)}."
        try:
            await self._asking.ask(_note, headers, path, reason)
        except (django.db.Error, TimeoutError) as error:
            log.warning("intake notice not kept", extra={"reason": str(error)[:200]})
        body = orjson.dumps(problem(404, reason))
        await send(
            {
                "type": "http.response.start",
                "status": 404,
                "headers": [
                    (b"content-type", CONTENT_TYPE.encode()),
                    (b"content-length", str(len(body)).encode()),
                ],
            }
        )
        await send({"type": "http.response.body", "body": body})


def _is_known(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def _note(headers: dict[str, str], path: str, reason: str) -> None:
    project_id, public_key = None, ""
    try:
        bearer = verify(headers, Scope.INGEST)
        project_id, public_key = bearer.project_id, bearer.public_key
    except Refused as refused:
        project_id, public_key = refused.project_id, refused.public_key
    note_intake(
        Notice(
            kind="refused",
            status=404,
            method="POST",
            path=path,
            reason=reason,
            project_id=project_id,
            public_key=public_key,
            client=headers.get("user-agent", ""),
        )
    )

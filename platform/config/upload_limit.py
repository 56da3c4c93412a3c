"""Lets no more of an upload reach Django than its address takes.

Django writes a body to disk before any view sees it, and uploads carry no key.
"""

from __future__ import annotations

from typing import Any

from traces.media.addresses import BadAddress, promise_of

UPLOADS = "/api/public/media/uploads/"


class UploadLimit:
    """Ends the body of an upload one byte after the promised size; the view refuses it then."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass on; of an upload no more than was promised, without a good address nothing."""
        if not scope["path"].startswith(UPLOADS):
            await self._application(scope, receive, send)
            return
        try:
            left = promise_of(scope["path"].removeprefix(UPLOADS)).size + 1
        except BadAddress:
            left = 0
        is_read = False

        async def limited() -> Any:
            nonlocal left, is_read
            if left == 0 and not is_read:
                is_read = True
                return {"type": "http.request", "body": b"", "more_body": False}
            message = await receive()
            while is_read and message["type"] == "http.request":  # what is too much is dropped
                message = await receive()
            if message["type"] == "http.request":
                body = message.get("body", b"")[:left]
                left -= len(body)
                is_read = left == 0 or not message.get("more_body")
                return {"type": "http.request", "body": body, "more_body": not is_read}
            return message

        await self._application(scope, limited, send)

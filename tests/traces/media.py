"""What an SDK says and does to upload a file, in few words."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from django.test import Client

from tests.factories import Key
from tests.traces.langfuse import basic

# A red square, so that a browser has something to draw.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mP4z8CAFTEMLQkAKP8/wc53"
    "yE8AAAAASUVORK5CYII="
)


def announced(content: bytes, content_type: str = "image/png", **changes: Any) -> dict[str, Any]:
    """What an SDK says before it uploads."""
    return {
        "traceId": "t",
        "observationId": "s",
        "contentType": content_type,
        "contentLength": len(content),
        "sha256Hash": base64.b64encode(hashlib.sha256(content).digest()).decode(),
        "field": "input",
        **changes,
    }


def announce(client: Client, key: Key, **said: Any) -> Any:
    """The answer to an announcement."""
    return client.post(
        "/api/public/media", said, content_type="application/json", headers=basic(key)
    )


def put(client: Client, url: str, content: bytes, **headers: str) -> Any:
    """The answer to an upload; without any key, as the SDK does it."""
    return client.generic("PUT", url, content, content_type="image/png", headers=headers)


def upload(client: Client, key: Key, content: bytes, content_type: str = "image/png") -> str:
    """Announce and upload; the id."""
    told = announce(client, key, **announced(content, content_type)).json()
    assert put(client, told["uploadUrl"], content).status_code == 200
    media_id: str = told["mediaId"]
    return media_id

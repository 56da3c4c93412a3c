"""Examples in the OpenAPI document."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

_CONTENT = {
    "type": "chat",
    "prompt": [
        {"role": "system", "content": "You are the refunds specialist.\n{{> support/tone}}"},
        {"type": "placeholder", "name": "history"},
        {"role": "user", "content": "{{question}}"},
    ],
    "model": "gpt-4o-mini",
    "parameters": {"temperature": 0.2},
    "message": "Answer in fewer words",
}
NEW_PROMPT = OpenApiExample(
    "A chat prompt in a folder",
    value={"name": "support/refund-agent", **_CONTENT, "labels": ["staging"], "tags": ["support"]},
    request_only=True,
)
NEW_VERSION = OpenApiExample("Its next version", value=_CONTENT, request_only=True)

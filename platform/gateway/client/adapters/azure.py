"""Azure OpenAI: OpenAI's protocol at addresses and under headers of its own.

With an api-version the deployment stands in the path; without one it is Azure's API v1, where it
stands in the body. Source: https://learn.microsoft.com/azure/ai-services/openai/reference and
`openai/lib/azure.py` of the package `openai`, read 2026-11-30.
"""

from __future__ import annotations

from urllib.parse import quote

from gateway.client.adapters import openai
from gateway.client.adapters.openai import (
    answer_of,
    embedded_of,
    fault_of,
    left_out,
    models_of,
    stream_reader,
)
from gateway.client.adapters.wire import HttpCall
from gateway.client.connection import Connection
from gateway.client.request import ChatRequest, EmbeddingRequest

__all__ = [
    "answer_of",
    "chat_call",
    "embedded_of",
    "embeddings_call",
    "fault_of",
    "left_out",
    "models_call",
    "models_of",
    "stream_reader",
]

# The first version that takes `stream_options` and `max_completion_tokens`.
_SINCE = "2024-09-01"


def chat_call(connection: Connection, request: ChatRequest) -> HttpCall:
    """The chat completion of the deployment `request.model`."""
    is_new = not connection.api_version or connection.api_version >= _SINCE
    body = openai.chat_body(request, names_completion_tokens=is_new, asks_usage=is_new)
    return HttpCall(_address(connection, request.model, "chat/completions"), _key(connection), body)


def embeddings_call(connection: Connection, request: EmbeddingRequest) -> HttpCall:
    """The vectors of the deployment `request.model`."""
    address = _address(connection, request.model, "embeddings")
    return HttpCall(address, _key(connection), openai.embeddings_body(request))


def models_call(connection: Connection) -> HttpCall:
    """The models that the resource could deploy: which ones it does, the key may not ask."""
    return HttpCall(_address(connection, "", "models"), _key(connection), method="GET")


def _address(connection: Connection, deployment: str, what: str) -> str:
    base = connection.url.removesuffix("/v1").removesuffix("/openai")
    if not connection.api_version:
        return f"{base}/openai/v1/{what}"
    inside = f"deployments/{quote(deployment, safe='')}/" if deployment else ""
    return f"{base}/openai/{inside}{what}?api-version={quote(connection.api_version, safe='')}"


def _key(connection: Connection) -> dict[str, str]:
    return {"api-key": connection.key}

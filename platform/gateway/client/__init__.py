"""The door to models: every call of the platform goes through here, and leaves a span.

from gateway import client

called = client.chat(connection, request, about)            # synchronous code
async with (await client.current()).stream(…) as answer:    # in an event loop
    async for delta in answer: …
"""

from gateway.client.about import PLATFORM_FEATURE, About, Called
from gateway.client.answer import Answer, Embedded, Usage
from gateway.client.calls import ModelClient, Streaming
from gateway.client.connection import Connection
from gateway.client.errors import CallFailed
from gateway.client.patience import IMPATIENT, Patience
from gateway.client.process import chat, close, current, embed, keep, models, wait
from gateway.client.reading import BadMessages, read_messages
from gateway.client.request import ChatRequest, EmbeddingRequest, Message, system, user

__all__ = [
    "IMPATIENT",
    "PLATFORM_FEATURE",
    "About",
    "Answer",
    "BadMessages",
    "CallFailed",
    "Called",
    "ChatRequest",
    "Connection",
    "Embedded",
    "EmbeddingRequest",
    "Message",
    "ModelClient",
    "Patience",
    "Streaming",
    "Usage",
    "chat",
    "close",
    "current",
    "embed",
    "keep",
    "models",
    "read_messages",
    "system",
    "user",
    "wait",
]

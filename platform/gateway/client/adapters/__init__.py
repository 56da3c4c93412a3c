"""How each kind of provider speaks: a module a kind, pure functions both ways.

Every module has the functions of `Adapter`; which module speaks for a connection stands in
`adapter_for`. A new kind is a module here and a line there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from gateway.client.adapters import anthropic, azure, openai
from gateway.client.adapters.wire import HttpCall, ServerEvent
from gateway.client.answer import Delta, Embedded
from gateway.client.connection import Connection
from gateway.client.request import ChatRequest, EmbeddingRequest
from gateway.models import Kind

__all__ = ["Adapter", "adapter_for"]


class StreamReader(Protocol):
    """Reads the events of one streamed answer, in order."""

    @property
    def is_whole(self) -> bool:
        """Whether the model has come to its end, so that the stream may end too."""

    @property
    def is_over(self) -> bool:
        """Whether the protocol's last event has come; nothing follows it."""

    def read(self, event: ServerEvent) -> Iterable[Delta]:
        """The pieces in `event`. Raises: CutOff, BadAnswer."""


class Adapter(Protocol):
    """What a module of a kind can do."""

    def chat_call(self, connection: Connection, request: ChatRequest) -> HttpCall:
        """The HTTP request that asks for an answer."""

    def left_out(self, request: ChatRequest) -> Sequence[str]:
        """Parameters that the provider does not know, and that are not sent to it."""

    def answer_of(self, document: Mapping[str, Any]) -> Iterable[Delta]:
        """The pieces of a whole answer that came as one document. Raises: BadAnswer."""

    def stream_reader(self) -> StreamReader:
        """A reader for one streamed answer."""

    def embeddings_call(self, connection: Connection, request: EmbeddingRequest) -> HttpCall:
        """The HTTP request that asks for vectors. Raises: BadRequest where it has none."""

    def embedded_of(self, document: Mapping[str, Any], request: EmbeddingRequest) -> Embedded:
        """The vectors in an answer. Raises: BadAnswer."""

    def models_call(self, connection: Connection) -> HttpCall:
        """The HTTP request that asks which models there are."""

    def models_of(self, document: Mapping[str, Any]) -> list[str]:
        """Their names, in order. Raises: BadAnswer."""

    def fault_of(self, document: Any) -> str:
        """What an answer other than 200 says; empty where it says nothing."""


_ADAPTERS: dict[str, Adapter] = {
    Kind.OPENAI: openai,
    Kind.ANTHROPIC: anthropic,
    Kind.AZURE: azure,
}


def adapter_for(connection: Connection) -> Adapter:
    """Who speaks for `connection`. Simulated ones speak no protocol: see `simulated`."""
    return _ADAPTERS[connection.kind]

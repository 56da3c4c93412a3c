"""What adapters and HTTP hand each other: requests, and the events of a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.client.errors import BadAnswer

LONGEST_EVENT = 8 * 1024 * 1024  # bytes; a guess: one event of a stream is a few words


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One HTTP request. Its headers hold the key, so they stay out of what is printed."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: Mapping[str, Any] | None = None
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event of a stream: its name, where it has one, and its data."""

    name: str
    data: str


class EventReader:
    """Splits the bytes of `text/event-stream` into events, wherever the network cut them.

    Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, read 2026-11-30.
    """

    def __init__(self) -> None:
        self._buffer = b""
        self._name = ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> Iterator[ServerEvent]:
        """The events that `chunk` completes. Raises: BadAnswer where one grows without end."""
        self._buffer += chunk
        # A carriage return at the very end may be half of a line end.
        lines = self._buffer.replace(b"\r\n", b"\n")
        whole = lines[:-1] if lines.endswith(b"\r") else lines
        *complete, rest = whole.replace(b"\r", b"\n").split(b"\n")
        self._buffer = rest + lines[len(whole) :]
        if len(self._buffer) > LONGEST_EVENT:
            raise BadAnswer("The provider's stream has a line without end.")
        for line in complete:
            event = self._line(line.decode("utf-8", "replace"))
            if event is not None:
                yield event

    def end(self) -> Iterator[ServerEvent]:
        """What stands at the end without the empty line that should close it."""
        if self._buffer:
            yield from self.feed(b"\n")
        event = self._line("")
        if event is not None:
            yield event

    def _line(self, line: str) -> ServerEvent | None:
        if not line:
            name, data = self._name, self._data
            self._name, self._data = "", []
            return ServerEvent(name, "\n".join(data)) if data else None
        field_name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field_name == "data":
            self._data.append(value)
        elif field_name == "event":
            self._name = value
        return None


def document_of(data: str | bytes) -> Mapping[str, Any]:
    """A JSON object. Raises: BadAnswer."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise BadAnswer("The provider's answer is not JSON.") from None
    if not isinstance(document, dict):
        raise BadAnswer("The provider's answer is no JSON object.")
    return document


def count_of(record: Any, *path: str) -> int | None:
    """A token count inside a usage record; None where there is none."""
    for name in path:
        record = record.get(name) if isinstance(record, dict) else None
    if isinstance(record, bool) or not isinstance(record, int) or record < 0:
        return None
    return record


def text_of(value: Any) -> str:
    """`value` where it is text, else empty."""
    return value if isinstance(value, str) else ""


def rest(whole: int | None, *parts: int | None) -> int | None:
    """`whole` less its parts; where they exceed it they are counted beside it."""
    if whole is None:
        return None
    special = sum(part or 0 for part in parts)
    return whole - special if special <= whole else whole

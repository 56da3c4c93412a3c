"""One trace being told: a clock that runs, the spans that are open, the spans so far."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import orjson
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

Value = str | int | float | bool | list[str]
Attributes = dict[str, Value]

INTERNAL, SERVER, CLIENT = 1, 2, 3
_NS = 1_000_000_000


class Failure(NamedTuple):
    """How something went wrong: the error's type, what it says, and a stack trace if there is."""

    kind: str
    message: str
    stack: str = ""


class Failed(Exception):
    """Ends the spans around a failure, each marked with it, until somebody recovers."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def json(value: Any) -> str:
    """Return JSON text, as attributes carry structured values."""
    return orjson.dumps(value).decode()


def put(target: Any, attributes: Attributes) -> None:
    """Append attributes to a protobuf list of them."""
    for key, value in attributes.items():
        pair = target.add()
        pair.key = key
        known = value.__class__
        if known is str:
            pair.value.string_value = value
        elif known is bool:
            pair.value.bool_value = value
        elif known is int:
            pair.value.int_value = value
        elif known is float:
            pair.value.double_value = value
        else:
            for item in value:  # type: ignore[union-attr]
                pair.value.array_value.values.add().string_value = item


class Telling:
    """Makes the spans of one trace. `common` stands on every span of it."""

    def __init__(self, chance: random.Random, start_ns: int, common: Attributes) -> None:
        self.chance = chance
        self.start_ns = self.now_ns = start_ns
        self.trace_id = chance.getrandbits(128).to_bytes(16, "big")
        self.spans: list[Span] = []
        self._common = Span()
        put(self._common.attributes, common)
        self._open: list[bytes] = []

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now_ns += int(seconds * _NS)

    @contextmanager
    def within(
        self, name: str, attributes: Attributes | None = None, kind: int = INTERNAL
    ) -> Iterator[Span]:
        """Open a span; what is told inside stands below it. A failure inside marks it, too."""
        span = self._new(name, attributes or {}, kind)
        self._open.append(span.span_id)
        self.wait(self.chance.uniform(0.001, 0.006))
        try:
            yield span
        except Failed as failed:
            mark(span, failed.failure, self.now_ns)
            raise
        finally:
            self._open.pop()
            self.wait(self.chance.uniform(0.0005, 0.004))
            span.end_time_unix_nano = self.now_ns

    def leaf(
        self,
        name: str,
        attributes: Attributes,
        seconds: float,
        *,
        kind: int = INTERNAL,
        failure: Failure | None = None,
        beside: bool = False,
    ) -> Span:
        """Add a span without children. `beside`: the clock stays, for what runs in parallel.

        Raises: Failed when it ends in `failure`.
        """
        span = self._new(name, attributes, kind)
        end = self.now_ns + max(1_000, int(seconds * _NS))
        span.end_time_unix_nano = end
        if not beside:
            self.now_ns = end + self.chance.randrange(200_000, 3_000_000)
        if failure is not None:
            mark(span, failure, end)
            raise Failed(failure)
        return span

    def _new(self, name: str, attributes: Attributes, kind: int) -> Span:
        span = Span(
            trace_id=self.trace_id,
            span_id=self.chance.getrandbits(64).to_bytes(8, "big"),
            parent_span_id=self._open[-1] if self._open else b"",
            name=name,
            kind=kind,  # type: ignore[arg-type]
            start_time_unix_nano=self.now_ns,
        )
        put(span.attributes, attributes)
        span.attributes.extend(self._common.attributes)
        self.spans.append(span)
        return span


def mark(span: Span, failure: Failure, at_ns: int) -> None:
    """Say on a span that it failed, with an exception event where there is a stack trace."""
    span.status.code = Status.STATUS_CODE_ERROR
    span.status.message = failure.message
    put(span.attributes, {"error.type": failure.kind})
    if failure.stack:
        event = span.events.add()
        event.name, event.time_unix_nano = "exception", at_ns
        put(
            event.attributes,
            {
                "exception.type": failure.kind,
                "exception.message": failure.message,
                "exception.stacktrace": failure.stack,
            },
        )

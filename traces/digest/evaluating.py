"""Which spans of a trace its evaluators made: their cost stands apart from the trace's. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol

from traces.ingest.record import Kind


class Place(NamedTuple):
    """Where a span stands, and what it is."""

    span_id: str
    parent_span_id: str | None
    kind: int


def evaluating(places: Collection[Place]) -> set[str]:
    """The ids of evaluators and of everything below them.

    Empty where that is the whole trace: then the evaluation is what was traced, and its cost is
    the trace's own. Depends on the set of spans alone, never on their order.
    """
    found = below(places, {one.span_id for one in places if one.kind == Kind.EVALUATOR})
    return found if len(found) < len({one.span_id for one in places}) else set()


class Placed(Protocol):
    """A span that knows its parent."""

    @property
    def span_id(self) -> str: ...
    @property
    def parent_span_id(self) -> str | None: ...


def below(places: Iterable[Placed], tops: Collection[str]) -> set[str]:
    """`tops` and the ids of everything below them."""
    if not tops:
        return set()
    children: dict[str, list[str]] = {}
    for one in places:
        if one.parent_span_id:
            children.setdefault(one.parent_span_id, []).append(one.span_id)
    found: set[str] = set()
    stack = list(tops)
    while stack:
        span_id = stack.pop()
        if span_id not in found:
            found.add(span_id)
            stack += children.get(span_id, ())
    return found

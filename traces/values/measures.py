"""What is asked of many scopes and windows at once, and the sums that answer it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from traces.query.nodes import Query

Window = tuple[datetime, datetime]  # from, up to without; both in UTC
THUMBS = ""  # the name under which thumbs of users are asked for: 1 is a trace that one said no to


@dataclass(frozen=True, slots=True)
class Bar:
    """A score of a name, and which values of it pass; the bar itself does."""

    name: str
    bar: float = 0.0
    is_most: bool = False  # what is above does not pass


@dataclass(frozen=True, slots=True)
class Measure:
    """What of the traces is summed.

    `traces`: whole traces; `is_light` where neither cost nor tokens are needed, so that figures by
    hour can answer. `calls`: their calls of models that count. `is_timed`: latencies are needed.
    `score`: those with the score `one`, a trace once, by its mean. `pair`: those with both scores;
    missed where `one` passes and `other` does not.
    """

    kind: Literal["traces", "calls", "score", "pair"] = "traces"
    is_light: bool = False
    is_timed: bool = False
    one: Bar | None = None
    other: Bar | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """The traces that a query finds, by the time in which they began; windows may overlap."""

    query: Query
    measure: Measure
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """What a window holds. Money in nano-dollars, latencies in buckets of `rollups.histogram`.

    `count` is of traces, calls or scored traces, as the measure says; `latencies` is of what has
    ended, of calls the time to the first token. `total` adds up scores.
    """

    count: int = 0
    failed: int = 0
    cost_nano: int = 0
    priced: int = 0
    tokens: int = 0
    metered: int = 0
    calls: int = 0
    unpriced: int = 0
    missed: int = 0
    total: Decimal = Decimal(0)
    latencies: dict[int, int] = field(default_factory=dict)


def merged(windows: Sequence[Window]) -> list[Window]:
    """The time that the windows cover, in pieces that do not touch, the oldest first."""
    found: list[Window] = []
    for since, until in sorted(windows):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        elif since < until:
            found.append((since, until))
    return found

"""What a day's calls of one feature, model and prompt say, in a form that adds up and is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

MOST_SAMPLE = 120  # calls of a day that are kept by their figures
MOST_TOP = 5


class Key(NamedTuple):
    """Whose calls: '' is none."""

    feature: str
    model: str
    prompt: str


class Sampled(NamedTuple):
    """The figures of one call; tokens, and nano-dollars (-1: no price)."""

    into: int
    cached: int
    out: int
    cost: int
    trace: str


class Repeated(NamedTuple):
    """A request that came more than once: its hash, how often, what the repeats cost."""

    digest: str
    times: int
    cost: int
    trace: str


@dataclass
class Facts:
    """Sums over calls that were read. Money in nano-dollars.

    `prefix` are input tokens that began as a call of the last five minutes did, in whole blocks of
    what providers cache; `missed` of them were not read from the cache. `shared` and `unshared`:
    the same if what changes stood last. `first`: calls that no such call preceded.
    """

    provider: str = ""
    calls: int = 0
    cost: int = 0
    repeats: int = 0
    repeat_cost: int = 0
    into: int = 0
    cached: int = 0
    written: int = 0
    out: int = 0
    prefix: int = 0
    missed: int = 0
    unshared: int = 0
    first: int = 0
    followed: int = 0
    top: list[Repeated] = field(default_factory=list)
    sample: list[Sampled] = field(default_factory=list)
    poorly_cached: list[str] = field(default_factory=list)  # traces
    # Of retrieved chunks by rank: how many, how many of them the answer used, their tokens.
    ranks: list[list[int]] = field(default_factory=list)
    retrieved: list[str] = field(default_factory=list)  # traces

    def document(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


_SUMS = (
    "calls", "cost", "repeats", "repeat_cost", "into", "cached", "written", "out", "prefix",
    "missed", "unshared", "first", "followed",
)  # fmt: skip


def facts_of(document: Mapping[str, Any]) -> Facts:
    """The facts that JSON kept."""
    found = Facts(**document)
    found.top = [Repeated(*one) for one in found.top]
    found.sample = [Sampled(*one) for one in found.sample]
    return found


def added(several: Iterable[Facts]) -> Facts:
    """The sums of several days or keys."""
    total = Facts()
    for one in several:
        total.provider = total.provider or one.provider
        for name in _SUMS:
            setattr(total, name, getattr(total, name) + getattr(one, name))
        total.top += one.top
        total.sample += one.sample
        total.ranks = added_ranks(total.ranks, one.ranks)
        total.retrieved = [*total.retrieved, *one.retrieved][:MOST_TOP]
        total.poorly_cached = [*total.poorly_cached, *one.poorly_cached][:MOST_TOP]
    total.top = sorted(total.top, key=lambda one: (-one.cost, -one.times))[:MOST_TOP]
    return total


def added_ranks(one: Sequence[Sequence[int]], other: Sequence[Sequence[int]]) -> list[list[int]]:
    """Sums by rank of (number, used, tokens)."""
    found = []
    for place in range(max(len(one), len(other))):
        rows = [side[place] for side in (one, other) if place < len(side)]
        found.append([sum(row[n] for row in rows) for n in range(3)])
    return found

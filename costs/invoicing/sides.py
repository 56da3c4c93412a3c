"""The two sides of a comparison, a model and a day of both, and why they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from costs.invoicing.items import CLASSES
from costs.invoicing.statement import Line


@dataclass(frozen=True)
class Traced:
    """What traces say of a model and a day: judges and evals are in it, for providers bill them."""

    day: date
    model: str
    tokens: Mapping[str, int]  # by coarse class
    cost: int
    calls: int
    unpriced: int


@dataclass(frozen=True)
class Cause:
    """Why they differ. `amount` in nano-dollars; None where it cannot be told."""

    kind: str
    amount: int | None
    evidence: str


@dataclass
class Cell:
    """A model and a day, or their sums. Money in nano-dollars; None is not said by the export."""

    model: str
    day: date | None = None
    billed: int | None = None
    ours: int = 0
    billed_tokens: dict[str, int] | None = None
    our_tokens: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CLASSES, 0))
    requests: int | None = None
    calls: int = 0
    unpriced: int = 0
    causes: list[Cause] = field(default_factory=list)
    names: set[str] = field(default_factory=set)  # in traces
    lines: list[Line] = field(default_factory=list)

    @property
    def difference(self) -> int | None:
        """Billed less ours; None where no money is billed."""
        return None if self.billed is None else self.billed - self.ours

    @property
    def share(self) -> float | None:
        """The difference as a share of what was billed; None of nothing."""
        return self.difference / abs(self.billed) if self.billed and self.difference else (
            0.0 if self.difference == 0 else None
        )  # fmt: skip

    @property
    def token_difference(self) -> int | None:
        """All tokens billed less all of ours; None where none are said."""
        if self.billed_tokens is None:
            return None
        return sum(self.billed_tokens.values()) - sum(self.our_tokens.values())

    @property
    def remainder(self) -> int | None:
        """What no cause explains."""
        if self.difference is None:
            return None
        return self.difference - sum(one.amount or 0 for one in self.causes)

    def add(self, other: Cell) -> None:
        """Take the sums of another in."""
        if other.billed is not None:
            self.billed = (self.billed or 0) + other.billed
        if other.billed_tokens is not None:
            self.billed_tokens = self.billed_tokens or dict.fromkeys(CLASSES, 0)
            for name, number in other.billed_tokens.items():
                self.billed_tokens[name] += number
        if other.requests is not None:
            self.requests = (self.requests or 0) + other.requests
        for name, number in other.our_tokens.items():
            self.our_tokens[name] += number
        self.ours += other.ours
        self.calls += other.calls
        self.unpriced += other.unpriced
        self.causes = joined([*self.causes, *other.causes])
        self.names |= other.names


def joined(causes: Iterable[Cause]) -> list[Cause]:
    """One of each kind, the greatest first; the evidence is that of the greatest."""
    found: dict[str, list[Cause]] = {}
    for one in causes:
        found.setdefault(one.kind, []).append(one)
    joined = []
    for kind, ones in found.items():
        known = [one.amount for one in ones if one.amount is not None]
        greatest = max(ones, key=lambda one: abs(one.amount or 0))
        joined.append(Cause(kind, sum(known) if known else None, greatest.evidence))
    return sorted(joined, key=lambda one: -abs(one.amount or 0))

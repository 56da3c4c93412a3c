"""Names of traces compared with another range: what fails most, and what became worse. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from traces.queries.usage import TracesFigures

MOST_FAILING = 8
LEAST_TRACES = 20  # of both ranges, for a comparison
LEAST_ERRORS = 5
SURE = 3.0  # standard errors between two shares
SLOWER = 1.5  # times; the histogram's buckets are a fifth wide
LEAST_SLOWER_US = 100_000


@dataclass(frozen=True)
class NameFigures:
    """One name of traces, now and before (None: not compared, or not there then)."""

    name: str
    now: TracesFigures
    before: TracesFigures | None

    @property
    def failed(self) -> int:
        """Traces that failed."""
        return self.now.errors

    @property
    def share(self) -> float:
        """Of its traces."""
        return self.now.errors / self.now.traces

    @property
    def share_before(self) -> float | None:
        """The same of the other range."""
        if self.before is None or not self.before.traces:
            return None
        return self.before.errors / self.before.traces

    @property
    def is_failing_more(self) -> bool:
        """Whether the share of errors rose by more than chance would."""
        was = self.share_before
        if was is None or self.before is None or self.failed < LEAST_ERRORS:
            return False
        if min(self.now.traces, self.before.traces) < LEAST_TRACES:
            return False
        pooled = (self.now.errors + self.before.errors) / (self.now.traces + self.before.traces)
        error = math.sqrt(pooled * (1 - pooled) * (1 / self.now.traces + 1 / self.before.traces))
        return error > 0 and (self.share - was) / error >= SURE

    @property
    def is_slower(self) -> bool:
        """Whether its p95 rose clearly."""
        if self.before is None or min(self.now.traces, self.before.traces) < LEAST_TRACES:
            return False
        now, was = self.now.percentile_us(0.95), self.before.percentile_us(0.95)
        if now is None or was is None:
            return False
        return now >= was * SLOWER and now - was >= LEAST_SLOWER_US


def compared(now: Iterable[TracesFigures], before: Iterable[TracesFigures]) -> list[NameFigures]:
    """Every name of the range beside what it was."""
    known = {one.key[0]: one for one in before if one.traces > 0}
    return [NameFigures(one.key[0], one, known.get(one.key[0])) for one in now if one.traces > 0]


def failing(names: Iterable[NameFigures]) -> list[NameFigures]:
    """The names with most errors, at most MOST_FAILING."""
    found = [one for one in names if one.failed > 0]
    found.sort(key=lambda one: (-one.failed, -one.share, one.name))
    return found[:MOST_FAILING]

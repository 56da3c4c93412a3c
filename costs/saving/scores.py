"""Whether one kind of call is answered worse than another, by the scores of their traces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, pvariance

LEAST_SCORED = 10  # of each side
MARGIN = 0.05  # of the range that scores have: less is no difference that matters
Scores = Mapping[str, Mapping[str, float]]  # trace -> name of the score -> value, higher is better


@dataclass(frozen=True)
class Compared:
    """One score on both sides; `difference` is the first less the second, `error` its own."""

    name: str
    first: float
    second: float
    n_first: int
    n_second: int
    margin: float

    @property
    def difference(self) -> float:
        """First less second."""
        return self.first - self.second


def compared(scores: Scores, first: Iterable[str], second: Iterable[str]) -> list[Compared]:
    """Each score that both sides have often enough. A trace counts once a side."""
    sides = [_values(scores, traces) for traces in (first, second)]
    found = []
    for name in sorted(set(sides[0]) & set(sides[1])):
        one, other = sides[0][name], sides[1][name]
        if len(one) < LEAST_SCORED or len(other) < LEAST_SCORED:
            continue
        both = [*one, *other]
        width = max(both) - min(both)
        margin = MARGIN * width + _error(one, other)
        found.append(Compared(name, fmean(one), fmean(other), len(one), len(other), margin))
    return found


def no_worse(found: Sequence[Compared]) -> bool | None:
    """Whether the first side is as good as the second by every score; None where none tells."""
    if not found:
        return None
    return all(one.difference >= -one.margin for one in found)


def _values(scores: Scores, traces: Iterable[str]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for trace in dict.fromkeys(traces):
        for name, value in scores.get(trace, {}).items():
            found.setdefault(name, []).append(value)
    return found


def _error(one: Sequence[float], other: Sequence[float]) -> float:
    """The standard error of the difference of means."""
    return sqrt(pvariance(one) / len(one) + pvariance(other) / len(other))

"""Sums of both arms by minute, as the tests take them, from what is kept of each minute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kit.intervals import NOTHING, Bin, Sums
from prompts.guarding.metrics import COST, ERRORS, LATENCY, SCORE, THUMBS
from traces.queries.arms import MinuteOfCalls, MinuteOfScores


@dataclass(frozen=True)
class Kept:
    """What is kept of one metric in one minute of one arm."""

    minute: datetime
    metric: str
    is_new: bool
    sums: Sums


def kept_of_calls(rows: Iterable[MinuteOfCalls]) -> Iterable[Kept]:
    """Errors, latency and cost of each minute."""
    for row in rows:
        yield Kept(row.minute, ERRORS, row.is_new, Sums.of_hits(row.errors, row.calls))
        if row.latency[0]:
            yield Kept(row.minute, LATENCY, row.is_new, Sums(*row.latency))
        if row.cost[0]:
            yield Kept(row.minute, COST, row.is_new, Sums(*row.cost))


def kept_of_scores(rows: Iterable[MinuteOfScores]) -> Iterable[Kept]:
    """Scores and thumbs of each minute."""
    for row in rows:
        metric = f"{SCORE}{row.name}" if row.name else THUMBS
        yield Kept(row.minute, metric, row.is_new, Sums(*row.sums))


def bins_of(kept: Iterable[Kept]) -> dict[str, list[Bin]]:
    """By metric: a bin for each minute that holds anything, in order of time."""
    arms: dict[str, dict[datetime, list[Sums]]] = defaultdict(dict)
    for one in kept:
        pair = arms[one.metric].setdefault(one.minute, [NOTHING, NOTHING])
        pair[one.is_new] = pair[one.is_new].plus(one.sums)
    return {
        metric: [Bin(*by_minute[minute]) for minute in sorted(by_minute)]
        for metric, by_minute in arms.items()
    }

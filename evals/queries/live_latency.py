"""How long models take to answer, by model and by prompt version, from the roll-ups."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta

from traces.ingest.record import Kind
from traces.queries.usage import Scope, span_figures
from traces.rollups.histogram import added, percentile_us

MOST = 12
PROMPT_DAYS = 14  # the days know no prompts, and hours of more of them are too many to add up
SHARES = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class Latency:
    """Calls of one model or version. Lengths in microseconds, at the shares of SHARES."""

    name: str
    version: str
    calls: int
    lengths: tuple[int | None, ...]
    by_day: tuple[int | None, ...] = ()  # the 95th percentile of each day; None without calls


@dataclass(frozen=True)
class Latencies:
    """The most used first; `more` are those that are left out."""

    models: list[Latency]
    prompts: list[Latency]
    more: int = 0


def latencies_of(scope: Scope) -> Latencies:
    """Of the calls in `scope` by model, and of its last PROMPT_DAYS by version of a prompt."""
    calls = replace(scope, equal={**scope.equal, "kind": int(Kind.GENERATION)})
    by_model: dict[str, dict[date, dict[int, int]]] = defaultdict(dict)
    for one in span_figures(calls, ["model", "day"]):
        by_model[one.key[0]][one.key[1]] = one.latencies
    first, last = scope.since.date(), scope.until.date()
    places = [date.fromordinal(day) for day in range(first.toordinal(), last.toordinal())]
    models = []
    for name, days in by_model.items():
        trend = tuple(percentile_us(days[day], 0.95) if day in days else None for day in places)
        models.append(_latency(name, "", added(days.values()), trend))
    newest = replace(calls, since=max(calls.since, calls.until - timedelta(days=PROMPT_DAYS)))
    prompts = [
        _latency(one.key[0], one.key[1], one.latencies)
        for one in span_figures(newest, ["prompt_name", "prompt_version"])
        if one.key[0]
    ]
    models, prompts = _most_used(models), _most_used(prompts)
    more = max(len(models) - MOST, 0) + max(len(prompts) - MOST, 0)
    return Latencies(models[:MOST], prompts[:MOST], more)


def _latency(
    name: str, version: str, histogram: dict[int, int], by_day: tuple[int | None, ...] = ()
) -> Latency:
    lengths = tuple(percentile_us(histogram, share) for share in SHARES)
    return Latency(name, version, sum(histogram.values()), lengths, by_day)


def _most_used(several: list[Latency]) -> list[Latency]:
    known = [one for one in several if one.calls > 0]
    return sorted(known, key=lambda one: (-one.calls, one.name, one.version))

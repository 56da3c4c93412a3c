"""Spend of a project as series for the detector: each feature's, and all together."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from costs.detection.series import Series
from costs.detection.settings import DAILY, Grain
from traces.queries.usage import Scope, span_figures

HISTORY = {"hourly": timedelta(days=70), "daily": timedelta(days=200)}
NANO = 10**9
MOST_FEATURES = 100  # the dearest ones; the others are in what all spend together
Sums = dict[int, tuple[float, float]]  # bucket -> dollars, requests


def series_by_feature(project_id: int, grain: Grain, until: datetime) -> dict[str, Series]:
    """Series up to `until`, which is the end of a bucket; '' is the whole project.

    A bucket in which the project sent nothing at all is unknown; one in which only the feature did
    not is zero.
    """
    begin = _start_of(until - HISTORY[grain.name], grain)
    size = (until - begin) // grain.step
    column = "day" if grain is DAILY else "hour"
    by_feature: dict[str, Sums] = defaultdict(dict)
    known: set[int] = set()
    rows = span_figures(Scope(project_id, begin, until), ("feature", column), with_latencies=False)
    for one in rows:
        feature, at = str(one.key[0]), _instant(one.key[1])
        place = (at - begin) // grain.step
        if not 0 <= place < size:
            continue
        known.add(place)
        spent, calls = by_feature[feature].get(place, (0.0, 0.0))
        dollars = (one.cost_nano + one.evaluator_nano) / NANO
        by_feature[feature][place] = (spent + dollars, calls + one.calls)
    if not known:
        return {}
    first = min(known)
    dearest = sorted(by_feature, key=lambda name: -sum(one[0] for one in by_feature[name].values()))
    total: Sums = defaultdict(lambda: (0.0, 0.0))
    for sums in by_feature.values():
        for place, (spent, calls) in sums.items():
            total[place] = (total[place][0] + spent, total[place][1] + calls)
    named = [name for name in dearest[:MOST_FEATURES] if name]
    made = {name: _laid(by_feature[name], known, first, size, begin, grain) for name in named}
    return {**made, "": _laid(total, known, first, size, begin, grain)}


def usual_day(series: Series) -> float:
    """Dollars of a usual day of the last four weeks: the median of those of which all is known."""
    day = series.grain.day
    whole = series.cost[len(series.cost) % day :].reshape(-1, day)[-28:]
    known = np.nansum(whole, axis=1)[~np.isnan(whole).all(axis=1)]
    return float(np.median(known)) if known.size else 0.0


def _laid(
    sums: Sums, known: set[int], first: int, size: int, begin: datetime, grain: Grain
) -> Series:
    cost, requests = np.full(size, np.nan), np.full(size, np.nan)
    for place in known:
        cost[place], requests[place] = sums.get(place, (0.0, 0.0))
    start = begin + first * grain.step
    return Series(grain, start, cost[first:], requests[first:])


def _start_of(at: datetime, grain: Grain) -> datetime:
    at = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return at.replace(hour=0) if grain is DAILY else at


def _instant(value: date | datetime) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.combine(value, time.min, UTC)

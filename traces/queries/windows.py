"""Sums of many scopes over many windows: the figures that alert rules are held against.

Any number of scopes and windows of a project cost a handful of statements, each of which reads a
trace once. Whole hours of long windows come from the figures by hour where these know the scope;
they hold what was sampled away too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from traces.queries.patience import limited
from traces.queries.usage import hour_of
from traces.queries.window_scopes import Condition, condition_of
from traces.queries.window_sql import SUMS, statement
from traces.query.nodes import Query
from traces.rollups.histogram import BUCKETS
from traces.values.measures import Ask, Measure, Sums, Window, merged

HOUR = timedelta(hours=1)
ROLLED_FROM = timedelta(hours=3)  # shorter windows are read trace by trace
SECONDS = 20.0
# Nothing runs beside it on other cores, many expressions are not worth compiling.
_SETTINGS = (
    "set local jit = off; set local max_parallel_workers_per_gather = 0; "
    "set local work_mem = '64MB'"
)
_WHOLE = ("count", "failed", "cost_nano", "priced", "tokens", "metered", "calls", "unpriced",
          "missed")  # fmt: skip
_PLACES = tuple(SUMS.index(name) for name in _WHOLE)
_ENDED, _TOTAL = SUMS.index("ended"), SUMS.index("total")


def window_sums(
    project_id: int, asks: Sequence[Ask], *, seconds: float = SECONDS
) -> list[list[Sums]]:
    """What each ask holds in each of its windows, in their order.

    Each statement may take so many seconds. Raises: TimeUp; ValueError where a query asks for
    content.
    """
    known: dict[Query, Condition] = {}
    groups: dict[tuple[str, bool, bool], list[int]] = defaultdict(list)
    for place, ask in enumerate(asks):
        if ask.query not in known:
            known[ask.query] = condition_of(project_id, ask.query)
        condition = known[ask.query]
        is_rolled = ask.measure.is_light and condition.is_rolled and _is_long(ask)
        groups[ask.measure.kind, condition.is_shared, is_rolled].append(place)
    answers: list[list[Sums]] = [[] for _ in asks]
    for (_, _, is_rolled), places in groups.items():
        some = [asks[place] for place in places]
        found = _answer(project_id, some, known, is_rolled, seconds)
        for place, sums in zip(places, found, strict=True):
            answers[place] = sums
    return answers


def _is_long(ask: Ask) -> bool:
    return all(until - since >= ROLLED_FROM for since, until in ask.windows)


def _answer(
    project_id: int,
    asks: Sequence[Ask],
    known: dict[Query, Condition],
    is_rolled: bool,
    seconds: float,
) -> list[list[Sums]]:
    ranges = merged([window for ask in asks for window in ask.windows])
    if not ranges:
        return [[Sums() for _ in ask.windows] for ask in asks]
    bounds = sorted({at for ask in asks for window in ask.windows for at in window})
    raw, hours = _parted(ranges, bounds) if is_rolled else (ranges, [])
    scopes = list(dict.fromkeys(ask.query for ask in asks))
    is_plain = asks[0].measure.kind in ("traces", "calls")
    measures = [Measure(asks[0].measure.kind)] if is_plain else _different(asks)
    timed = sorted({scopes.index(ask.query) for ask in asks if ask.measure.is_timed})
    sql = statement(project_id, [known[one] for one in scopes], measures, bounds, raw, hours, timed)
    with limited(seconds) as cursor:
        cursor.execute(_SETTINGS)
        cursor.execute(sql)
        rows = cursor.fetchall()
    by_key: dict[tuple[int, int], list[tuple[Any, ...]]] = defaultdict(list)
    for k, q, *rest in rows:
        by_key[k, q].append(tuple(rest))
    return [
        _windows_of(
            ask,
            by_key[scopes.index(ask.query), 0 if is_plain else measures.index(ask.measure)],
            bounds,
        )
        for ask in asks
    ]


def _different(asks: Iterable[Ask]) -> list[Measure]:
    return list(dict.fromkeys(ask.measure for ask in asks))


def _parted(
    ranges: Sequence[Window], bounds: Sequence[datetime]
) -> tuple[list[Window], list[Window]]:
    """What is read trace by trace, and the whole hours that are not, which no bound cuts."""
    cut = {hour_of(at) for at in bounds if at != hour_of(at)}
    raw: list[Window] = []
    hours: list[Window] = []
    for since, until in ranges:
        at = since
        while at < until:
            hour = hour_of(at)
            end = min(hour + HOUR, until)
            is_whole = at == hour and end == hour + HOUR and hour not in cut
            (hours if is_whole else raw).append((at, end))
            at = end
    return merged(raw), merged(hours)


def _windows_of(
    ask: Ask, rows: Sequence[tuple[Any, ...]], bounds: Sequence[datetime]
) -> list[Sums]:
    """Cuts added up to windows; all in whole numbers but the scores, which are exact as well."""
    if not rows:
        return [Sums() for _ in ask.windows]
    cuts = len(bounds)
    whole = np.zeros((cuts + 1, len(_PLACES)), dtype=np.int64)
    latencies = np.zeros((cuts + 1, BUCKETS + 1), dtype=np.int64)
    totals = [Decimal(0)] * cuts
    for cut, bucket, *sums in rows:
        # Row 0 stays empty: a window is the difference of two running sums.
        whole[cut] += [int(sums[place]) for place in _PLACES]
        if bucket is not None and ask.measure.is_timed:
            latencies[cut, bucket] += int(sums[_ENDED])
        if sums[_TOTAL]:
            totals[cut - 1] += sums[_TOTAL]
    whole, latencies = whole.cumsum(axis=0), latencies.cumsum(axis=0)
    place_of = {at: place for place, at in enumerate(bounds)}
    found = []
    for since, until in ask.windows:
        low, high = place_of[since], place_of[until]
        counts = dict(zip(_WHOLE, (whole[high] - whole[low]).tolist(), strict=True))
        spread = latencies[high] - latencies[low]
        found.append(
            Sums(
                **counts,
                total=sum(totals[low:high], Decimal(0)),
                latencies={int(b): int(spread[b]) for b in np.flatnonzero(spread)},
            )
        )
    return found

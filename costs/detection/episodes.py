"""Alerts that belong together are one anomaly: since when, of what type, and how much money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from costs.detection.detector import Alert, Found, Rule
from costs.detection.series import Series

LEAK_DAYS = 2.0  # shorter episodes are no slow rise
LEAK_STEP = 0.25  # how much higher, in logs, the last third is than the first
PRICE_SHARE = 0.6  # of what is over, in logs
LONG_SHARE = 0.75  # of a day: longer is a level


class Type(StrEnum):
    """What kind of anomaly it is."""

    SPIKE = "spike"
    LEVEL = "level"
    LEAK = "leak"
    DROP = "drop"
    UNIT_COST = "unit_cost"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class Episode:
    """Buckets from `since`, where it began, to `last`, its last alert, both in it.

    `first` is the first alert: what is known from then on. `excess` is money over what was expected
    of all its buckets, below 0 under.
    """

    since: int
    first: int
    last: int
    type: Type
    excess: float
    expected: float
    alerts: int


def episodes(series: Series, found: Found) -> list[Episode]:
    """The anomalies of a reading, in order; a quiet stretch ends one."""
    made = [_episode(series, found, group) for group in _groups(series, found.alerts)]
    made += [_silence(series, place) for place in found.silent]
    return sorted(made, key=lambda one: (one.first, one.type))


def _groups(series: Series, alerts: Sequence[Alert]) -> Iterator[list[Alert]]:
    group: list[Alert] = []
    for alert in alerts:
        is_other = group and alert.is_up != group[-1].is_up
        if group and (alert.place - group[-1].place > series.grain.quiet or is_other):
            yield group
            group = []
        group.append(alert)
    if group:
        yield group


def _episode(series: Series, found: Found, group: Sequence[Alert]) -> Episode:
    first, last = group[0].place, group[-1].place
    since = first if group[0].rule in (Rule.BUCKET, Rule.SPARSE) else _onset(series, found, first)
    cost, expected = series.cost[since : last + 1], found.expected[since : last + 1]
    excess = float(np.nansum(cost - expected))
    if all(alert.rule == Rule.SPARSE for alert in group) or np.isnan(expected).all():
        excess = sum(alert.excess for alert in group)
    kind = _type(series, found, group, since)
    return Episode(since, first, last, kind, excess, float(np.nansum(expected)), len(group))


def _type(series: Series, found: Found, group: Sequence[Alert], since: int) -> Type:
    units = sum(alert.rule == Rule.UNIT for alert in group)
    if not group[0].is_up:
        return Type.DROP
    if units and _is_of_price(found, since, group[-1].place):
        return Type.UNIT_COST
    length = group[-1].place - since + 1
    day = series.grain.day
    if length >= LEAK_DAYS * day and _rises(found.off[since : group[-1].place + 1]):
        return Type.LEAK
    is_long = length >= max(LONG_SHARE * day, 2)
    if is_long or any(alert.rule == Rule.LEVEL for alert in group):
        return Type.LEVEL
    return Type.SPIKE


def _is_of_price(found: Found, since: int, last: int) -> bool:
    """True where most of what is over comes from what one request costs."""
    unit, off = found.unit_off[since : last + 1], found.off[since : last + 1]
    if np.isnan(unit).all():
        return False
    if np.isnan(off).all():
        return True
    return float(np.nanmedian(unit)) >= PRICE_SHARE * max(float(np.nanmedian(off)), 0)


def _rises(off: np.ndarray) -> bool:
    thirds = [part[~np.isnan(part)] for part in np.array_split(off, 3)]
    if not all(part.size for part in thirds):
        return False
    low, middle, high = (float(np.median(part)) for part in thirds)
    return low < middle < high and high - low > LEAK_STEP


def _onset(series: Series, found: Found, first: int) -> int:
    """Where what alerts at `first` began: the lowest point of the running sum before it.

    Source: the maximum likelihood estimate of a change point (Page 1954), looked for within the
    last day and a half, of days within a week.
    """
    day = series.grain.day
    back = 7 if day == 1 else 36
    low = max(first - back, 0)
    off = np.nan_to_num(found.off[low : first + 1])
    near = off[-max(day // 4, 1) :]
    height = float(np.median(near))
    running = np.cumsum((off - height / 2) * np.sign(height))
    return low + int(np.argmin(running[:-1])) + 1 if running.size > 1 else first


def _silence(series: Series, place: int) -> Episode:
    since = place
    while since > 0 and np.isnan(series.cost[since - 1]):
        since -= 1
    last = place
    while last + 1 < len(series) and np.isnan(series.cost[last + 1]):
        last += 1
    return Episode(since, place, last, Type.NO_DATA, 0.0, 0.0, 1)

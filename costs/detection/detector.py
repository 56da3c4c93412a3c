"""Which buckets of a series alert, and by which rule. Causal: a bucket is judged by its past.

Rules: one bucket far off (A), three hours together (B), a level (C for hours, a CUSUM for days),
the same of the cost of one request (D), and of sparse series a bucket beyond anything seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from costs.detection import sparse
from costs.detection.calendar import Expected, is_monthly
from costs.detection.levels import level_of
from costs.detection.series import Floats, Series
from costs.detection.settings import (
    LEAST_MISSING,
    LEAST_REQUESTS,
    NEARLY_NOTHING,
    OFFSET,
    SHORT,
    SHORT_FLOOR,
    SPARSE_FLOOR,
    UNIT_Z,
)
from costs.detection.tracks import Track

Places = npt.NDArray[np.bool_]
SILENT = 3  # buckets without data


class Rule(StrEnum):
    """Why a bucket alerted."""

    BUCKET = "bucket"
    SHORT = "short"
    LEVEL = "level"
    UNIT = "unit"
    SPARSE = "sparse"


@dataclass(frozen=True, slots=True)
class Alert:
    """One bucket that alerted, above or below what was expected of what the rule looks at.

    `excess` is the money of this bucket over what was expected of it, below 0 under.
    """

    place: int
    rule: Rule
    excess: float
    is_up: bool


@dataclass(slots=True)
class Found:
    """What was found in a series of n buckets; arrays have one figure a bucket, NaN unknown."""

    alerts: list[Alert]  # in order
    expected: Floats  # money
    off: Floats  # how far cost was off what was expected, in logs
    unit_off: Floats  # the same of the cost of one request
    accepted: list[int] = field(default_factory=list)  # since which buckets a level is normal
    silent: list[int] = field(default_factory=list)  # the bucket that tells of each silence
    is_learning: bool = False  # too little history to say anything but absolute limits
    is_sparse: bool = False  # at its end


def detect(
    series: Series, *, planned: Sequence[Expected] = (), normal_since: Sequence[int] = ()
) -> Found:
    """What alerts in `series`.

    `planned` are stretches of which more or less was expected; `normal_since` are buckets since
    which, a person said, what runs is normal.
    """
    spent = np.flatnonzero(series.cost > 0)
    begin = int(spent[0]) if spent.size else len(series)
    if len(series) - begin <= series.grain.warm_up:
        unknown = np.full(len(series), np.nan)
        return Found([], unknown, unknown, unknown, is_learning=True)
    return _Reading(series, begin, planned, normal_since).read()


class _Reading:
    """One reading of a series, day by day."""

    def __init__(
        self,
        series: Series,
        begin: int,  # the first bucket with spend
        planned: Sequence[Expected],
        normal_since: Sequence[int],
    ) -> None:
        self.series, self.grain = series, series.grain
        self.learns_until = begin + self.grain.warm_up
        self.normal_since = normal_since
        size = len(series)
        self.widening = np.ones(size)
        for event in planned:
            part = slice(max(event.low, 0), max(event.high, 0))
            self.widening[part] = np.maximum(self.widening[part], event.widening)
        early = series.cost[begin : self.learns_until]
        self.offset = OFFSET * float(np.median(early[early > 0]))
        self.cost = Track(np.log(series.cost + self.offset), self.grain, series.cost == 0)
        asked = np.where(series.requests >= LEAST_REQUESTS, series.requests, np.nan)
        self.unit = Track(
            np.log(np.where(series.cost > 0, series.cost, np.nan) / asked), self.grain
        )
        self.levels = {Rule.LEVEL: level_of(self.grain), Rule.UNIT: level_of(self.grain)}
        self.spikes = {Rule.LEVEL: np.zeros(size, bool), Rule.UNIT: np.zeros(size, bool)}
        self.excess = {Rule.LEVEL: np.full(size, np.nan), Rule.UNIT: np.full(size, np.nan)}
        self.beyond = sparse.Beyond()
        expected, off, unit_off = (np.full(size, np.nan) for _ in range(3))
        self.found = Found([], expected, off, unit_off)

    def read(self) -> Found:
        size, day = len(self.series), self.grain.day
        for low in range(0, size, day):
            self._day(low, min(low + day, size))
        self.found.alerts.sort(key=lambda alert: (alert.place, alert.rule))
        return self.found

    def _day(self, low: int, high: int) -> None:
        for since in self.normal_since:
            if low - self.grain.day < since + self.grain.quiet <= low:
                self._accept(self.cost, Rule.LEVEL, since, low)
                self._accept(self.unit, Rule.UNIT, since, low)
        self.cost.look(low, high)
        self.unit.look(low, high)
        part = slice(low, high)
        spent, asked = self.series.cost[part], self.series.requests[part]
        self.found.expected[part] = np.maximum(np.exp(self.cost.usual(low, high)) - self.offset, 0)
        self.excess[Rule.LEVEL][part] = spent - self.found.expected[part]
        self.excess[Rule.UNIT][part] = spent - np.exp(self.unit.usual(low, high)) * asked
        self.found.off[part] = self.cost.residual[part] - self.cost.middle[part]
        self.found.unit_off[part] = self.unit.residual[part] - self.unit.middle[part]
        known = slice(max(0, low - self.grain.reference), low)
        self.found.is_sparse = sparse.is_sparse(
            self.series.cost[known], self.series.requests[known]
        )
        self._sparse(low, high)
        if low < self.learns_until or self.found.is_sparse:
            return
        self._silence(low, high)
        daily = self._median_day(low)
        self._buckets(low, high, daily)
        self._level(self.cost, Rule.LEVEL, low, high, daily)
        self._unit_buckets(low, high, daily)
        self._level(self.unit, Rule.UNIT, low, high, daily)

    def _sparse(self, low: int, high: int) -> None:
        """What is beyond anything seen counts where few buckets spend; all that is seen joins."""
        floor = SPARSE_FLOOR * self._median_day(low) if low else 0.0
        for place in range(low, high):
            usual = self.beyond.look(float(self.series.cost[place]))
            if usual is None or not self.found.is_sparse or place < self.learns_until:
                continue
            if not np.isinf(self.widening[place]):
                over = float(self.series.cost[place]) - usual
                if over >= floor:
                    self.found.alerts.append(Alert(place, Rule.SPARSE, over, is_up=True))

    def _silence(self, low: int, high: int) -> None:
        """Three buckets or more in which nothing arrived, though many requests were due."""
        unknown = np.isnan(self.series.cost)
        for place in range(max(low, SILENT), high):
            run = unknown[place - SILENT + 1 : place + 1]
            if run.all() and self._is_missed(place) and not self._is_told(place):
                self.found.silent.append(place)

    def _is_told(self, place: int) -> bool:
        """Whether the same silence was found before."""
        last = self.found.silent[-1] if self.found.silent else -1
        return last >= 0 and bool(np.isnan(self.series.cost[last:place]).all())

    def _is_missed(self, place: int) -> bool:
        """Whether so many requests were expected that chance does not keep all of them away."""
        past = slice(max(0, place - self.grain.reference), place)
        spent, asked = (np.nansum(one[past]) for one in (self.series.cost, self.series.requests))
        if not asked or not spent:
            return True
        since = place
        while since and np.isnan(self.series.cost[since - 1]):
            since -= 1
        expected = np.nansum(self.found.expected[since : place + 1])
        return bool(expected * asked / spent >= LEAST_MISSING)

    def _median_day(self, low: int) -> float:
        """The median money of the days of the last 28; there are some."""
        day = self.grain.day
        spent = self.series.cost[max(0, low - 28 * day) : low]
        return float(np.median(np.nansum(spent.reshape(-1, day), axis=1)))

    def _buckets(self, low: int, high: int, daily: float) -> None:
        """Rules A and B."""
        part = slice(low, high)
        z, excess = self.cost.z[part] / self.widening[part], self.excess[Rule.LEVEL][part]
        floor = self.grain.bucket_floor * daily
        far = (z > self.grain.bucket_z) & (excess >= floor)
        far |= (z < -self.grain.bucket_z) & (-excess >= floor) & self._nearly_nothing(low, high)
        short = self._together(low, high, daily) & ~far
        far, short = self._unexplained(low, far), self._unexplained(low, short)
        self._add(Rule.BUCKET, Rule.LEVEL, low, far)
        self._add(Rule.SHORT, Rule.LEVEL, low, short)
        self.spikes[Rule.LEVEL][part] = far | short
        self.cost.forget(low + np.flatnonzero(far | short))

    def _nearly_nothing(self, low: int, high: int) -> Places:
        """Where a stretch of buckets ends that all have hardly any of what was expected."""
        since = low - self.grain.nothing + 1
        spent, expected = self.series.cost[since:high], self.found.expected[since:high]
        windows = np.lib.stride_tricks.sliding_window_view
        return np.asarray(
            windows(spent < NEARLY_NOTHING * expected, self.grain.nothing).all(axis=1)
        )

    def _together(self, low: int, high: int, daily: float) -> Places:
        """Rule B: some hours together."""
        fired = np.zeros(high - low, bool)
        windows = np.lib.stride_tricks.sliding_window_view
        for hours, bar in SHORT if self.grain.day > 1 else ():
            part = slice(low - hours + 1, high)
            z, excess = self.cost.z[part] / self.widening[part], self.excess[Rule.LEVEL][part]
            is_far = windows(z, hours).mean(axis=1) > bar
            is_far &= np.sort(windows(z, hours), axis=1)[:, 0] > 0
            fired |= is_far & (windows(excess, hours).sum(axis=1) >= SHORT_FLOOR * daily)
        return fired

    def _unexplained(self, low: int, fired: Places) -> Places:
        """Without what a job of every month explains."""
        for place in np.flatnonzero(fired):
            if is_monthly(self.series, self.cost.residual, low + int(place)):
                fired[place] = False
        return fired

    def _unit_buckets(self, low: int, high: int, daily: float) -> None:
        part = slice(low, high)
        z, excess = self.unit.z[part] / self.widening[part], self.excess[Rule.UNIT][part]
        fired = (z > UNIT_Z) & (excess >= self.grain.bucket_floor * daily)
        self._add(Rule.UNIT, Rule.UNIT, low, fired)
        self.spikes[Rule.UNIT][part] = fired
        self.unit.forget(low + np.flatnonzero(fired))

    def _level(self, track: Track, rule: Rule, low: int, high: int, daily: float) -> None:
        """Rule C; what alerts stays out of the reference until it has become normal."""
        if np.isinf(self.widening[low:high]).any():
            return
        level = self.levels[rule]
        fired = np.zeros(high - low, bool)
        places = level.look(track, low, high, self.spikes[rule], self.excess[rule], daily)
        fired[np.array(list(places), int) - low] = True
        self._add(rule, rule, low, fired & ~self.spikes[rule][low:high], places)
        if places:
            track.forget(np.arange(max(min(places) - self.grain.day + 1, 0), max(places) + 1))
        if level.chain.is_normal(high, self.grain):
            self._accept(track, rule, level.chain.since, high)

    def _accept(self, track: Track, rule: Rule, since: int, until: int) -> None:
        track.accept(since, until, self.grain.season)
        self.levels[rule] = level_of(self.grain)
        if rule == Rule.LEVEL:
            self.found.accepted.append(since)

    def _add(
        self, rule: Rule, kind: Rule, low: int, fired: Places,
        above: Mapping[int, bool] | None = None,
    ) -> None:  # fmt: skip
        """Alerts of a stretch; which way is told by `above`, or else by each one's money."""
        for place in map(int, low + np.flatnonzero(fired)):
            over = float(np.nan_to_num(self.excess[kind][place]))
            is_up = over >= 0 if above is None else above[place]
            self.found.alerts.append(Alert(place, rule, over, is_up))

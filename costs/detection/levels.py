"""Rule C: a quantity that stays above or below what was expected of it, hour after hour.

Hours: the mean of a day's residuals against such means of the last 28 days, asked every six hours;
a fall must have lasted a day and a half, because a holiday ends after one. Days: a CUSUM. Source
of the CUSUM: Page 1954; k and h as in docs/anomalies.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from costs.detection.series import Floats
from costs.detection.settings import (
    CUSUM_H,
    CUSUM_K,
    LEVEL_DEVIATION,
    LEVEL_FLOOR,
    Grain,
)
from costs.detection.tracks import MAD, Track, median_of

Places = npt.NDArray[np.bool_]
EVERY = 6  # hours
WINDOWS = ((1, 5.5), (2, 5.2))  # days, and how many deviations off their mean must be
LEAST_MEANS = 12
LAG = 2  # days before a mean joins, so that a slow rise is not measured against itself
FALL_HOURS, FALL_SHARE, FALL_DEPTH = 36, 0.85, -0.2
CLIP = 4.0
ROOM = 1.5  # how far a CUSUM runs over its bar, so that it comes back soon


class Means:
    """Figures in order, against which a new one is scored; the newest ones do not count yet."""

    def __init__(self, checks: int, lag: int) -> None:
        self._checks, self._lag = checks, lag
        self._kept: list[float] = []  # NaN where it stood out

    def keep(self, mean: float) -> None:
        """Remember it."""
        self._kept.append(mean)

    def score(self, mean: float) -> float:
        """How many deviations it is off the past ones; 0 where these are too few."""
        past = np.array(self._kept[-self._checks - self._lag : -self._lag])
        past = past[~np.isnan(past)]
        if past.size < LEAST_MEANS:
            return 0.0
        middle = median_of(past)
        return (mean - middle) / max(median_of(np.abs(past - middle)) * MAD, LEVEL_DEVIATION)


@dataclass(slots=True)
class Chain:
    """Alerts of a level without a long break: since which bucket, and the last one."""

    since: int = -1
    last: int = -1

    def add(self, since: int, place: int, gap: int) -> None:
        """An alert at `place` of a level that began at `since`."""
        if self.last < 0 or place - self.last > gap:
            self.since = since
        self.last = place

    def is_normal(self, now: int, grain: Grain) -> bool:
        """True where the level has stayed so long that it is the new normal."""
        return (
            self.last >= 0
            and now - self.since >= grain.restart
            and now - self.last <= max(grain.day // 2, 1)
        )


class HourlyLevel:
    """Means of the residuals of one day and of two, every six hours."""

    def __init__(self, grain: Grain) -> None:
        self.grain = grain
        self.chain = Chain()
        checks = grain.reference // EVERY
        self._means = {days: Means(checks, LAG * grain.day // EVERY) for days, _ in WINDOWS}

    def look(
        self, track: Track, low: int, high: int, spikes: Places, excess: Floats, daily: float
    ) -> dict[int, bool]:
        """The buckets of [low, high) that alert, True where it is above.

        `spikes` and `excess` have one place a bucket.
        """
        fired: dict[int, bool] = {}
        first = low + (EVERY - 1 - low) % EVERY
        for place in range(first, high, EVERY):
            # Each window is asked, because each remembers what it saw.
            told = [self._fires(track, place, *one, spikes, excess, daily) for one in WINDOWS]
            above = [one for one in told if one is not None]
            if above:
                fired[place] = any(above)
                self.chain.add(max(place - self.grain.day + 1, 0), place, 2 * self.grain.day)
        return fired

    def _fires(
        self,
        track: Track,
        place: int,
        days: int,
        bar: float,
        spikes: Places,
        excess: Floats,
        daily: float,
    ) -> bool | None:
        """True above, False below, None where neither."""  # fmt: skip
        part = slice(max(place - days * self.grain.day + 1, 0), place + 1)
        size, spiking = part.stop - part.start, np.count_nonzero(spikes[part])
        off = _off(track, part)
        if spiking >= 0.75 * size:
            return float(np.nan_to_num(off).sum()) > 0
        off = off[~(spikes[part] | np.isnan(off))]
        if off.size < days * self.grain.day // 2:
            return None
        mean = float(off.mean())
        score = self._means[days].score(mean)
        if abs(score) < bar:
            self._means[days].keep(mean)
            return None
        self._means[days].keep(np.nan)
        known = excess[part]
        money = float(known[~np.isnan(known)].sum()) / days
        if score > 0:
            return True if money >= LEVEL_FLOOR * daily else None
        has_fallen = -money >= LEVEL_FLOOR * daily and self._has_fallen(track, place)
        return False if has_fallen else None

    def _has_fallen(self, track: Track, place: int) -> bool:
        off = _off(track, slice(max(place - FALL_HOURS + 1, 0), place + 1))
        known = off[~np.isnan(off)]
        return (
            known.size >= FALL_HOURS * 2 // 3 and float(np.mean(known < FALL_DEPTH)) >= FALL_SHARE
        )


def _off(track: Track, places: slice) -> Floats:
    return np.asarray(np.clip(track.residual[places] - track.middle[places], -1, 1))


@dataclass(slots=True)
class DailyLevel:
    """A CUSUM on both sides."""

    grain: Grain
    chain: Chain = field(default_factory=Chain)
    _up: float = 0.0
    _down: float = 0.0
    _up_since: int = 0
    _down_since: int = 0

    def look(
        self, track: Track, low: int, high: int, spikes: Places, excess: Floats, daily: float
    ) -> dict[int, bool]:
        """As `HourlyLevel.look`."""
        fired: dict[int, bool] = {}
        for place in range(low, high):
            z = track.z[place]
            if np.isnan(z):
                continue
            z = float(np.clip(z, -CLIP, CLIP))
            if self._up == 0:
                self._up_since = place
            if self._down == 0:
                self._down_since = place
            if self._up > CUSUM_H and z < CUSUM_K:
                self._up = 0.0  # it is over
            if self._down > CUSUM_H and z > -CUSUM_K:
                self._down = 0.0
            self._up = min(max(0.0, self._up + z - CUSUM_K), CUSUM_H + ROOM)
            self._down = min(max(0.0, self._down - z - CUSUM_K), CUSUM_H + ROOM)
            for value, since, sign in (
                (self._up, self._up_since, 1), (self._down, self._down_since, -1)
            ):  # fmt: skip
                money = sign * float(np.nanmean(excess[since : place + 1])) if value else 0.0
                if value > CUSUM_H and money >= LEVEL_FLOOR * daily:
                    fired[place] = sign > 0
                    self.chain.add(since, place, 2 * self.grain.quiet)
        return fired


def level_of(grain: Grain) -> HourlyLevel | DailyLevel:
    """The watch of levels that fits the grain."""
    return DailyLevel(grain) if grain.day == 1 else HourlyLevel(grain)

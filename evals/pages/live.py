"""Lanes of live scores: a line with its 95 % interval, a band of usual days, the bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from statistics import median

from evals.pages.drift_words import day_words
from evals.pages.quality import Days
from evals.pages.wording import MINUS, change, many, score, title_of
from evals.queries.live import THUMBS, Day, LiveSeries
from evals.statistics.weighted import Weighted, difference
from kit.figures import percent
from kit.intervals import Interval

HEIGHT, TOP, FOOT = 62, 6, 56  # pixels of a lane
WIDE = 1000
MOST_POINTS = 125  # of a line; longer ranges have several days a point
LATELY = 7  # days of the value that stands beside the lane
LEAST_BAND = 7  # points of a segment before it has a band
SOURCES = {"code": "check", "judge": "judge", "human": "people", "user": "users"}


@dataclass(frozen=True, slots=True)
class Point:
    """One day, or several together: from, to, and what it says."""

    day: int
    last: int
    sums: Weighted
    evaluator: str


@dataclass(frozen=True)
class LiveLane:
    """One score of live traffic, drawn. Places in percent of the width and pixels of the height."""

    series: LiveSeries
    title: str
    by: str
    volume: str
    value: str
    ends: str
    change: str
    tone: str
    bar: str
    label: str
    lines: list[str] = field(default_factory=list)
    ribbons: list[str] = field(default_factory=list)
    bands: list[str] = field(default_factory=list)
    dots: list[tuple[float, float]] = field(default_factory=list)
    bar_y: float | None = None
    rows: list[tuple[str, int, str, str]] = field(default_factory=list)
    href: str = ""  # of the traces behind it

    @property
    def key(self) -> str:
        """Name and source, for addresses."""
        return f"{self.series.source}:{self.series.name}"

    @property
    def is_good(self) -> bool | None:
        """Whether it is on the right side of its bar; None without one."""
        return None if not self.bar else self.tone not in ("bad", "warn")


def lane_of_live(series: LiveSeries, days: Days) -> LiveLane:
    """What is drawn of a series."""
    points = _points(series.days, days)
    meaning = series.meaning
    bands = _bands(points)
    scale = _Scale.of(points, bands, meaning.bar)
    lately = series.between(days.last - LATELY + 1, days.last)
    before = series.between(days.last - 2 * LATELY + 1, days.last - LATELY)
    if lately.mean is None:  # nothing lately: what was last known
        newest = series.days[-1].day
        lately = series.between(newest - LATELY + 1, newest)
        before = Weighted()
    last_version = series.days[-1].evaluator
    is_comparable = all(
        one.evaluator in ("", last_version)
        for one in series.days
        if one.day > days.last - 2 * LATELY
    )
    moved = difference(before, lately, is_share=meaning.is_share) if is_comparable else None
    ends = lately.interval(is_share=meaning.is_share)
    shown = value_text(lately.mean, series)
    return LiveLane(
        series=series,
        title=title_of(series.name),
        by=by_of(series, last_version),
        volume=f"{score(series.n / max(len(series.days), 1))} a day".replace(".00", ""),
        value=shown,
        ends=ends_text(ends, series),
        change=moved_text(moved, series),
        tone=_tone(series, lately.mean, ends, moved),
        bar="" if meaning.bar is None else value_text(meaning.bar, series),
        label=f"{title_of(series.name)}, live: {shown} of the last {LATELY} days; "
        f"{many(len(series.days), 'day')} with scores. The table below has every day.",
        lines=_lines(points, days, scale),
        ribbons=_ribbons(points, days, scale, is_share=meaning.is_share),
        bands=[_band(one, days, scale) for one in bands],
        dots=_dots(points, days, scale),
        bar_y=None if meaning.bar is None else scale.y(meaning.bar),
        rows=_rows(points, series),
    )  # fmt: skip


def by_of(series: LiveSeries, version: str = "") -> str:
    """`judge v3`, `users`: who gave the scores."""
    word = SOURCES.get(series.source, series.source)
    return f"{word} v{version}" if version else word


def value_text(value: float | None, series: LiveSeries) -> str:
    """A share in percent, any other score as scores are written."""
    return percent(value) if series.meaning.is_share else score(value)


def ends_text(ends: Interval | None, series: LiveSeries) -> str:
    """`0.81 to 0.86`, or nothing."""
    if ends is None:
        return ""
    low, high = value_text(ends.low, series), value_text(ends.high, series)
    if low == high and not series.meaning.is_share and ends.low != ends.high:
        low, high = f"{ends.low:,.3f}", f"{ends.high:,.3f}"
    return f"{low} to {high}"


def moved_text(moved: Interval | None, series: LiveSeries) -> str:
    """`−0.06`, of a share `−1.0 points`; nothing where chance does as much."""
    if moved is None or not moved.excludes(0):
        return ""
    return points_text(moved.value) if series.meaning.is_share else change(moved.value)


def points_text(share: float) -> str:
    """A difference of shares: `+1.2 points`."""
    text = f"{abs(share) * 100:.1f}"
    return f"{(MINUS if share < 0 else '+') if float(text) else ''}{text} points"


def _tone(
    series: LiveSeries, value: float | None, ends: Interval | None, moved: Interval | None
) -> str:
    """Bad: the interval lies on the wrong side of the bar. Warn: the value does, or it got worse
    than chance lets it."""
    meaning = series.meaning
    if meaning.fails(value):
        whole = ends is not None and meaning.fails(ends.low if meaning.is_most else ends.high)
        return "bad" if whole else "warn"
    is_worse = moved is not None and (moved.low > 0 if meaning.is_most else moved.high < 0)
    return "warn" if is_worse else ""


def _points(several: Sequence[Day], days: Days) -> list[Point]:
    step = max(1, ceil((days.last - days.first + 1) / MOST_POINTS))
    found: dict[tuple[int, str], Point] = {}
    for one in several:
        place = (one.day - days.first) // step
        known = found.get((place, one.evaluator))
        sums = known.sums.plus(one.sums) if known else one.sums
        first = known.day if known else one.day
        found[place, one.evaluator] = Point(first, one.day, sums, one.evaluator)
    return sorted(found.values(), key=lambda one: (one.day, one.evaluator))


def _stretches(points: Sequence[Point], days: Days) -> list[list[Point]]:
    """Points that are joined: neither a day without scores between them, nor another judge."""
    step = max(1, ceil((days.last - days.first + 1) / MOST_POINTS))
    found: list[list[Point]] = []
    before: Point | None = None
    for one in points:
        is_joined = (
            before is not None
            and one.day - before.last <= step
            and one.evaluator == before.evaluator
        )
        if is_joined:
            found[-1].append(one)
        else:
            found.append([one])
        before = one
    return found


@dataclass(frozen=True, slots=True)
class _Band:
    first: int
    last: int
    low: float
    high: float


def _bands(points: Sequence[Point]) -> list[_Band]:
    """Where 19 of 20 days of a judge's version lie: twice the robust deviation around the median.

    Source: F. R. Hampel, JASA 69 (1974): 1.4826 times the median deviation is that of a normal law.
    """
    grouped: dict[str, list[Point]] = {}
    for one in points:
        grouped.setdefault(one.evaluator, []).append(one)
    found = []
    for several in grouped.values():
        means = [one.sums.mean for one in several if one.sums.mean is not None]
        if len(means) < LEAST_BAND:
            continue
        middle = median(means)
        half = 1.96 * 1.4826 * median(abs(one - middle) for one in means)
        found.append(_Band(several[0].day, several[-1].last, middle - half, middle + half))
    return found


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float

    @classmethod
    def of(cls, points: Sequence[Point], bands: Sequence[_Band], bar: float | None) -> _Scale:
        seen = [one.sums.mean for one in points if one.sums.mean is not None]
        seen += [end for one in bands for end in (one.low, one.high)]
        if bar is not None and seen:
            seen.append(bar)
        if not seen:
            return cls(0.0, 1.0)
        low, high = min(seen), max(seen)
        room = max((high - low) * 0.12, abs(high) * 1e-6, 0.01)
        return cls(low - room, high + room)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(FOOT - min(max(share, 0.0), 1.0) * (FOOT - TOP), 1)


def _x(day: int, days: Days) -> str:
    return f"{days.x(day) * WIDE / 100:.0f}"


def _lines(points: Sequence[Point], days: Days, scale: _Scale) -> list[str]:
    return [
        " ".join(f"{_x(one.day, days)},{scale.y(one.sums.mean or 0.0)}" for one in several)
        for several in _stretches(points, days)
        if len(several) > 1
    ]


def _dots(points: Sequence[Point], days: Days, scale: _Scale) -> list[tuple[float, float]]:
    return [
        (days.x(several[0].day), scale.y(several[0].sums.mean or 0.0))
        for several in _stretches(points, days)
        if len(several) == 1
    ]


def _ribbons(points: Sequence[Point], days: Days, scale: _Scale, *, is_share: bool) -> list[str]:
    found = []
    for several in _stretches(points, days):
        ends = [(one.day, one.sums.interval(is_share=is_share)) for one in several]
        known = [(day, end) for day, end in ends if end is not None]
        if len(known) > 1:
            above = [f"{_x(day, days)},{scale.y(end.high)}" for day, end in known]
            below = [f"{_x(day, days)},{scale.y(end.low)}" for day, end in reversed(known)]
            found.append(" ".join(above + below))
    return found


def _band(band: _Band, days: Days, scale: _Scale) -> str:
    left, right = _x(band.first, days), _x(band.last, days)
    low, high = scale.y(band.low), scale.y(band.high)
    return f"{left},{high} {right},{high} {right},{low} {left},{low}"


def _rows(points: Sequence[Point], series: LiveSeries) -> list[tuple[str, int, str, str]]:
    """(days, traces, value, interval) of each point, the newest first."""
    found = []
    for one in reversed(points):
        days = day_words(one.day)
        if one.last != one.day:
            days += f" to {day_words(one.last)}"
        ends = one.sums.interval(is_share=series.meaning.is_share)
        found.append((days, one.sums.n, value_text(one.sums.mean, series), ends_text(ends, series)))
    return found


def order_of(lane: LiveLane) -> tuple[bool, bool, bool, int, str]:
    """What has fallen first, then what has a bar, then what is given most; thumbs last."""
    return (
        lane.series.name == THUMBS, lane.tone != "bad", not lane.bar, -lane.series.n, lane.title,
    )  # fmt: skip

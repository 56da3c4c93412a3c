"""The geometry of the histogram over the list: slices of time, bars, ticks, a selection. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor, log10

from traces.values.ranges import BadRange, parse_range
from traces.values.slices import Bar, Slices

HEIGHT = 60.0  # of the bars, in px
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_TICKS = (15, 30, 60, 300, 600, 900, 1800, _HOUR, 2 * _HOUR, 4 * _HOUR, 6 * _HOUR, 12 * _HOUR,
          _DAY, 2 * _DAY, 5 * _DAY, 7 * _DAY, 14 * _DAY, 28 * _DAY, 56 * _DAY)  # fmt: skip
_MOST_TICKS = 7


@dataclass(frozen=True)
class Drawn:
    """A bar as SVG: places in percent, heights in px; the part that failed stands below."""

    x: str
    width: str
    y: str
    height: str
    error_y: str
    error_height: str
    is_selected: bool
    is_plain: bool


@dataclass(frozen=True)
class Tick:
    """A label under the bars."""

    x: str
    at: datetime
    style: str


@dataclass(frozen=True)
class Selection:
    """Some slices: from the first to the last, and what they hold together."""

    first: int
    last: int
    since: datetime
    until: datetime
    traces: int
    errors: int
    x: str
    width: str

    @property
    def text(self) -> str:
        """As an address names it."""
        return between(self.since, self.until)


def drawn(cut: Slices, bars: Sequence[Bar], chosen: Selection | None, *, by: str) -> list[Drawn]:
    """The bars as they are drawn: counts with their errors at the foot, or what `by` measures."""
    top = scale(peak(bars, by))
    found = []
    for place, bar in enumerate(bars):
        low, high = cut.share(cut.starts(place)), cut.share(cut.ends(place))
        amount = amount_of(bar, by) or 0
        height = HEIGHT * amount / top
        failed = HEIGHT * bar.errors / top if by == "count" else 0
        inset = min((high - low) * 0.07, 0.0015)
        found.append(
            Drawn(
                x=f"{(low + inset) * 100:.2f}%",
                width=f"{max(high - low - 2 * inset, 0.001) * 100:.2f}%",
                y=f"{HEIGHT - height:.1f}",
                height=f"{max(height - failed - (0.7 if failed else 0), 0):.1f}",
                error_y=f"{HEIGHT - failed:.1f}",
                error_height=f"{failed:.1f}" if failed else "",
                is_selected=chosen is not None and chosen.first <= place <= chosen.last,
                is_plain=by != "errors",
            )
        )
    return found


def amount_of(bar: Bar, by: str) -> float | None:
    """What a bar is as high as."""
    return {"count": bar.count, "errors": bar.errors}.get(by, bar.value)


def peak(bars: Sequence[Bar], by: str) -> float:
    """The highest bar."""
    return max((amount_of(bar, by) or 0 for bar in bars), default=0)


def scale(most: float) -> float:
    """The round number that the axis ends at."""
    if most <= 0:
        return 1
    power = 10.0 ** floor(log10(most))
    return next(
        (step * power for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * power >= most),
        10 * power,
    )


def ticks(cut: Slices) -> list[Tick]:
    """At most seven labels at round times, none too near to an end."""
    length = (cut.until - cut.since).total_seconds()
    step = next((step for step in _TICKS if length / step <= _MOST_TICKS), _TICKS[-1])
    at = ceil(cut.since.timestamp() / step) * step
    found = []
    while at < cut.until.timestamp():
        moment = datetime.fromtimestamp(at, UTC)
        share = cut.share(moment)
        if 0.01 < share < 0.95:
            style = "day" if at % _DAY == 0 else "short"
            found.append(Tick(f"{share * 100:.2f}%", moment, style))
        at += step
    return found


def selection(cut: Slices, bars: Sequence[Bar], text: str) -> Selection | None:
    """The slices that `from..to` touches; None where it names none of them."""
    try:
        asked = parse_range(text) if ".." in text else None
    except BadRange:
        return None
    if asked is None or asked.until is None:
        return None
    if asked.until <= cut.since or asked.since >= cut.until:
        return None
    first = max(floor((asked.since.timestamp() - cut.base) / cut.step), 0)
    last = min(ceil((asked.until.timestamp() - cut.base) / cut.step) - 1, len(bars) - 1)
    if first > last:
        return None
    inside = bars[first : last + 1]
    low, high = cut.starts(first), cut.ends(last)
    return Selection(
        first,
        last,
        low,
        high,
        sum(bar.count for bar in inside),
        sum(bar.errors for bar in inside),
        f"{cut.share(low) * 100:.2f}%",
        f"{(cut.share(high) - cut.share(low)) * 100:.2f}%",
    )


def between(since: datetime, until: datetime) -> str:
    """`from..to` in UTC; instants between two seconds are given to the microsecond."""
    return f"{_instant(since)}..{_instant(until)}"


def _instant(at: datetime) -> str:
    precision = "microseconds" if at.microsecond else "seconds"
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def step_words(step: int) -> str:
    """`24 minutes`, `1 hour`, `12 hours`, `2 days`."""
    for size, word in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute"), (1, "second")):
        if step >= size and step % size == 0:
            return f"{step // size} {word}{'s' * (step != size)}"
    return str(timedelta(seconds=step))

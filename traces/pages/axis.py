"""The time axis of a trace: what is shown, what is left out, where its marks stand. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.figures import duration as duration_text
from traces.pages.timing import Stretch, idle
from traces.queries.detail import TreeSpan

_MICROSECOND = timedelta(microseconds=1)
MOST_TICKS = 12
GAP_SHARE = 6  # percent; as wide as a left out stretch is drawn
_SECOND = 1_000_000
# Round in the unit that is read: 20 ms, 5 s, 15 m, 6 h, 2 days.
_STEPS_US = (
    *(step * 10**power for power in range(7) for step in (1, 2, 5)),
    *(step * _SECOND for step in (10, 20, 30)),
    *(step * 60 * _SECOND for step in (1, 2, 5, 10, 15, 30)),
    *(step * 3600 * _SECOND for step in (1, 2, 3, 6, 12)),
    *(step * 86_400 * _SECOND for step in (1, 2, 5, 10, 20, 50, 100, 365)),
)
_UNITS = (
    ("d", 86_400 * _SECOND),
    ("h", 3600 * _SECOND),
    ("m", 60 * _SECOND),
    ("s", _SECOND),
    ("ms", 1000),
)


@dataclass(frozen=True)
class Scale:
    """The time axis: the first start, how long it is, what of it is shown and what is left out."""

    first: datetime
    length_us: int
    low_us: int = 0
    high_us: int | None = None  # None: to the end
    gaps: tuple[Stretch, ...] = ()  # idle stretches, each drawn as GAP_SHARE of the axis

    @classmethod
    def of(cls, spans: list[TreeSpan], window: Stretch | None = None) -> Scale:
        """The axis that holds all of `spans`, or the part of it that `window` says."""
        first = min(span.start_time for span in spans)
        last = max(
            (span.start_time - first) // _MICROSECOND + (span.duration_us or 0) for span in spans
        )
        length = max(last, 1)
        if window is not None:
            low, high = max(window[0], 0), min(window[1], length)
            if low < high:
                return cls(first, length, low, high)
        return cls(first, length, gaps=tuple(idle(spans, first)))

    @property
    def end_us(self) -> int:
        """Where the shown part ends."""
        return self.length_us if self.high_us is None else self.high_us

    @property
    def is_zoomed(self) -> bool:
        """Only a part of the trace is shown."""
        return self.high_us is not None

    def share(self, at_us: int) -> float:
        """Percent of the axis at which an instant stands."""
        left_out = sum(high - low for low, high in self.gaps)
        # A gap is drawn as wide as GAP_SHARE percent of what is drawn besides.
        gap_us = (self.end_us - self.low_us - left_out) * GAP_SHARE // 100
        place = at_us - self.low_us
        for low, high in self.gaps:
            if at_us >= high:
                place -= high - low - gap_us
            elif at_us > low:
                place -= (at_us - low) - gap_us * (at_us - low) // (high - low)
        whole = self.end_us - self.low_us - left_out + gap_us * len(self.gaps)
        return min(max(place / max(whole, 1) * 100, 0.0), 100.0)

    def start_us(self, span: TreeSpan) -> int:
        """Microseconds from the beginning of the trace."""
        return (span.start_time - self.first) // _MICROSECOND

    def ticks(self) -> list[dict[str, str]]:
        """Three to five round marks, as places and words."""
        shown = self.end_us - self.low_us - sum(high - low for low, high in self.gaps)
        step = next((step for step in _STEPS_US if shown / step < 5), _STEPS_US[-1])
        first = -(-self.low_us // step) * step
        marks: list[int] = []
        at = first
        while at <= self.end_us and len(marks) < MOST_TICKS:
            gap = next((gap for gap in self.gaps if gap[0] < at <= gap[1]), None)
            if gap is None:
                marks.append(at)
                at += step
            else:
                at = -(-gap[1] // step) * step + step * (gap[1] % step == 0)
        return [
            {
                "x": f"{self.share(mark):.2f}%",
                "text": "0" if not mark else _round_duration(mark),
                "anchor": _anchor(self.share(mark)),
            }
            for mark in marks
        ]

    def markers(self) -> list[dict[str, str]]:
        """Where idle stretches were left out, and how long they were."""
        return [
            {
                "x": f"{self.share(low):.2f}%",
                "width": f"{self.share(high) - self.share(low):.2f}%",
                "text": f"{duration_text(high - low)} idle",
            }
            for low, high in self.gaps
        ]


def window_of(text: str) -> Stretch | None:
    """The window that `zoom=from-to` in an address says, in microseconds; None where none."""
    low, dash, high = text.partition("-")
    parts = (low, high)
    if not dash or not all(
        part.isascii() and part.isdecimal() and len(part) < 16 for part in parts
    ):
        return None
    return (int(low), int(high)) if int(low) < int(high) else None


def within(spans: list[TreeSpan], scale: Scale) -> list[TreeSpan]:
    """The spans that ran in the part shown, with all that stand above them."""
    if not scale.is_zoomed:
        return spans
    by_id = {span.span_id: span for span in spans}
    kept: set[str] = set()
    for span in spans:
        start = scale.start_us(span)
        end = scale.length_us if span.duration_us is None else start + span.duration_us
        above: TreeSpan | None = span
        if start <= scale.end_us and end >= scale.low_us:
            while above is not None and above.span_id not in kept:
                kept.add(above.span_id)
                above = by_id.get(above.parent_span_id or "")
    return [span for span in spans if span.span_id in kept]


def _anchor(share: float) -> str:
    return "start" if share < 4 else "end" if share > 96 else "middle"


def _round_duration(us: int) -> str:
    for unit, size in _UNITS:
        if us >= size:
            return f"{us / size:g} {unit}"
    return f"{us} µs"

"""Rows of the span tree with their bars on the time axis, as the templates draw them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kit.figures import duration as duration_text
from traces.ingest.record import KIND_NAMES, Level
from traces.pages.timing import Stretch, idle
from traces.pages.tree import ORPHANS
from traces.pages.tree_rows import Item, More
from traces.queries.detail import TreeSpan

_MICROSECOND = timedelta(microseconds=1)
MOST_INDENTS = 12  # deeper rows stay there, so that names keep their room
MOST_MINIMAP = 400
LEAST_WIDTH = 0.35  # percent; a bar of no width could not be seen
MOST_TICKS = 12
GAP_SHARE = 6  # percent; as wide as a left out stretch is drawn
MOST_SEGMENTS = 4  # of the critical path in one row
_STEPS_US = tuple(step * 10**power for power in range(13) for step in (1, 2, 5))


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


def row(
    found: Item | More,
    scale: Scale,
    *,
    selected: str | None,
    cost: int | None,
    path: Mapping[str, list[Stretch]] | None = None,
    is_late: bool = False,
) -> dict[str, Any]:
    """What the template needs of one row; `cost` stands on a root that has none of its own.

    `path` is the critical path where it is asked for; `is_late` rows stand outside the axis.
    """
    drawn = _row(found, scale, selected, cost)
    if path is not None and isinstance(found, Item):
        drawn |= _on_path(found, scale, path)
    if is_late:
        drawn["is_late"] = True
    return drawn


def _on_path(found: Item, scale: Scale, path: Mapping[str, list[Stretch]]) -> dict[str, Any]:
    """Whether a row is on the critical path, and where the trace waited for it."""
    on_path = [span.span_id for span in found.spans if span.span_id in path]
    stretches = [stretch for span_id in on_path for stretch in path[span_id]]
    longest = sorted(stretches, key=lambda one: one[0] - one[1])[:MOST_SEGMENTS]
    segments = []
    for low, high in sorted(longest):
        width = scale.share(high) - scale.share(low)
        if width >= LEAST_WIDTH:
            segments.append({"x": f"{scale.share(low):.2f}%", "width": f"{width:.2f}%"})
    own = sum(high - low for low, high in stretches)
    return {
        "is_off": not on_path,
        "segments": segments,
        "path_text": f"on the critical path, {duration_text(own)} of its own" if on_path else "",
    }


def _row(
    found: Item | More, scale: Scale, selected: str | None, cost: int | None
) -> dict[str, Any]:
    if isinstance(found, More):
        return {
            "is_more": True,
            **_place(found.level),
            "key": found.key,
            "at": found.at,
            "left": found.left,
        }
    if found.key == ORPHANS:
        return _group(found, scale, "Parent missing", f"{len(found.spans):,} spans") | {
            "kind": "span",
            "note": "partial",
            "note_tone": "warn",
            "is_orphans": True,
        }
    if found.is_group:
        longest = max(found.spans, key=lambda span: span.duration_us or 0)
        total = sum(span.duration_us or 0 for span in found.spans)
        words = f"total {duration_text(total)}, worst {duration_text(longest.duration_us)}"
        return _group(found, scale, f"{found.span.name} ×{len(found.spans):,}", words)
    return _single(found, scale, selected, cost)


def flat_row(span: TreeSpan, scale: Scale, *, selected: str | None) -> dict[str, Any]:
    """A span out of its place, as a search lists it."""
    return _single(Item(f"s{span.span_id}", 1, [span]), scale, selected, None)


def minimap(spans: list[TreeSpan], scale: Scale) -> list[dict[str, Any]]:
    """The whole trace in 38 pixels: the longest spans, in the order of their starts."""
    longest = sorted(spans, key=lambda span: -(span.duration_us or 0))[:MOST_MINIMAP]
    drawn = sorted(longest, key=lambda span: span.start_time)
    step = 33 / max(len(drawn), 1)
    return [
        {
            "kind": KIND_NAMES[span.kind],
            "x": f"{scale.share(scale.start_us(span)):.2f}%",
            "y": f"{3 + place * min(step, 2.1):.1f}",
            "width": f"{max(_width(scale, span), 0.4):.2f}%",
            "is_error": span.level == Level.ERROR,
        }
        for place, span in enumerate(drawn)
    ]


def _single(found: Item, scale: Scale, selected: str | None, cost: int | None) -> dict[str, Any]:
    span = found.span
    is_error = span.level == Level.ERROR
    is_running = span.duration_us is None
    start = scale.start_us(span)
    length = scale.length_us - start if span.duration_us is None else span.duration_us
    own_cost = span.cost_nano if span.cost_nano is not None else cost
    return {
        **_place(found.level),
        **_bar(scale, start, length, span.ttft_us),
        "key": found.key,
        "span_id": span.span_id,
        "kind": KIND_NAMES[span.kind],
        "name": span.name,
        "sub": _fact(span, is_error),
        "note": "running" if is_running else _error_word(span) if is_error else "",
        "note_tone": "info" if is_running else "bad",
        "is_open": found.is_open,
        "is_loaded": found.is_loaded,
        "is_selected": span.span_id == selected,
        "is_error": is_error,
        "cost": own_cost,
        "duration": span.duration_us,
        "duration_text": "running" if is_running else duration_text(span.duration_us),
    }


def _group(found: Item, scale: Scale, name: str, words: str) -> dict[str, Any]:
    start = min(scale.start_us(span) for span in found.spans)
    end = max(scale.start_us(span) + (span.duration_us or 0) for span in found.spans)
    errors = sum(span.level == Level.ERROR for span in found.spans)
    costs = [span.cost_nano for span in found.spans if span.cost_nano is not None]
    return {
        **_place(found.level),
        **_bar(scale, start, end - start, None),
        "key": found.key,
        "kind": KIND_NAMES[found.span.kind],
        "name": name,
        "sub": words,
        "note": f"{errors:,} failed" if errors else "",
        "note_tone": "bad",
        "is_open": found.is_open,
        "is_loaded": found.is_loaded,
        "is_group": True,
        "cost": sum(costs) if costs else None,
        "duration": end - start,
        "duration_text": duration_text(end - start),
    }


def _place(level: int) -> dict[str, int]:
    return {"level": level, "indents": min(level - 1, MOST_INDENTS)}


def _width(scale: Scale, span: TreeSpan) -> float:
    start = scale.start_us(span)
    return scale.share(start + (span.duration_us or 0)) - scale.share(start)


def _anchor(share: float) -> str:
    return "start" if share < 4 else "end" if share > 96 else "middle"


def _bar(scale: Scale, start: int, length: int, ttft_us: int | None) -> dict[str, Any]:
    x = min(scale.share(start), 100 - LEAST_WIDTH)
    width = min(max(scale.share(start + length) - scale.share(start), LEAST_WIDTH), 100 - x)
    wait = scale.share(start + min(ttft_us, length)) - scale.share(start) if ttft_us else 0.0
    wait = wait if LEAST_WIDTH < wait < width else 0.0
    end = x + width
    bar: dict[str, Any] = {
        "x": f"{x:.2f}%",
        "bar_x": f"{x + wait:.2f}%",
        "wait": f"{wait:.2f}%" if wait else "",
        "width": f"{width - wait:.2f}%",
        "text_x": f"{end:.2f}%",
        "is_text_before": False,
        "is_text_inside": False,
    }
    if end > 84:
        if x > 16:
            bar |= {"text_x": f"{x:.2f}%", "is_text_before": True}
        else:
            bar["is_text_inside"] = True
    return bar


def _fact(span: TreeSpan, is_error: bool) -> str:
    if is_error and span.status_message:
        return span.status_message.strip().split("\n", 1)[0][:120]
    return span.model or ""


def _error_word(span: TreeSpan) -> str:
    word = (span.error_type or "").rpartition(".")[2]
    return word[:24] or "error"


def _round_duration(us: int) -> str:
    for unit, size in (("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1000)):
        if us >= size:
            return f"{us / size:g} {unit}"
    return f"{us} µs"

"""Rows of the span tree with their bars on the time axis, as the templates draw them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kit.figures import duration as duration_text
from traces.ingest.record import KIND_NAMES, Level
from traces.pages.tree import ORPHANS
from traces.pages.tree_rows import Item, More
from traces.queries.detail import TreeSpan

_MICROSECOND = timedelta(microseconds=1)
MOST_INDENTS = 12  # deeper rows stay there, so that names keep their room
MOST_MINIMAP = 400
LEAST_WIDTH = 0.35  # percent; a bar of no width could not be seen
_STEPS_US = tuple(step * 10**power for power in range(13) for step in (1, 2, 5))


@dataclass(frozen=True)
class Scale:
    """The time axis: the first start, and how long it is."""

    first: datetime
    length_us: int

    @classmethod
    def of(cls, spans: list[TreeSpan]) -> Scale:
        """The axis that holds all of `spans`."""
        first = min(span.start_time for span in spans)
        last = max(
            (span.start_time - first) // _MICROSECOND + (span.duration_us or 0) for span in spans
        )
        return cls(first, max(last, 1))

    def share(self, at_us: int) -> float:
        """Percent of the axis."""
        return min(max(at_us / self.length_us * 100, 0.0), 100.0)

    def start_us(self, span: TreeSpan) -> int:
        """Microseconds from the beginning of the axis."""
        return (span.start_time - self.first) // _MICROSECOND

    def ticks(self) -> list[dict[str, str]]:
        """Three to five round marks, as places and words."""
        step = next((step for step in _STEPS_US if self.length_us / step < 5), _STEPS_US[-1])
        marks = range(0, self.length_us + 1, step)
        return [
            {
                "x": f"{self.share(mark):.2f}%",
                "text": "0" if not mark else _round_duration(mark),
                "anchor": "start" if not mark else "end" if self.share(mark) > 96 else "middle",
            }
            for mark in marks
        ]


def row(
    found: Item | More, scale: Scale, *, selected: str | None, cost: int | None
) -> dict[str, Any]:
    """What the template needs of one row; `cost` stands on a root that has none of its own."""
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
            "width": f"{max(scale.share(span.duration_us or 0), 0.4):.2f}%",
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


def _bar(scale: Scale, start: int, length: int, ttft_us: int | None) -> dict[str, Any]:
    x = min(scale.share(start), 100 - LEAST_WIDTH)
    width = min(max(scale.share(length), LEAST_WIDTH), 100 - x)
    wait = scale.share(min(ttft_us, length)) if ttft_us else 0.0
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

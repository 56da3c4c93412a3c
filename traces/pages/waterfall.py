"""Rows of the span tree with their bars on the time axis, as the templates draw them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kit.figures import duration as duration_text
from traces.ingest.record import KIND_NAMES, Kind, Level
from traces.pages.axis import Scale
from traces.pages.score_rows import SpanVerdict
from traces.pages.timing import Stretch
from traces.pages.tree import ORPHANS
from traces.pages.tree_rows import Item, More
from traces.queries.detail import TreeSpan

NO_VERDICTS: Mapping[str, SpanVerdict] = {}
MOST_INDENTS = 12  # deeper rows stay there, so that names keep their room
MOST_MINIMAP = 400
LEAST_WIDTH = 0.35  # percent; a bar of no width could not be seen
MOST_SEGMENTS = 4  # of the critical path in one row


def row(
    found: Item | More,
    scale: Scale,
    *,
    selected: str | None,
    cost: int | None,
    path: Mapping[str, list[Stretch]] | None = None,
    is_late: bool = False,
    verdicts: Mapping[str, SpanVerdict] = NO_VERDICTS,
) -> dict[str, Any]:
    """What the template needs of one row; `cost` stands on a root that has none of its own.

    `path` is the critical path where it is asked for; `is_late` rows stand outside the axis.
    """
    drawn = _row(found, scale, selected, cost)
    if isinstance(found, Item):
        drawn |= _scored(found, verdicts)
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


def flat_row(
    span: TreeSpan,
    scale: Scale,
    *,
    selected: str | None,
    verdicts: Mapping[str, SpanVerdict] = NO_VERDICTS,
) -> dict[str, Any]:
    """A span out of its place, as a search lists it."""
    item = Item(f"s{span.span_id}", 1, [span])
    return _single(item, scale, selected, None) | _scored(item, verdicts)


def _scored(found: Item, verdicts: Mapping[str, SpanVerdict]) -> dict[str, Any]:
    """The score that missed its bar; of an evaluator also one that did not."""
    if found.is_group or found.key == ORPHANS:
        failed = sum(
            span.span_id in verdicts and verdicts[span.span_id].verdict.fails
            for span in found.spans
        )
        return {"missed_count": failed}
    scored = verdicts.get(found.span.span_id)
    if scored is None or not (scored.verdict.fails or found.span.kind == Kind.EVALUATOR):
        return {}
    return {"scored": scored}


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

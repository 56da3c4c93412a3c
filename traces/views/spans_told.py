"""A trace told otherwise than as a waterfall: as the conversation in it, and as a log."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from django.http import QueryDict

from kit.figures import duration
from kit.htmx import HtmxRequest
from traces.ingest.record import Level
from traces.pages import shortening
from traces.pages.log_lines import log_lines
from traces.pages.transcript import Turn, speaking, transcript
from traces.queries import detail
from traces.views.media import with_addresses
from traces.views.spans_side import Side, changed

MOST_TURNS = 60  # spans of a conversation on one page
MOST_LINES = 200  # spans of a log on one page


def conversation_context(request: HtmxRequest, project_id: int, side: Side) -> dict[str, Any]:
    """Turns of the conversation from `at` on; two statements."""
    spoken = speaking(side.parts.spans, side.trace.root_span_id)
    start = _start(request.GET, len(spoken))
    shown = spoken[start : start + MOST_TURNS]
    # What earlier calls have shown is left out, so those of the page before are read as well.
    before = spoken[max(0, start - MOST_TURNS) : start]
    documents = detail.contents_of_spans(
        project_id, side.trace, [span.span_id for span in [*before, *shown]]
    )
    ids = {span.span_id for span in shown}
    turns = [turn for turn in transcript([*before, *shown], documents) if turn.span.span_id in ids]
    project = request.door.project  # type: ignore[attr-defined]
    with_addresses(project, [block for turn in turns for block in turn.blocks])
    return _paged(request.GET, start, MOST_TURNS, len(spoken)) | {
        "turns": [_turn(turn) for turn in turns],
        "is_waiting": side.trace.is_running,
    }


def log_context(request: HtmxRequest, project_id: int, side: Side) -> dict[str, Any]:
    """Lines of spans and events from `at` on; two statements."""
    spans = sorted(side.spans, key=lambda span: (span.start_time, span.span_id))
    if request.GET.get("only") == "errors":
        spans = [span for span in spans if span.level == Level.ERROR]
    start = _start(request.GET, len(spans))
    shown = spans[start : start + MOST_LINES]
    documents = detail.contents_of_spans(project_id, side.trace, [span.span_id for span in shown])
    lines = log_lines(shown, documents, side.spans[0].start_time) if shown else []
    return _paged(request.GET, start, MOST_LINES, len(spans)) | {"lines": lines}


def _turn(turn: Turn) -> dict[str, Any]:
    shortening.shortened(turn.blocks)
    shortening.render(turn.blocks, {})
    for block in turn.blocks:
        block.folded = block.folded or block.shape == "reasoning"
    span = turn.span
    given = {"span": span.span_id, "tab": "messages"}
    return {
        "span": span,
        "kind": turn.kind,
        "blocks": turn.blocks,
        "is_error": span.level == Level.ERROR,
        "duration": "running" if span.duration_us is None else duration(span.duration_us),
        "part_href": f"?{urlencode(given, quote_via=quote)}",
    }


def _paged(query: QueryDict, start: int, most: int, total: int) -> dict[str, Any]:
    found: dict[str, Any] = {"total": total, "from": start + 1, "to": min(start + most, total)}
    if start:
        found["earlier"] = changed(query, at=str(max(start - most, 0)))
    if start + most < total:
        found["later"] = changed(query, at=str(start + most))
    return found


def _start(query: QueryDict, total: int) -> int:
    text = query.get("at", "")
    known = text.isascii() and text.isdecimal() and len(text) < 9
    return min(int(text), max(total - 1, 0)) if known else 0

"""The left side of a trace: its waterfall, what is searched for in it, where the neighbours are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, QueryDict

from kit.figures import duration
from kit.htmx import HtmxRequest
from traces.ingest.record import Level
from traces.pages import waterfall
from traces.pages.axis import Scale, window_of, within
from traces.pages.critical import critical_path
from traces.pages.evaluators import Parted, parted
from traces.pages.score_rows import SpanVerdict
from traces.pages.timing import Stretch, slow_spans
from traces.pages.tree import SpanTree
from traces.pages.tree_rows import MOST_ROWS, Item, More, visible
from traces.queries import detail
from traces.queries.detail import TreeSpan
from traces.queries.summaries import TraceSummary
from traces.views.addresses import kept_parameters
from traces.views.feedback import verdicts_on_spans

VIEWS = (("waterfall", "Waterfall"), ("conversation", "Conversation"), ("log", "Log"))
_STATE = ("view", "zoom", "critical")  # of this page, kept by its own links


@dataclass(frozen=True)
class Side:
    """What the rows are drawn from."""

    trace: TraceSummary
    spans: list[TreeSpan]
    parts: Parted
    tree: SpanTree
    late: SpanTree
    scale: Scale | None
    path: dict[str, list[Stretch]] | None
    verdicts: Mapping[str, SpanVerdict]  # of the scores on its spans

    @property
    def everything(self) -> list[TreeSpan]:
        """All spans in the order of the page."""
        return [*self.tree.in_order(), *self.late.in_order()]


def read_side(request: HtmxRequest, project_id: int, trace: TraceSummary) -> Side:
    """The spans of the trace, how the address wants them seen, how they were scored."""
    spans = detail.tree_spans(project_id, trace)
    parts = parted(spans, trace.root_span_id)
    scale = None
    if parts.spans:
        scale = Scale.of(parts.spans, window_of(request.GET.get("zoom", "")))
    tree = SpanTree(within(parts.spans, scale) if scale else [])
    path = None
    if request.GET.get("critical") and scale is not None:
        whole = tree if not scale.is_zoomed else SpanTree(parts.spans)
        path = critical_path(whole, scale.length_us)
    verdicts = verdicts_on_spans(project_id, trace.trace_id)
    return Side(trace, spans, parts, tree, parts.late_tree, scale, path, verdicts)


def state_of(query: QueryDict) -> dict[str, str]:
    """What links of the page keep: the list's parameters, and how the page is looked at."""
    state = {name: value for name in _STATE if (value := query.get(name, "")[:100])}
    return kept_parameters(query) | state


def without_view(query: QueryDict) -> QueryDict:
    """The address without this page's own view; a saved view of the list has the same name."""
    if query.get("view") not in dict(VIEWS):
        return query
    rest = query.copy()
    del rest["view"]
    return rest


def changed(query: QueryDict, **changes: str) -> str:
    """`?…` of this page with its state and span, and some of it changed; '' removes one."""
    state = state_of(query)
    if span := query.get("span"):
        state["span"] = span
    state |= changes
    said = {name: value for name, value in state.items() if value}
    return f"?{urlencode(said)}"


def judged_context(trace: TraceSummary, spans: list[TreeSpan]) -> dict[str, Any]:
    """What of the strip only the spans know: when the answer stood, where evaluators came after."""
    root = next((span for span in spans if span.span_id == trace.root_span_id), None)
    has_late = root is not None and bool(parted(spans, root.span_id).late)
    return {"response_us": root.duration_us if root is not None and has_late else None}


def tree_context(request: HtmxRequest, project_id: int, side: Side) -> dict[str, Any]:
    """Rows of the whole tree, or of what is searched for."""
    query = request.GET
    find = query.get("find", "").strip()[:200]
    only = query.get("only", "")
    chosen = chosen_span(request, side)
    context: dict[str, Any] = {
        "chosen": chosen,
        "find": find,
        "only": only,
        "span_count": len(side.spans),
        "error_count": sum(span.level == Level.ERROR for span in side.spans),
        "orphan_count": len(side.tree.orphans),
    }
    scale = side.scale
    if scale is None:
        return context
    slow = slow_spans(side.tree, sum_of_shown(scale))
    context["slow_count"] = len(slow)
    if find or only in ("errors", "slow"):
        found = _searched(project_id, side, find) if find else side.everything
        if only == "errors":
            found = [span for span in found if span.level == Level.ERROR]
        elif only == "slow":
            ids = {span.span_id for span in slow}
            found = [span for span in found if span.span_id in ids]
        rows = [
            waterfall.flat_row(span, scale, selected=chosen, verdicts=side.verdicts)
            for span in found[:MOST_ROWS]
        ]
        context |= {"is_search": True, "found_count": len(found)}
    else:
        rows = _drawn(side, visible(side.tree, seeing=chosen), chosen)
        context |= _late(side, scale, chosen)
    if rows and not any(row.get("is_selected") for row in [*rows, *context.get("late_rows", [])]):
        rows[0]["is_first"] = True
    folded = any(row.get("is_loaded") is False for row in rows)
    return context | _axis(query, side, scale) | {
        "rows": rows,
        "is_folded": folded or len(side.spans) > len(rows),
    }  # fmt: skip


def _axis(query: QueryDict, side: Side, scale: Scale) -> dict[str, Any]:
    whole = Scale(scale.first, scale.length_us)
    context: dict[str, Any] = {
        "scale": scale,
        "ticks": scale.ticks(),
        "markers": scale.markers(),
        "left_out": duration(sum(high - low for low, high in scale.gaps)),
        "minimap_label": f"Part of the trace shown, {duration(scale.length_us)} in all",
        "minimap": waterfall.minimap(side.parts.spans, whole),
        "window_words": f"{duration(scale.low_us)} to {duration(scale.end_us)}",
        "window_x": f"{whole.share(scale.low_us):.2f}%",
        "window_width": f"{whole.share(scale.end_us) - whole.share(scale.low_us):.2f}%",
        "unzoomed": changed(query, zoom=""),
        "zoomable": changed(query, zoom="", span=""),
        "is_critical": side.path is not None,
        "critical_href": changed(query, critical="" if side.path is not None else "1"),
    }
    if side.path is not None:
        stretches = [stretch for found in side.path.values() for stretch in found]
        waited = sum(high - low for low, high in stretches)
        context["critical_words"] = f"{duration(waited)} over {len(side.path):,} spans"
    return context


def sum_of_shown(scale: Scale) -> int:
    """Microseconds of the whole trace without what is left out as idle."""
    return scale.length_us - sum(high - low for low, high in scale.gaps)


def below_context(request: HtmxRequest, side: Side) -> dict[str, Any]:
    """The rows that opening a row fetches. Raises: Http404."""
    key = request.GET["below"]
    at = request.GET.get("at", "0")
    start = int(at) if at.isascii() and at.isdecimal() and len(at) < 9 else 0
    for tree, is_late in ((side.tree, False), (side.late, True)):
        if (not key and not is_late) or (key and tree.level(key)):
            rows = visible(tree, below=key or None, at=start)
            return {"rows": _drawn(side, rows, None, is_late=is_late)}
    raise Http404("The trace has no such row.")


def chosen_span(request: HtmxRequest, side: Side) -> str | None:
    """The span asked for; else where the trouble began; else the root."""
    wanted = request.GET.get("span", "")
    if wanted in side.tree.by_id or wanted in side.late.by_id:
        return wanted
    if side.trace.error_count and (failed := side.tree.first_error()):
        return failed.span_id
    first = next(side.tree.in_order(), None)
    return first.span_id if first else None


def next_error(side: Side, after: str | None) -> TreeSpan | None:
    """The first failed span after another in the order of the page, from the top again."""
    ordered = side.everything
    start = next((i + 1 for i, span in enumerate(ordered) if span.span_id == after), 0)
    turned = [*ordered[start:], *ordered[:start]]
    return next((span for span in turned if span.level == Level.ERROR), None)


def _searched(project_id: int, side: Side, find: str) -> list[TreeSpan]:
    saying = detail.spans_saying(project_id, side.trace, find)
    return [*side.tree.find(find, saying), *side.late.find(find, saying)]


def _late(side: Side, scale: Scale, chosen: str | None) -> dict[str, Any]:
    if not side.parts.late:
        return {}
    rows = visible(side.late, seeing=chosen if chosen in side.late.by_id else None)
    return {
        "late_rows": _drawn(side, rows, chosen, is_late=True),
        "late_words": f"Scored {duration(side.parts.after_us)} after the response, "
        "outside the critical path",
    }


def _drawn(
    side: Side, rows: list[Item | More], chosen: str | None, *, is_late: bool = False
) -> list[dict[str, Any]]:
    assert side.scale is not None  # noqa: S101  (there are rows, so there are spans)
    # The only root stands for the whole trace, so it shows the whole cost.
    tree = side.tree
    only_root = tree.roots[0] if len(tree.roots) == 1 and not tree.orphans else None
    cost = side.trace.cost
    return [
        waterfall.row(
            row,
            side.scale,
            selected=chosen,
            cost=cost if isinstance(row, Item) and row.span is only_root else None,
            path=None if is_late else side.path,
            is_late=is_late,
            verdicts=side.verdicts,
        )
        for row in rows
    ]

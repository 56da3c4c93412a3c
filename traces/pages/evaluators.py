"""Evaluators of a trace: what came after the answer stands apart, and so does its cost. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from traces.ingest.record import COSTLESS_KINDS, Kind
from traces.pages.tree import SpanTree
from traces.queries.detail import TreeSpan


@dataclass(frozen=True)
class Parted:
    """The spans of a trace without the evaluators that ran after it, and those."""

    spans: list[TreeSpan]
    late: list[TreeSpan]
    after_us: int  # from the end of the answer to the first evaluator

    @property
    def late_tree(self) -> SpanTree:
        """The late evaluators with what stands below them; each of them is a root."""
        ids = {span.span_id for span in self.late}
        return SpanTree(
            [
                span if span.parent_span_id in ids else replace(span, parent_span_id=None)
                for span in self.late
            ]
        )


def parted(spans: list[TreeSpan], root_span_id: str | None) -> Parted:
    """Part evaluators that began after the root had ended from the rest; `spans` are by start."""
    root = next((span for span in spans if span.span_id == root_span_id), None)
    tops = _evaluators(spans)
    if root is None or root.duration_us is None or root.kind == Kind.EVALUATOR or not tops:
        return Parted(spans, [], 0)
    end = root.start_time + timedelta(microseconds=root.duration_us)
    late = {span.span_id for span in tops if span.start_time >= end}
    if not late:
        return Parted(spans, [], 0)
    inside = _below(spans, late)
    apart = [span for span in spans if span.span_id in inside]
    first: datetime = min(span.start_time for span in apart)
    rest = [span for span in spans if span.span_id not in inside]
    return Parted(rest, apart, (first - end) // timedelta(microseconds=1))


def evaluator_cost(spans: list[TreeSpan]) -> int | None:
    """What evaluators cost with all that stands below them, as totals add it; None of none."""
    tops = _evaluators(spans)
    if not tops:
        return None
    inside = _below(spans, {span.span_id for span in tops})
    costs = [
        span.cost_nano
        for span in spans
        if span.span_id in inside
        and span.cost_nano is not None
        and (span.counts or span.kind not in COSTLESS_KINDS)
    ]
    return sum(costs) if costs else None


def _evaluators(spans: list[TreeSpan]) -> list[TreeSpan]:
    return [span for span in spans if span.kind == Kind.EVALUATOR]


def _below(spans: list[TreeSpan], tops: set[str]) -> set[str]:
    """Ids of `tops` and of everything below them."""
    children: dict[str, list[str]] = {}
    for span in spans:
        if span.parent_span_id:
            children.setdefault(span.parent_span_id, []).append(span.span_id)
    found: set[str] = set()
    stack = list(tops)
    while stack:
        span_id = stack.pop()
        if span_id not in found:
            found.add(span_id)
            stack += children.get(span_id, ())
    return found

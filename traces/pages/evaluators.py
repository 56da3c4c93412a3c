"""Evaluators of a trace: what came after the answer stands apart. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from traces.digest.evaluating import below
from traces.ingest.record import Kind
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
    tops = [span for span in spans if span.kind == Kind.EVALUATOR]
    if root is None or root.duration_us is None or root.kind == Kind.EVALUATOR or not tops:
        return Parted(spans, [], 0)
    end = root.start_time + timedelta(microseconds=root.duration_us)
    late = {span.span_id for span in tops if span.start_time >= end}
    if not late:
        return Parted(spans, [], 0)
    inside = below(spans, late)
    apart = [span for span in spans if span.span_id in inside]
    first: datetime = min(span.start_time for span in apart)
    rest = [span for span in spans if span.span_id not in inside]
    return Parted(rest, apart, (first - end) // timedelta(microseconds=1))

"""The critical path: the chain of spans that the end of a trace waited for. Pure.

Read backwards from the end of a span: it waited for the child that ended last, before that for
the one that had ended last when that child began, and so on; between them the span worked itself.
What ran beside them could have been faster without anybody noticing.
"""

from __future__ import annotations

from traces.pages.timing import Stretch, stretch_of
from traces.pages.tree import SpanTree
from traces.queries.detail import TreeSpan


def critical_path(tree: SpanTree, length_us: int) -> dict[str, list[Stretch]]:
    """Span ids on the path, each with the stretches in which the trace waited for itself.

    A span that only waited for its children has none. Of several roots the one that ends last is
    followed. `length_us` is where spans that still run end.
    """
    tops = tree.roots or tree.orphans
    if not tops:
        return {}
    first = tree.spans[0].start_time
    times = {span.span_id: stretch_of(span, first, length_us) for span in tree.spans}
    top = max(tops, key=lambda span: times[span.span_id][1])
    path: dict[str, list[Stretch]] = {}
    waiting = [(top, *times[top.span_id])]
    while waiting:
        span, low, high = waiting.pop()
        own = path.setdefault(span.span_id, [])
        for child, begin, end in _awaited(tree, span, times, low, high):
            if end < high:
                own.append((end, high))
            waiting.append((child, begin, end))
            high = begin
        if low < high:
            own.append((low, high))
        own.reverse()
    return path


def _awaited(
    tree: SpanTree, span: TreeSpan, times: dict[str, Stretch], low: int, high: int
) -> list[tuple[TreeSpan, int, int]]:
    """The children that `span` waited for between `low` and `high`, the last one first.

    What a child did outside of it counts for nothing: nobody waited for that.
    """
    inside = []
    for child in tree.spans_below(f"s{span.span_id}"):
        begin, end = times[child.span_id]
        begin, end = max(begin, low), min(end, high)
        if begin < end:
            inside.append((end, begin, child))
    inside.sort(key=lambda one: (-one[0], one[1]))
    found = []
    edge = high
    for end, begin, child in inside:
        if end <= edge:
            found.append((child, begin, end))
            edge = begin
    return found

"""What the times of a trace say: busy and idle stretches, own time of spans, slow ones. Pure.

All times are microseconds from the first start of the trace.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from traces.pages.tree import SpanTree
from traces.queries.detail import TreeSpan

Stretch = tuple[int, int]  # from, to

IDLE_TIMES = 3  # an idle stretch this many times as long as all that was done is left out
SLOW_SHARE = 10  # a span is slow where its own time is a tenth of the trace
_MICROSECOND = timedelta(microseconds=1)


def stretch_of(span: TreeSpan, first: datetime, until: int | None = None) -> Stretch:
    """From when to when a span ran; one that still runs reaches `until`, or is an instant."""
    start = (span.start_time - first) // _MICROSECOND
    if span.duration_us is None:
        return start, max(start, until if until is not None else start)
    return start, start + span.duration_us


def united(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time without overlaps, in order."""
    found: list[Stretch] = []
    for low, high in sorted(stretches):
        if found and low <= found[-1][1]:
            if high > found[-1][1]:
                found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return found


def idle(spans: Iterable[TreeSpan], first: datetime) -> list[Stretch]:
    """Stretches in which nothing ran, each longer than IDLE_TIMES all that was done."""
    busy = united(stretch_of(span, first) for span in spans)
    done = sum(high - low for low, high in busy)
    gaps = [(before[1], after[0]) for before, after in pairwise(busy)]
    return [(low, high) for low, high in gaps if high - low > IDLE_TIMES * max(done, 1)]


def own_times(tree: SpanTree) -> dict[str, int]:
    """For each span that ended, how long it ran while none of its children did."""
    found = {}
    for span in tree.spans:
        if span.duration_us is None:
            continue
        children = tree.spans_below(f"s{span.span_id}")
        if not children:
            found[span.span_id] = span.duration_us
            continue
        end = span.duration_us
        inside = [stretch_of(child, span.start_time, end) for child in children]
        covered = united((max(low, 0), min(high, end)) for low, high in inside if low < end)
        busy = sum(max(high - low, 0) for low, high in covered)
        found[span.span_id] = max(span.duration_us - busy, 0)
    return found


def slow_spans(tree: SpanTree, length_us: int) -> list[TreeSpan]:
    """The spans whose own time is at least a tenth of the trace, in the order of the page."""
    own = own_times(tree)
    least = max(length_us / SLOW_SHARE, 1)
    slow = {span_id for span_id, own_us in own.items() if own_us >= least}
    if len(tree.spans) == 1 or not slow:
        return []
    return [span for span in tree.in_order() if span.span_id in slow]

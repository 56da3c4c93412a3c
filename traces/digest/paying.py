"""For whom and by which route a call was paid: said on one span, it holds for those below. Pure.

A user's segment stands as a rule on the root alone, a route on the span of a gateway. A span keeps
what it says itself; else that of the nearest span above it counts, then that of a span that tells
the same call and yields to it, and of segments last what the trace says first. The result depends
on the set of spans alone, never on their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from traces.digest.counting import Verdict
from traces.ingest.record import TRACE_FACTS, SpanRecord
from traces.ingest.rows import AT, LONGEST, SpanKey, Written
from traces.ingest.totals import TraceKey

_SEGMENT, _ROUTE = AT["user_segment"], AT["route"]
_START, _PARENT = AT["start_time"], AT["parent_span_id"]


class Said(NamedTuple):
    """What one span says; None or '' is nothing."""

    span_id: str
    parent_span_id: str | None
    start_us: int
    value: str | None


def handed_down(
    said: Iterable[Said], yielding: Mapping[str, str], *, to_all: bool
) -> dict[str, str | None]:
    """What holds for each span, by its id.

    `yielding` names for a span the one that counts instead of it. With `to_all` what the trace
    says first (of itself, on a root, then earliest) holds where nothing above says anything.
    """
    spans = {one.span_id: one for one in said}
    found: dict[str, str | None] = {}
    for span_id in spans:
        path: dict[str, None] = {}
        at = span_id
        known: str | None = None
        # A parent that has not come, or a circle, ends the way up.
        while at in spans and at not in path:
            if at in found:
                known = found[at]
                break
            path[at] = None
            if spans[at].value:
                known = spans[at].value
                break
            at = spans[at].parent_span_id or ""
        for one in path:
            found[one] = known
    for span_id in sorted(yielding):
        instead = yielding[span_id]
        if instead in found and not found[instead]:
            found[instead] = found.get(span_id)
    if to_all and any(not value for value in found.values()):
        saying = [one for one in spans.values() if one.value]
        first = min(saying, key=_rank, default=None)
        if first is not None:
            return {span_id: value or first.value for span_id, value in found.items()}
    return found


def _rank(one: Said) -> tuple[bool, bool, int, str]:
    return one.span_id != TRACE_FACTS, bool(one.parent_span_id), one.start_us, one.span_id


def hand_down(
    spans: Mapping[SpanKey, Written],
    records: Mapping[SpanKey, SpanRecord],
    verdicts: Mapping[SpanKey, Verdict],
) -> set[SpanKey]:
    """Set segment and route of the rows of whole traces; the keys of those that changed."""
    changed: set[SpanKey] = set()
    for trace, keys in _by_trace(spans, records).items():
        yielding = {
            key[2]: verdict.instead
            for key in keys
            if (verdict := verdicts.get(key)) is not None and verdict.instead
        }
        for place, name, to_all in ((_SEGMENT, "user_segment", True), (_ROUTE, "route", False)):
            said = [
                Said(
                    key[2],
                    spans[key].row[_PARENT],
                    spans[key].row[_START],
                    (getattr(records[key], name) or "")[: LONGEST[name]],
                )
                for key in keys
            ]
            for span_id, value in handed_down(said, yielding, to_all=to_all).items():
                key = (*trace, span_id)
                if spans[key].row[place] != (value or None):
                    spans[key].row[place] = value or None
                    changed.add(key)
    return changed


def _by_trace(
    spans: Mapping[SpanKey, Written], records: Mapping[SpanKey, SpanRecord]
) -> dict[TraceKey, list[SpanKey]]:
    """The spans of the traces that say anything of this, or did."""
    saying = {
        key[:2]
        for key, record in records.items()
        if record.user_segment or record.route or spans[key].row[_SEGMENT] or spans[key].row[_ROUTE]
    }
    found: dict[TraceKey, list[SpanKey]] = {trace: [] for trace in saying}
    for key in spans:
        if key[:2] in found:
            found[key[:2]].append(key)
    return found

"""Who stands below whom in a trace: roots, children, groups, spans whose parent is missing.

Pure. Nothing recurses: senders choose the depth. A row of the tree has a key: "s" and a span's id,
"g" and the id of the first span of a group, or ORPHANS.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from traces.ingest.record import Level
from traces.queries.detail import TreeSpan

LEAST_GROUP = 6  # siblings of one name; five are still read one by one
ORPHANS = "o"  # key of the row above spans whose parent never came


class SpanTree:
    """Spans of one trace, by start, with their places in the tree."""

    def __init__(self, spans: list[TreeSpan]) -> None:
        self.spans = spans
        self.by_id = {span.span_id: span for span in spans}
        self.orphans: list[TreeSpan] = []
        self._below: dict[str, list[TreeSpan]] = defaultdict(list)
        self.roots: list[TreeSpan] = []
        for span in spans:
            parent = span.parent_span_id
            if not parent or parent == span.span_id:
                self.roots.append(span)
            elif parent in self.by_id:
                self._below[parent].append(span)
            else:
                self.orphans.append(span)
        self._break_cycles()
        self._orphan_ids = {span.span_id for span in self.orphans}
        self._root_ids = {span.span_id for span in self.roots}

    def _break_cycles(self) -> None:
        """Spans that only reach each other count as orphans, the earliest of them on top."""
        reached: set[str] = set()
        stack = [*self.roots, *self.orphans]
        waiting = iter(self.spans)
        while True:
            while stack:
                span = stack.pop()
                if span.span_id not in reached:
                    reached.add(span.span_id)
                    stack.extend(self._below.get(span.span_id, ()))
            left = next((span for span in waiting if span.span_id not in reached), None)
            if left is None:
                return
            siblings = self._below[left.parent_span_id or ""]
            siblings[:] = [span for span in siblings if span.span_id != left.span_id]
            self.orphans.append(left)
            stack.append(left)

    # --- places ------------------------------------------------------------------------------
    def parent_key(self, span: TreeSpan) -> str | None:
        """Key of the row above a span, groups left out; None for a root."""
        if span.span_id in self._root_ids:
            return None
        return ORPHANS if span.span_id in self._orphan_ids else f"s{span.parent_span_id}"

    def spans_below(self, key: str | None) -> list[TreeSpan]:
        """Spans right below a row, or the roots."""
        if key is None:
            return self.roots
        if key == ORPHANS:
            return self.orphans
        return self._below.get(key[1:], []) if key[0] == "s" else self.group(key)

    def group(self, key: str) -> list[TreeSpan]:
        """The spans of a group."""
        first = self.by_id.get(key[1:])
        if first is None:
            return []
        siblings = self.spans_below(self.parent_key(first))
        return [s for s in siblings if (s.name, s.kind) == (first.name, first.kind)]

    def level(self, key: str) -> int:
        """The level of a row; 0 where there is no such row."""
        span = self.by_id.get(key[1:])
        if key == ORPHANS:
            return 1 if self.orphans else 0
        if span is None:
            return 0
        depth = 1
        above = self.parent_key(span)
        grouped = self.is_grouped(span)
        while above is not None:
            depth += 1
            if above == ORPHANS:
                break
            span = self.by_id[above[1:]]
            depth += self.is_grouped(span)
            above = self.parent_key(span)
        return depth + (grouped if key[0] == "s" else 0)

    def path(self, span_id: str) -> set[str]:
        """Keys of the rows that must be open for a span to be seen."""
        keys: set[str] = set()
        span = self.by_id.get(span_id)
        while span is not None:
            if self.is_grouped(span):
                keys.add(f"g{self.group_of(span)[0].span_id}")
            above = self.parent_key(span)
            if above is None:
                break
            keys.add(above)
            span = self.by_id.get(above[1:]) if above != ORPHANS else None
        return keys

    def has_children(self, span: TreeSpan) -> bool:
        """Whether anything stands below."""
        return bool(self._below.get(span.span_id))

    def group_of(self, span: TreeSpan) -> list[TreeSpan]:
        """The siblings of the same name and kind, itself among them."""
        siblings = self.spans_below(self.parent_key(span))
        return [s for s in siblings if (s.name, s.kind) == (span.name, span.kind)]

    def is_grouped(self, span: TreeSpan) -> bool:
        """Whether its siblings of the same name are so many that they share a row."""
        siblings = self.spans_below(self.parent_key(span))
        return len(siblings) >= LEAST_GROUP and len(self.group_of(span)) >= LEAST_GROUP

    # --- search ------------------------------------------------------------------------------
    def in_order(self) -> Iterator[TreeSpan]:
        """All spans, depth first, as the whole tree would show them."""
        stack = [*reversed(self.orphans), *reversed(self.roots)]
        while stack:
            span = stack.pop()
            yield span
            stack.extend(reversed(self._below.get(span.span_id, ())))

    def next_error(self, after: str | None) -> TreeSpan | None:
        """The first failed span after another in the order of the page, from the top again."""
        ordered = list(self.in_order())
        start = next((i + 1 for i, span in enumerate(ordered) if span.span_id == after), 0)
        turned = [*ordered[start:], *ordered[:start]]
        return next((span for span in turned if span.level == Level.ERROR), None)

    def first_error(self) -> TreeSpan | None:
        """Where the trouble began: the first failed span none of whose children failed."""
        for span in self.in_order():
            if span.level == Level.ERROR and not any(
                child.level == Level.ERROR for child in self._below.get(span.span_id, ())
            ):
                return span
        return None

    def find(self, text: str, saying: Collection[str] = ()) -> list[TreeSpan]:
        """Spans whose name, model, error or message holds `text` in any case, or whose id is it.

        `saying` are ids of spans that hold it in what is not known here.
        """
        wanted = text.casefold()
        return [
            span
            for span in self.in_order()
            if any(
                wanted in value.casefold()
                for value in (span.name, span.model, span.error_type, span.status_message)
                if value
            )
            or span.span_id == text
            or span.span_id in saying
        ]

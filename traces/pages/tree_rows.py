"""Which rows of a span tree a page shows. Pure.

All of a small trace, the upper levels of a large one: as many as fit. What is folded
away loads when its row is opened.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from traces.pages.tree import LEAST_GROUP, ORPHANS, SpanTree
from traces.queries.detail import TreeSpan

MOST_ROWS = 200
LEAST_ROWS = 20  # of the siblings on the way to a span that must be seen


@dataclass(slots=True)
class Item:
    """A row to be: one span, a group of siblings with the same name, or the orphans' row.

    `key` is "s" and the span's id, "g" and the id of the group's first span, or ORPHANS.
    """

    key: str
    level: int
    spans: list[TreeSpan]
    is_open: bool | None = None  # None: nothing below
    is_loaded: bool = True  # False: opening it fetches the rows below

    @property
    def span(self) -> TreeSpan:
        """The span, or the first of the group."""
        return self.spans[0]

    @property
    def is_group(self) -> bool:
        """Several spans in one row."""
        return self.key[0] == "g"


@dataclass(slots=True)
class More:
    """Stands for the siblings that did not fit: fetched from `at` below the row `key`."""

    key: str
    level: int
    at: int
    left: int


def items(tree: SpanTree, key: str | None, level: int) -> list[Item]:
    """The rows right below a row (None: the uppermost), siblings of one name as one."""
    spans = tree.spans_below(key)
    if key is not None and key[0] == "g":
        return [_item(tree, span, level) for span in spans]
    names: dict[tuple[str, int], list[TreeSpan]] = defaultdict(list)
    if len(spans) >= LEAST_GROUP:
        for span in spans:
            names[(span.name, span.kind)].append(span)
    found = []
    for span in spans:
        same = names.get((span.name, span.kind), [])
        if len(same) < LEAST_GROUP:
            found.append(_item(tree, span, level))
        elif same[0] is span:
            found.append(Item(f"g{span.span_id}", level, same, is_open=False))
    if key is None and tree.orphans:
        found.append(Item(ORPHANS, level, tree.orphans, is_open=False))
    return found


def visible(
    tree: SpanTree, *, below: str | None = None, at: int = 0, seeing: str | None = None
) -> list[Item | More]:
    """The rows of the page in order; `below` and `at` give what opening a row fetches.

    `seeing` is a span that must be among the rows, unless it stands deeper than a page is long.
    """
    way = tree.path(seeing) if seeing else set()
    way = way | {f"s{seeing}"} if len(way) < MOST_ROWS else set()
    level = tree.level(below) + 1 if below is not None else 1
    top = _slice(items(tree, below, level), below, at, way, MOST_ROWS)
    opened = _opened(tree, top, way)
    rows: list[Item | More] = []
    stack = [iter(top)]
    while stack:
        row = next(stack[-1], None)
        if row is None:
            stack.pop()
            continue
        rows.append(row)
        if isinstance(row, Item) and row.key in opened:
            stack.append(iter(opened[row.key]))
    return rows


def _opened(tree: SpanTree, top: list[Item | More], way: set[str]) -> dict[str, list[Item | More]]:
    """What stands below the rows that are open: level by level, as long as it fits."""
    opened: dict[str, list[Item | More]] = {}
    count, front, fits = len(top), top, True
    while front:
        coming: list[Item | More] = []
        for row in front:
            if not isinstance(row, Item) or row.is_open is None:
                continue
            is_on_way = row.key in way
            if not is_on_way and (row.is_group or not fits):
                row.is_loaded = False
                continue
            room = max(MOST_ROWS - count - len(coming), 0)
            below = items(tree, row.key, row.level + 1)
            if not is_on_way and len(below) > room:
                row.is_loaded = fits = False
                continue
            row.is_open = True
            opened[row.key] = _slice(below, row.key, 0, way, max(room, LEAST_ROWS))
            coming += opened[row.key]
        count += len(coming)
        front = coming
    return opened


def _slice(
    found: list[Item], key: str | None, at: int, way: set[str], room: int
) -> list[Item | More]:
    """Some of the siblings, those on the way, and a row for those that are left out."""
    end = at + room
    shown: list[Item | More] = list(found[at:end])
    shown += [item for item in found[end:] if item.key in way]
    if len(found) > end:
        shown.append(More(key or "", found[0].level, end, len(found) - end))
    return shown


def _item(tree: SpanTree, span: TreeSpan, level: int) -> Item:
    is_open = False if tree.has_children(span) else None
    return Item(f"s{span.span_id}", level, [span], is_open=is_open)

"""A compared card as a page shows it: long stretches folded, long lines cut, hidden signs seen.

A page holds a bounded number of nodes, whatever the size of the versions. What is folded away is a
`Fold` with the rows it stands for; a page opens it by an address, htmx by the rows alone (`piece`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from kit.requests import whole_number
from prompts.diff.model import Card, Row, Run, Runs, UnifiedRow, unified

Layout = Literal["split", "unified"]
Side = Literal["old", "new"]
Threads = Mapping[tuple[Side, int], Sequence[Any]]

CONTEXT = 3  # equal lines shown on either side of a change
LEAST_FOLDED = 4  # equal lines; fewer are not worth a click
PIECE = 200  # rows that one click opens at most
MOST_NODES = 4_000  # of all cards of a page; 6,000 are allowed, its frame and threads take some
LONGEST_LINE = 1_200  # characters; of a longer one only what is around its changes is shown
LONGEST_SHOWN = 6_000
AROUND = 160

# Controls and formats that show nothing, bidirectional overrides and tags among them; not the
# joiners and selectors of emoji, nor the marks that right-to-left scripts need.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u180e\u200b\u2028-\u202e\u2060-\u206f\ufeff"
    "\U000e0000-\U000e007f]"
)
_HIDDEN_OR_ODD_SPACE = re.compile(_HIDDEN.pattern[:-1] + "\u00a0\u2000-\u200a\u202f\u3000]")


@dataclass(frozen=True, slots=True)
class NumberCell:
    """The number of a line; None where the side has none."""

    side: Side
    no: int | None


@dataclass(frozen=True, slots=True)
class TextCell:
    """The text of a line. `change` is del, add, void for no line, or nothing."""

    change: Literal["", "del", "add", "void"]
    runs: Runs
    side: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A row, and the threads that stand below it."""

    row: Row | UnifiedRow
    threads: tuple[Any, ...] = ()
    is_fold: ClassVar[bool] = False

    @property
    def cells(self) -> tuple[NumberCell | TextCell, ...]:
        """The cells from left to right: split number, text, number, text; unified one text."""
        row = self.row
        old, new = NumberCell("old", row.left_no), NumberCell("new", row.right_no)
        is_equal = row.kind == "equal"
        if isinstance(row, UnifiedRow):
            change: Literal["", "del", "add"] = "del" if row.kind == "removed" else "add"
            return old, new, TextCell("" if is_equal else change, row.runs)
        left = TextCell("" if is_equal else "del" if row.left_no else "void", row.left)
        right = TextCell("" if is_equal else "add" if row.right_no else "void", row.right)
        return old, left, new, right


@dataclass(frozen=True, slots=True)
class Fold:
    """Rows `first` to `last`, the end not among them, that are not shown; `changed` differ."""

    first: int
    last: int
    changed: int
    is_fold: ClassVar[bool] = True

    @property
    def words(self) -> str:
        """What a click does: `Show 120 unchanged lines`."""
        count = self.last - self.first
        kind = f"lines, {self.changed:,} changed" if self.changed else "unchanged lines"
        kind = kind.replace("lines", "line", 1) if count == 1 else kind
        return f"Show {count:,} {kind}" if count <= PIECE else f"Show more of {count:,} {kind}"


Entry = Shown | Fold


@dataclass(frozen=True)
class ShownCard:
    """A card and what is shown of it."""

    card: Card
    layout: Layout
    entries: tuple[Entry, ...]

    @property
    def columns(self) -> int:
        """How many columns the table has."""
        return 4 if self.layout == "split" else 3


def shown_cards(
    cards: Iterable[Card],
    *,
    layout: Layout = "split",
    threads: Mapping[str, Threads] | None = None,
    opened: Mapping[str, Collection[int]] | None = None,
    most: int = MOST_NODES,
) -> list[ShownCard]:
    """The cards with what is shown of each; the first ones have the first claim on `most` nodes.

    `threads` and `opened` (the first rows of folds that were opened) are by the card's key.
    """
    shown = []
    for card in cards:
        pager = _Pager(card, layout, (threads or {}).get(card.key, {}), most)
        entries = tuple(pager.entries((opened or {}).get(card.key, ())))
        shown.append(ShownCard(card, layout, entries))
        most = pager.left
    return shown


def piece(
    card: Card, first: int, last: int, *, layout: Layout = "split", threads: Threads | None = None
) -> ShownCard:
    """The card with what opening the fold of rows `first` to `last` shows, and nothing else."""
    first, last = max(first, 0), min(last, len(card.rows))
    pager = _Pager(card, layout, threads or {}, MOST_NODES)
    return ShownCard(card, layout, tuple(pager.within(first, last, {first})))


def opened_of(values: Iterable[str]) -> dict[str, set[int]]:
    """What `open=KEY:ROW` in an address says; what is not of that form is left out."""
    opened: dict[str, set[int]] = {}
    for value in values:
        key, _, first = value.rpartition(":")
        row = whole_number(first)
        if key and row is not None:
            opened.setdefault(key, set()).add(row)
    return opened


class _Pager:
    """Lays out one card; `left` is how many nodes may still be spent."""

    def __init__(self, card: Card, layout: Layout, threads: Threads, most: int) -> None:
        self.rows = card.rows
        self.layout = layout
        self.threads = threads
        self.left = most

    def entries(self, opened: Collection[int]) -> Iterator[Entry]:
        return self.within(0, len(self.rows), opened)

    def within(self, first: int, last: int, opened: Collection[int]) -> Iterator[Entry]:
        """The entries of the rows `first` to `last`."""
        at = first
        for start, end in self._stretches(first, last, opened):
            if at < start:
                yield self._fold(at, start)
            stop = self._affordable(start, end, opened)
            yield from self._shown(self.rows[start:stop])
            at = stop
            if stop < end:
                break
        if at < last:
            yield self._fold(at, last)

    def _stretches(
        self, first: int, last: int, opened: Collection[int]
    ) -> Iterator[tuple[int, int]]:
        """The rows that are to be seen, as ranges: near a change, under a thread, or opened."""
        start = end = first
        for a, b in self._seen(first, last, opened):
            if a - end >= LEAST_FOLDED:
                if start < end:
                    yield start, end
                start = a
            end = max(end, b)
        if last - end < LEAST_FOLDED and end > start:
            end = last
        if start < end:
            yield start, end

    def _seen(self, first: int, last: int, opened: Collection[int]) -> Iterator[tuple[int, int]]:
        until = -1
        for index in range(first, last):
            row = self.rows[index]
            if index in opened:
                until = index + PIECE
            if row.kind != "equal" or self._threads(row):
                yield max(first, index - CONTEXT), min(last, index + 1 + CONTEXT)
            elif index < until:
                yield index, index + 1

    def _affordable(self, start: int, end: int, opened: Collection[int]) -> int:
        """Where the nodes run out; a fold that was opened may always be seen."""
        free = -1
        for index in range(start, end):
            if index in opened:
                free = index + PIECE
            if index >= free and self.left <= 0:
                return index
            self.left -= _nodes(self.rows[index])
        return end

    def _shown(self, rows: Sequence[Row]) -> Iterator[Shown]:
        lines: Iterable[Row | UnifiedRow] = rows if self.layout == "split" else unified(rows)
        for row in lines:
            yield Shown(_displayed(row), self._threads(row))

    def _threads(self, row: Row | UnifiedRow) -> tuple[Any, ...]:
        if not self.threads:
            return ()
        return (
            *self.threads.get(("old", row.left_no or 0), ()),
            *self.threads.get(("new", row.right_no or 0), ()),
        )

    def _fold(self, first: int, last: int) -> Fold:
        changed = sum(row.kind != "equal" for row in self.rows[first:last])
        return Fold(first, last, changed)


def _nodes(row: Row) -> int:
    marked = sum(run.is_changed + bool(run.mark) for run in (*row.left, *row.right))
    return (9 if row.kind == "equal" else 13) + marked


def _displayed(row: Row | UnifiedRow) -> Row | UnifiedRow:
    if isinstance(row, UnifiedRow):
        return replace(row, runs=displayed(row.runs))
    left = displayed(row.left)
    right = left if row.right is row.left else displayed(row.right)
    return row if left is row.left and right is row.right else replace(row, left=left, right=right)


def displayed(runs: Runs) -> Runs:
    """`runs` as they are shown: cut when long, with a sign for each character that hides."""
    if sum(len(run.text) for run in runs) > LONGEST_LINE:
        runs = tuple(_cut(runs))
    if all(run.text.isascii() and run.text.isprintable() for run in runs):
        return runs
    return tuple(part for run in runs for part in _with_signs(run))


def _cut(runs: Runs) -> Iterator[Run]:
    shown = 0
    for index, run in enumerate(runs):
        if shown > LONGEST_SHOWN:
            rest = sum(len(run.text) for run in runs[index:])
            yield Run(f" … {rest:,} more characters", mark="cut")
            return
        hidden = len(run.text) - 2 * AROUND
        if hidden > AROUND:
            yield replace(run, text=run.text[:AROUND])
            yield Run(f" … {hidden:,} characters … ", run.is_changed, "cut")
            yield replace(run, text=run.text[-AROUND:])
        else:
            yield run
        shown += min(len(run.text), 3 * AROUND)


def _with_signs(run: Run) -> Iterator[Run]:
    pattern = _HIDDEN_OR_ODD_SPACE if run.is_changed else _HIDDEN
    at = 0
    for match in pattern.finditer(run.text):
        if at < match.start():
            yield replace(run, text=run.text[at : match.start()])
        sign = "␍" if match[0] == "\r" else f"U+{ord(match[0]):04X}"
        yield Run(sign, run.is_changed, "sign")
        at = match.end()
    if at < len(run.text):
        yield replace(run, text=run.text[at:])

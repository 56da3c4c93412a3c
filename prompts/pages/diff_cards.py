"""The cards of a comparison as a page shows them: threads at their lines, long stretches folded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from prompts.diff import Anchor, Card, Diff, Row
from prompts.models import Thread

CONTEXT = 3  # unchanged lines that stay beside a change
LEAST_FOLDED = 4  # fewer are shown rather than hidden behind a line of their own
Places = Mapping[int, Anchor | None]  # of each thread: where its line stands now


@dataclass(frozen=True)
class Line:
    """One line of the split view, and the discussions below it."""

    row: Row
    threads: tuple[Thread, ...] = ()


@dataclass(frozen=True)
class Stretch:
    """Neighbouring lines; a folded one holds only lines that are equal and undiscussed."""

    lines: tuple[Line, ...]
    is_folded: bool = False


@dataclass(frozen=True)
class ShownCard:
    """A card with its stretches, and the discussions whose line is not there any more."""

    card: Card
    stretches: tuple[Stretch, ...]
    outdated: tuple[Thread, ...] = ()
    is_viewed: bool = False

    @property
    def is_message(self) -> bool:
        """True for what is spoken: its lines are text and not JSON."""
        return self.card.key.split("/")[0] in {"prompt", "message"}


def shown_cards(
    diff: Diff, threads: Iterable[Thread] = (), places: Places | None = None,
    viewed: frozenset[str] = frozenset(),
) -> list[ShownCard]:  # fmt: skip
    """Cards that differ or are discussed, in the order of the diff.

    A thread stands below its line where `places` finds it, else at the end of its part's card.
    """
    by_place: dict[tuple[str, str, int], list[Thread]] = defaultdict(list)
    outdated: dict[str, list[Thread]] = defaultdict(list)
    for thread in threads:
        place = (places or {}).get(thread.pk)
        if place is not None:
            by_place[thread.side, place.key, place.line_no].append(thread)
        elif thread.part:
            outdated[thread.part].append(thread)
    found = []
    for card in diff.cards:
        lines = [Line(row, tuple(_threads(card, row, by_place))) for row in card.rows]
        lost = [
            thread for key in {card.left_key, card.right_key} - {None}
            for thread in outdated.pop(key or "", [])
        ]  # fmt: skip
        if card.is_changed or lost or any(line.threads for line in lines):
            viewed_now = card.key in viewed
            found.append(ShownCard(card, tuple(_stretches(lines)), tuple(lost), viewed_now))
    return found


def without_card(diff: Diff, threads: Iterable[Thread], places: Places) -> list[Thread]:
    """Outdated threads whose part is in neither version any more."""
    keys = {key for card in diff.cards for key in (card.left_key, card.right_key)}
    return [t for t in threads if t.part and places.get(t.pk) is None and t.part not in keys]


def _threads(
    card: Card, row: Row, by_place: dict[tuple[str, str, int], list[Thread]]
) -> Iterable[Thread]:
    if row.left_no is not None and card.left_key is not None:
        yield from by_place.get((Thread.Side.OLD, card.left_key, row.left_no), ())
    if row.right_no is not None and card.right_key is not None:
        yield from by_place.get((Thread.Side.NEW, card.right_key, row.right_no), ())


def _stretches(lines: list[Line]) -> Iterable[Stretch]:
    """Lines near a change or a thread are shown; the stretches between them are folded."""
    near = [False] * len(lines)
    for index, line in enumerate(lines):
        if line.row.kind != "equal" or line.threads:
            for at in range(max(0, index - CONTEXT), min(len(lines), index + CONTEXT + 1)):
                near[at] = True
    at = 0
    pieces: list[Stretch] = []
    for is_near, group in groupby(near):
        length = len(list(group))
        piece = tuple(lines[at : at + length])
        at += length
        if is_near or length < LEAST_FOLDED:
            if pieces and not pieces[-1].is_folded:
                piece = pieces.pop().lines + piece
            pieces.append(Stretch(piece))
        else:
            pieces.append(Stretch(piece, is_folded=True))
    return pieces

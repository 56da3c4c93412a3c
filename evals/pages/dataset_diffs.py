"""Two versions of a dataset as a page shows them: a card for each field that differs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from evals.models import ItemRevision
from evals.queries.dataset_diffs import ItemDiff
from evals.values.item_texts import as_text, in_a_line
from prompts.diff.alignment import Effort
from prompts.diff.lines import rows_of
from prompts.diff.model import Card
from prompts.diff.showing import ShownCard, shown_cards

WORDS = {
    "title": "Title",
    "input": "Input",
    "expected": "Expected output",
    "characteristics": "A good answer",
    "metadata": "Metadata",
    "slice": "Slice",
    "split": "Split",
    "is_draft": "Draft",
    "is_archived": "Archived",
    "cluster": "Cluster",
}
_STEPS = 20_000  # of comparing one field; what needs more is compared line by line


@dataclass(frozen=True)
class ShownItem:
    """An item that differs, with its cards; none where it is held out."""

    diff: ItemDiff
    change: str
    title: str
    cards: list[ShownCard]
    is_closed: bool


def shown_items(
    items: Iterable[ItemDiff], *, may_open: bool, opened: Mapping[str, Collection[int]]
) -> list[ShownItem]:
    """Each item that differs. Of what is held out no more is told than that.

    `opened` are the folds that were opened, as `prompts.diff.showing.opened_of` reads them.
    """
    return [_shown(place, one, may_open, opened) for place, one in enumerate(items)]


def _shown(
    place: int, one: ItemDiff, may_open: bool, opened: Mapping[str, Collection[int]]
) -> ShownItem:
    change = "added" if one.before is None else "removed" if one.after is None else "changed"
    is_closed = one.is_closed and not may_open
    side = one.after or one.before
    title = "" if is_closed or side is None else side.title or in_a_line(side.input, 120)
    cards = [] if is_closed else shown_cards(_cards(place, one), opened=opened, most=2_000)
    return ShownItem(one, change, title, cards, is_closed)


def _cards(place: int, one: ItemDiff) -> list[Card]:
    cards = []
    for name, words in WORDS.items():
        before, after = _text(one.before, name), _text(one.after, name)
        if before == after or (before or "") == (after or ""):
            continue
        if (one.before is None or one.after is None) and name in {
            "split",
            "is_draft",
            "is_archived",
        }:
            continue
        cards.append(
            Card(
                key=f"i{place}/{name}",
                title=words,
                left_key=None,
                right_key=None,
                rows=rows_of(before, after, Effort(_STEPS)),
            )
        )
    return cards


def _text(revision: ItemRevision | None, name: str) -> str | None:
    """The field as text; None where there is no item, or nothing in it."""
    if revision is None:
        return None
    value = getattr(revision, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "characteristics":
        return "\n".join(value) or None
    return as_text(value) or None

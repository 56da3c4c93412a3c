"""Where the discussions of a review stand in what it compares now, and which are outdated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from prompts.diff import Anchor, Card, Diff
from prompts.diff.showing import Side, Threads
from prompts.models import Thread


@dataclass(frozen=True)
class Writing:
    """The form of a comment that is being written below a line; stands among the threads there."""

    part: str
    line: int
    side: Side
    text: str = ""
    is_writing: bool = True


@dataclass(frozen=True)
class Discussed:
    """Threads by card and line; `outdated` by the card's key, '' where the part is gone."""

    by_card: Mapping[str, Threads]
    outdated: Mapping[str, list[Thread]]

    def about(self, card: Card) -> bool:
        """True when anybody said anything of the card."""
        return bool(self.by_card.get(card.key) or self.outdated.get(card.key))


def discussed(
    diff: Diff,
    threads: Iterable[Thread],
    places: Mapping[int, Anchor | None],
    writing: Writing | None = None,
) -> Discussed:
    """Each thread below the line where `places` finds it, else among the outdated of its card."""
    old = {card.left_key: card for card in diff.cards if card.left_key is not None}
    new = {card.right_key: card for card in diff.cards if card.right_key is not None}
    by_card: dict[str, dict[tuple[Side, int], list[Any]]] = defaultdict(lambda: defaultdict(list))
    outdated: dict[str, list[Thread]] = defaultdict(list)
    for thread in threads:
        if not thread.part:
            continue
        cards = old if thread.side == Thread.Side.OLD else new
        place = places.get(thread.pk)
        card = cards.get(place.key if place is not None else thread.part)
        if place is None or card is None:
            outdated[card.key if card is not None else ""].append(thread)
        else:
            side: Side = "old" if thread.side == Thread.Side.OLD else "new"
            by_card[card.key][side, place.line_no].append(thread)
    if writing is not None:
        card = (old if writing.side == "old" else new).get(writing.part)
        if card is not None:
            by_card[card.key][writing.side, writing.line].append(writing)
    return Discussed(by_card, outdated)

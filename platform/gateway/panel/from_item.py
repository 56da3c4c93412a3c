"""Input out of an item of a dataset, which an app above knows: it says how, and offers a choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accounts.access import Door
from accounts.models import User
from gateway.panel.from_trace import Taken
from prompts.content import Content


@dataclass(frozen=True, slots=True)
class Items:
    """`take` gives the input of the item of a key, as the versions on the panel want it filled in.

    It refuses in words what this person may not open. `url_name` takes the project's slug and
    answers with a piece of page in which items are chosen: links to `?item=` of the address that
    it is given as `back`.
    """

    take: Callable[[Door, User, str, Sequence[Content]], Taken]
    url_name: str


_known: list[Items] = []


def register_items(items: Items) -> None:
    """Let the panel be filled in from items; called once, from an app's `ready`."""
    _known[:] = [items]


def known_items() -> Items | None:
    """How items are taken; None where no app has any."""
    return _known[0] if _known else None

"""The command palette: apps say what can be jumped to and done; it knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

MOST_ENTRIES = 12
LONGEST_TEXT = 2000  # characters; a pasted answer may be long


@dataclass(frozen=True)
class Entry:
    """One line: where it leads, or the `act` that the page's script carries out.

    `kind` is the word beside it; `words` are found as well; a `found` one is there because of the
    text, whatever its words.
    """

    text: str
    kind: str
    href: str = ""
    act: str = ""
    icon: str = "r"
    words: str = ""
    found: bool = False


# (the person, the opened door to a project or None, what was typed) -> entries
Source = Callable[[Any, Any, str], Iterable[Entry]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Ask `source` for entries from now on; called once, when Django starts. Order is kept."""
    _sources[name] = source


def entries(person: Any, door: Any, text: str) -> list[Entry]:
    """The best entries for what was typed: found ones first, then by where their words begin."""
    wanted = text.lower().split()
    ranked: list[tuple[int, Entry]] = []
    for source in _sources.values():
        for entry in source(person, door, text):
            rank = 0 if entry.found else _rank(entry, wanted)
            if rank is not None:
                ranked.append((rank, entry))
    ranked.sort(key=lambda pair: pair[0])  # stable: within a rank in the order of the sources
    return [entry for _, entry in ranked[:MOST_ENTRIES]]


def _rank(entry: Entry, wanted: list[str]) -> int | None:
    """1 where the text begins so, 2 where a word does, 3 where it stands inside; None for none."""
    if not wanted:
        return 2
    name = entry.text.lower()
    everything = f"{name} {entry.words.lower()} {entry.kind.lower()}"
    if not all(word in everything for word in wanted):
        return None
    if name.startswith(" ".join(wanted)):
        return 1
    begins = everything.split()
    return 2 if all(any(one.startswith(word) for one in begins) for word in wanted) else 3

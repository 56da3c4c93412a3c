"""What a comparison of two versions says, ready to be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Literal
from zlib import crc32

RowKind = Literal["equal", "changed", "added", "removed"]
Mark = Literal["", "variable", "reference", "sign", "cut"]  # the last two only where it is shown

_SAFE = re.compile(r"(gone/)?\w+(/\w+)?", re.ASCII)
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring characters of a line that share a fate.

    `is_changed` marks the words that make the difference in a line that has something in common
    with its partner; a line that is new or gone as a whole has no such words.
    """

    text: str
    is_changed: bool = False
    mark: Mark = ""


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the split view. A side without a line has no number and no runs."""

    kind: RowKind
    left_no: int | None
    right_no: int | None
    left: Runs
    right: Runs

    @property
    def left_text(self) -> str:
        """The old line, whole."""
        return "".join(run.text for run in self.left)

    @property
    def right_text(self) -> str:
        """The new line, whole."""
        return "".join(run.text for run in self.right)


@dataclass(frozen=True, slots=True)
class UnifiedRow:
    """A line of the unified view: equal, removed or added."""

    kind: RowKind
    left_no: int | None
    right_no: int | None
    runs: Runs


@dataclass(frozen=True)
class Card:
    """One part of a version, compared: a message, a tool, the model, the parameters, ….

    `key` names the card in this comparison. `left_key` and `right_key` name the part in either
    version, None where it is not there: comments are anchored to those, with a line number.
    `note` says in words what lines cannot: another role, another place.
    """

    key: str
    title: str
    left_key: str | None
    right_key: str | None
    rows: tuple[Row, ...]
    note: str = ""
    is_coarse: bool = False  # too much differs for all of it to be compared word by word

    @cached_property
    def added(self) -> int:
        """Lines of the new side that are not in the old one."""
        return sum(row.right_no is not None for row in self.rows if row.kind != "equal")

    @cached_property
    def removed(self) -> int:
        """Lines of the old side that are not in the new one."""
        return sum(row.left_no is not None for row in self.rows if row.kind != "equal")

    @property
    def is_changed(self) -> bool:
        """True when anything differs, the role or the place included."""
        return bool(self.note) or any(row.kind != "equal" for row in self.rows)

    def unified(self) -> Iterator[UnifiedRow]:
        """The rows of the unified view: of neighbouring changes first what went, then what came."""
        return unified(self.rows)

    @property
    def slug(self) -> str:
        """The key in letters that an element's id and an address may hold as they are."""
        if _SAFE.fullmatch(self.key):
            return self.key.replace("/", "-")
        return f"{_UNSAFE.sub('_', self.key)}-{crc32(self.key.encode()):x}"


@dataclass(frozen=True)
class Names:
    """Names that came, went and stayed, each in order of first use."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True)
class TokenChange:
    """Estimated tokens of both versions (see `prompts.tokens`). None where there is no version."""

    old: int | None
    new: int | None

    @property
    def delta(self) -> int | None:
        """How many more the new version has; None unless there are two versions."""
        return None if self.old is None or self.new is None else self.new - self.old


@dataclass(frozen=True)
class Diff:
    """Two versions compared, part by part, in the order in which the parts go to the model."""

    cards: tuple[Card, ...]
    variables: Names
    references: Names
    tokens: TokenChange

    @property
    def added(self) -> int:
        """Lines added in all cards."""
        return sum(card.added for card in self.cards)

    @property
    def removed(self) -> int:
        """Lines removed in all cards."""
        return sum(card.removed for card in self.cards)

    @property
    def changed(self) -> list[Card]:
        """The cards that differ."""
        return [card for card in self.cards if card.is_changed]

    @property
    def is_changed(self) -> bool:
        """True when any card differs."""
        return bool(self.changed)


def unified(rows: Iterable[Row]) -> Iterator[UnifiedRow]:
    """Rows of the split view as those of the unified view."""
    for is_equal, group in groupby(rows, key=lambda row: row.kind == "equal"):
        together = list(group)
        yield from _equal(together) if is_equal else _changed(together)


def _equal(rows: list[Row]) -> Iterator[UnifiedRow]:
    return (UnifiedRow("equal", row.left_no, row.right_no, row.right) for row in rows)


def _changed(rows: list[Row]) -> Iterator[UnifiedRow]:
    for row in rows:
        if row.left_no is not None:
            yield UnifiedRow("removed", row.left_no, None, row.left)
    for row in rows:
        if row.right_no is not None:
            yield UnifiedRow("added", None, row.right_no, row.right)

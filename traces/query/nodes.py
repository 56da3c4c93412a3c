"""What a query means: a small tree of frozen values. Places in the text do not make them differ."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import TypeAlias

Number: TypeAlias = int | float


@dataclass(frozen=True, slots=True)
class At:
    """Characters `start` to `end` of the text."""

    start: int
    end: int


NOWHERE = At(0, 0)


@dataclass(frozen=True, slots=True)
class TextTest:
    """Equal to `text`; with `glob`, a `*` in it stands for any characters."""

    text: str
    glob: bool = False


@dataclass(frozen=True, slots=True)
class NumberTest:
    """Between two bounds in the field's smallest unit (µs, nano-dollars); None is open."""

    low: Number | None = None
    high: Number | None = None
    includes_low: bool = True
    includes_high: bool = True

    def holds(self, value: Number) -> bool:
        """Whether a known value lies between the bounds."""
        low, high = self.low, self.high
        if low is not None and (value < low or (value == low and not self.includes_low)):
            return False
        return high is None or value < high or (value == high and self.includes_high)


Test: TypeAlias = TextTest | NumberTest


@dataclass(frozen=True, slots=True)
class Term:
    """`field op value`. One of `tests` holds; with `!=`, none does. `texts`: values as written."""

    field: str
    key: str  # of score.<key> and attr.<key>, and the field that has:<key> names; else ''
    op: str
    tests: tuple[Test, ...]
    texts: tuple[str, ...]
    at: At = dataclass_field(default=NOWHERE, compare=False)

    @property
    def is_negative(self) -> bool:
        """Written with `!=`."""
        return self.op == "!="


@dataclass(frozen=True, slots=True)
class Text:
    """Words of the input or output. `opens` and `closes`: the first and last word are whole."""

    text: str
    opens: bool = True
    closes: bool = True
    at: At = dataclass_field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OneSpan:
    """One span meets all of it."""

    item: Node
    at: At = dataclass_field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """True wherever the item is not, the unknown included."""

    item: Node
    at: At = dataclass_field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """Every item holds."""

    items: tuple[Node, ...]
    at: At = dataclass_field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    """An item holds."""

    items: tuple[Node, ...]
    at: At = dataclass_field(default=NOWHERE, compare=False)


Node: TypeAlias = "Term | Text | OneSpan | Not | And | Or"


@dataclass(frozen=True, slots=True)
class Query:
    """A text and what it means; no root: everything."""

    text: str = dataclass_field(default="", compare=False)
    root: Node | None = None

    def __bool__(self) -> bool:
        return self.root is not None


EVERYTHING = Query()

"""Labels of a burn-down: what changed in rows above it, amounts where nothing else stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

CHAR, LINE = 6.3, 12  # of a letter, of a line of text
FLAG, ROW = 20, 26  # height of a flag, from one row of them to the next
_LONGEST = 26
APART = 15  # between two labels at the right


@dataclass(frozen=True)
class Shape:
    """A drawing of `width` by `height`: its plot lies between `left` and `right`, over `bottom`.

    `has_margin`: amounts stand right of the plot. `rows`: of flags, at most.
    """

    name: str
    width: int
    height: int
    left: int
    right: int
    bottom: int
    has_margin: bool
    rows: int

    @property
    def foot(self) -> int:
        """Where the days stand."""
        return self.bottom + 18


WIDE = Shape("wide", 640, 272, 44, 524, 246, has_margin=True, rows=2)
NARROW = Shape("narrow", 340, 280, 40, 330, 254, has_margin=False, rows=3)


@dataclass(frozen=True)
class Change:
    """Something at a time that the spend may have changed by."""

    at: datetime
    text: str
    href: str = ""


@dataclass(frozen=True)
class Flag:
    """A change point: its line, its label, what it opens."""

    x: float
    left: float
    width: float
    row: int
    text: str
    change: Change

    @property
    def middle(self) -> float:
        """Where its text stands."""
        return round(self.left + self.width / 2, 1)

    @property
    def y(self) -> int:
        """Its upper edge."""
        return 6 + self.row * ROW

    @property
    def base(self) -> int:
        """Where its text stands."""
        return self.y + 14

    @property
    def end(self) -> int:
        """Its lower edge: its line begins there."""
        return self.y + FLAG


@dataclass(frozen=True)
class Label:
    """A text at a place; `anchor` says which of its ends stands there."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    tone: str = ""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, upper, right and lower edge."""
        width = len(self.text) * CHAR
        left = self.x - width if self.anchor == "end" else self.x
        return left, self.y - LINE + 2, left + width, self.y + 2


def flags_of(
    changes: Sequence[Change], shape: Shape, x: Callable[[datetime], float]
) -> tuple[list[Flag], list[Change]]:
    """Those that find a place in rows without touching, and those that do not."""
    rows = [float("-inf")] * shape.rows
    found, rest = [], []
    for one in sorted(changes, key=lambda change: change.at):
        text = one.text if len(one.text) <= _LONGEST else f"{one.text[: _LONGEST - 1]}…"
        width = round(len(text) * CHAR + 14, 1)
        place = x(one.at)
        left = max(min(place - width / 2, shape.width - 4 - width), 4.0)
        row = next((number for number, edge in enumerate(rows) if left > edge + 4), None)
        if row is None:
            rest.append(one)
            continue
        rows[row] = left + width
        found.append(Flag(place, round(left, 1), width, row, text, one))
    return found, rest


def placed(
    choices: Sequence[Label], taken: Sequence[Label], shape: Shape, top: float,
    line: float | None = None,
) -> Label:  # fmt: skip
    """The first of the choices that is all in sight and covers none of the others.

    One that does not cover the `line` across at that height is better.
    """

    def is_clear(one: Label) -> bool:
        return line is None or not one.box[1] < line < one.box[3]

    def is_free(one: Label) -> bool:
        left, upper, right, lower = one.box
        if left < shape.left or right > shape.width or upper < top - LINE or lower > shape.bottom:
            return False
        return not any(
            left < other[2] and other[0] < right and upper < other[3] and other[1] < lower
            for other in (each.box for each in taken)
        )

    free = [one for one in choices if is_free(one)]
    return next((one for one in free if is_clear(one)), (free or list(choices))[0])


def beside(x: float, y: float, text: str, tone: str = "") -> list[Label]:
    """Places for the label of a point: above and below it, left and right of it, near it first."""
    return [
        Label(round(place, 1), round(y + off, 1), text, anchor, tone)
        for off in (-9, 18, -24, 33, -40, 48, -56, 64)
        for place, anchor in ((x - 8, "end"), (x + 8, "start"))
    ]


def along(y: float, text: str, shape: Shape) -> list[Label]:
    """Places for the label of a line across: over and under it, at its ends."""
    return [
        Label(place, round(y + off, 1), text, anchor)
        for off in (-5, 14)
        for place, anchor in ((shape.left + 4, "start"), (shape.right, "end"))
    ]

"""Scores as rows and chips show them: a letter and a value, with the whole name beside. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from traces.models import DataType

MOST_IN_A_ROW = 2
MOST_EXPLAINED = 12
_LONGEST_LABEL = 14


class Valued(Protocol):
    """A score of whatever kind of row."""

    @property
    def name(self) -> str: ...
    @property
    def data_type(self) -> str: ...
    @property
    def num(self) -> float | None: ...
    @property
    def label(self) -> str | None: ...


@dataclass(frozen=True)
class Chip:
    """One score: `letter` and `value` for the eye, `name` for everybody."""

    letter: str
    name: str
    value: str


def value_text(score: Valued) -> str:
    """The value in words or digits: `0.62`, `yes`, `polite`."""
    if score.data_type == DataType.BOOLEAN:
        return "yes" if score.num else "no"
    if score.num is None:
        return score.label or ""
    return number_text(score.num)


def number_text(number: float) -> str:
    """`4`, `0.62`, `1,204`, `0.003`: as many digits as a dense row needs."""
    size = abs(number)
    if size >= 1e9 or 0 < size < 0.0005:
        return f"{number:.2g}"
    if number == int(number) or size >= 100:
        return f"{number:,.0f}"
    return f"{number:.2f}" if size >= 0.01 else f"{number:.3f}"


def letters(names: Iterable[str]) -> dict[str, str]:
    """One letter for each name, in the order given; more letters only where two begin alike."""
    given: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        word = name.strip() or "?"
        length = next(
            (n for n in range(1, len(word)) if word[:n].capitalize() not in taken), len(word)
        )
        given[name] = word[:length].capitalize()
        taken.add(given[name])
    return given


def row_chips(
    scores: Sequence[Valued], known: dict[str, str], primary: str | None
) -> tuple[list[Chip], int]:
    """The chips of a row, the feature's primary score first; and how many more there are."""
    ordered = sorted(scores, key=lambda score: (score.name != primary, score.name))
    chips = []
    for score in ordered[:MOST_IN_A_ROW]:
        value = value_text(score)
        if len(value) > _LONGEST_LABEL:
            value = f"{value[: _LONGEST_LABEL - 1]}…"
        chips.append(Chip(known.get(score.name, score.name[:1].upper()), score.name, value))
    return chips, len(ordered) - len(chips)

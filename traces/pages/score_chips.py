"""Scores as rows and chips show them: a letter and a value, with the whole name beside. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from traces.values.score_bars import Bar, Verdict, verdict_on
from traces.values.score_values import Valued, value_text

MOST_IN_A_ROW = 2
MOST_EXPLAINED = 12
_LONGEST_LABEL = 14


@dataclass(frozen=True)
class Chip:
    """One score: `letter` and `value` for the eye, `name` for everybody; `verdict` of its bar."""

    letter: str
    name: str
    value: str
    verdict: Verdict | None = None


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
    scores: Sequence[Valued], known: Mapping[str, str], primary: str | None, bars: Mapping[str, Bar]
) -> tuple[list[Chip], int]:
    """The chips of a row, and how many scores are left out.

    The feature's primary score comes first, then what misses its bar.
    """
    chips = [
        Chip(
            known.get(score.name, score.name[:1].upper()),
            score.name,
            _short(value_text(score)),
            verdict_on(score, bars),
        )
        for score in scores
    ]
    chips.sort(key=lambda chip: (chip.name != primary, not _fails(chip), chip.name))
    return chips[:MOST_IN_A_ROW], max(len(chips) - MOST_IN_A_ROW, 0)


def _fails(chip: Chip) -> bool:
    return chip.verdict is not None and chip.verdict.fails


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST_LABEL else f"{value[: _LONGEST_LABEL - 1]}…"

"""What texts are about, day by day: a drift is one that stands on two successive days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from evals.drift import grams
from evals.drift.neighbours import Compared, compare

REFERENCE, WINDOW, LEAST_WINDOW = 1_000, 500, 200  # texts
ALPHA = 0.01
SUCCESSIVE = 2  # days

Said = Literal["too few texts", "same", "once", "drift", "still"]
_UP_TO: tuple[Said, ...] = ("same", "once", "drift")


@dataclass(frozen=True, slots=True)
class Watch:
    """Of one stream of texts: the last day compared, and how many in a row differed."""

    day: int | None = None
    successive: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """What a day said: `drift` on the day that opens a ticket, `still` on those that follow."""

    said: Said
    compared: Compared | None = None


def look(watch: Watch, day: int, reference: Any, window: Any) -> tuple[Watch, Look]:
    """The watch after one day's window of vectors, and what it said.

    A window has 500 texts, at least 200, the reference up to 1,000. A day without enough texts
    breaks no row: the days before and after it are successive. The same day twice counts once.

    Source: `neighbours.compare` at .01; two days, because one in a hundred differs by chance.

    Raises: BadVectors.
    """
    if min(len(window), len(reference)) < LEAST_WINDOW:
        return watch, Look("too few texts")
    found = compare(reference, window)
    if watch.day == day:
        watch = replace(watch, successive=max(watch.successive - 1, 0))
    successive = watch.successive + 1 if found.p <= ALPHA else 0
    said: Said = "still"
    if successive <= SUCCESSIVE:
        said = _UP_TO[successive]
    return Watch(day, successive), Look(said, found)


def look_at_texts(
    watch: Watch, day: int, reference: Sequence[str], window: Sequence[str]
) -> tuple[Watch, Look]:
    """As `look`, with hashed three-character pieces where no model embeds."""
    rows = grams.vectors([*reference, *window])
    return look(watch, day, rows[: len(reference)], rows[len(reference) :])

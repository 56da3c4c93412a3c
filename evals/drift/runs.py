"""One run of a frozen set: a score an item, in the set's order, on one day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from evals.statistics.arrays import Floats

Scores = Sequence[float | None] | Floats


class BadRun(ValueError):
    """A run that cannot be taken; the text says why."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From where to where scores go, and the least `step` between two of them."""

    low: float = 0.0
    high: float = 1.0
    step: float = 1.0

    def __post_init__(self) -> None:
        """Raises: BadRun."""
        if not (isfinite(self.low) and isfinite(self.high) and self.low < self.high):
            raise BadRun("A scale must be two numbers, the lower one first.")
        if not 0 < self.step <= self.high - self.low:
            raise BadRun("A step must be more than 0 and no more than the scale's length.")

    @property
    def span(self) -> float:
        """How far apart the ends are: what ten points are a tenth of."""
        return self.high - self.low

    @property
    def floor(self) -> float:
        """The least sum of the items' variances that is believed.

        Items that never varied yet may still: half an item of those that pass or not, one step of
        one item of those with more to choose from.
        """
        return 0.5 * self.span**2 if self.step == self.span else self.step**2


def scale_of(low: float, high: float, runs: Iterable[Floats]) -> Scale:
    """The scale with the step that these runs show: passed or not, whole numbers, or a quarter.

    Raises: BadRun.
    """
    span = Scale(low, high, high - low).span
    seen = [run[~np.isnan(run)] for run in runs]
    if all(((one == low) | (one == high)).all() for one in seen):
        return Scale(low, high, span)
    if span >= 1 and all((one == np.rint(one)).all() for one in seen):
        return Scale(low, high, 1.0)
    return Scale(low, high, span / 4)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What one run scored; `day` counts whole days from any day on."""

    day: int
    scores: Floats
    is_rerun: bool = False


def run_of(day: int, scores: Scores, scale: Scale, *, is_rerun: bool = False) -> Run:
    """A run with a missing answer wherever there is None.

    Raises: BadRun for anything that is no list of numbers within the scale.
    """
    return Run(day, array_of(scores, scale), is_rerun)


def array_of(scores: Scores, scale: Scale) -> Floats:
    """The scores as an array that nobody changes, NaN for None.

    Raises: BadRun.
    """
    array = numbers(scores)
    out = (array < scale.low) | (array > scale.high)
    if out.any():
        raise BadRun(f"A score must lie between {scale.low:g} and {scale.high:g}.")
    array.setflags(write=False)
    return array


def numbers(scores: Any) -> Floats:
    """A list of numbers and None as an array of its own, NaN for None.

    Raises: BadRun.
    """
    try:
        array = np.array(scores, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadRun("A run must be a list of numbers.") from error
    if array.ndim != 1 or isinstance(scores, str):
        raise BadRun("A run must be a list of numbers.")
    if np.isinf(array).any():
        raise BadRun("A score must be a finite number.")
    return array

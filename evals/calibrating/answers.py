"""Answers that people labelled and a judge judged, and the classes that their values fall into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from evals.values.scales import Scale
from traces.models import DataType

MOST_CLASSES = 9
GRID = 20  # steps in which a free number is compared
MOST_SEEN = 7  # of different whole numbers that are classes of their own


@dataclass(frozen=True, slots=True)
class Said:
    """One value: `num` is the number that counts, `label` the word of a category."""

    num: float | None = None
    label: str | None = None
    who: str = ""  # the person; '' is the judge

    @property
    def is_defined(self) -> bool:
        """True where something was said."""
        return self.num is not None or self.label is not None


@dataclass(frozen=True, slots=True)
class Answer:
    """One labelled answer. `people` hold one value a person, the newest first.

    `judge` is None where the version has not judged it; `again` are its verdicts when it was asked
    again. `length` is the number of characters of the answer.
    """

    key: str
    people: tuple[Said, ...]
    judge: Said | None = None
    again: tuple[Said, ...] = ()
    length: int | None = None
    slice: str = ""


def agreed(people: Sequence[Said], scale: Scale) -> Said:
    """What people say together: the median of numbers, else the majority; the newest at a tie."""
    if len(people) == 1:
        return people[0]
    numbers = [one.num for one in people if one.num is not None]
    if scale.data_type == DataType.NUMBER and numbers:
        return Said(float(median(numbers)))
    counted = Counter((one.num, one.label) for one in people)
    most = max(counted.values())
    num, label = next((one.num, one.label) for one in people if counted[one.num, one.label] == most)
    return Said(num, label)


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of a scale, the best first, and into which of them a value falls."""

    words: tuple[str, ...]
    scale: Scale
    numbers: tuple[float, ...] = ()  # of classes that are numbers
    is_barred: bool = False  # passes or fails, as numbers without steps do
    grid: float = 0.0  # free numbers are compared in steps of this size; 0: as they are

    def of(self, said: Said) -> int | None:
        """The index of the class; None where the value is none of them."""
        if self.scale.data_type == DataType.CATEGORY:
            return self.words.index(said.label) if said.label in self.words else None
        if said.num is None:
            return None
        if self.is_barred:
            return 0 if self.scale.passes(said.num, None) else 1
        nearest = min(self.numbers, key=lambda number: abs(number - (said.num or 0.0)))
        return self.numbers.index(nearest)


def classes_of(scale: Scale, seen: Sequence[Said] = ()) -> Classes:
    """The classes of a scale; of a free number the values that were `seen`, else thirds of it."""
    if scale.data_type == DataType.CATEGORY:
        words = list(scale.categories)
        if len(scale.values) == len(words):
            ranked = sorted(zip(scale.values, words, strict=True), reverse=not scale.is_most)
            words = [word for _, word in ranked]
        if not words:
            words = [one.label for one in seen if one.label is not None]
        return Classes(tuple(dict.fromkeys(words))[:MOST_CLASSES], scale)
    if scale.data_type == DataType.BOOLEAN:
        best_first = ((0.0, "no"), (1.0, "yes")) if scale.is_most else ((1.0, "yes"), (0.0, "no"))
        return Classes(tuple(word for _, word in best_first), scale,
                       tuple(number for number, _ in best_first))  # fmt: skip
    steps: list[float] = [float(step) for step in scale.steps]
    if not steps:
        found = sorted({one.num for one in seen if one.num is not None})
        is_short = 2 <= len(found) <= MOST_SEEN and all(number == int(number) for number in found)
        steps = found if is_short else []
    if steps:
        ordered = sorted(steps, reverse=not scale.is_most)
        return Classes(tuple(f"{step:g}" for step in ordered), scale, tuple(ordered))
    low, high = _ends(scale, seen)
    grid = (high - low) / GRID
    if scale.bar is not None:
        return Classes(("passes", "fails"), scale, is_barred=True, grid=grid)
    third = (high - low) / 6 or 1.0
    numbers = (high - third, (low + high) / 2, low + third)
    return Classes(("high", "middle", "low"), scale, numbers, grid=grid)


def _ends(scale: Scale, seen: Sequence[Said]) -> tuple[float, float]:
    found = [one.num for one in seen if one.num is not None] or [0.0, 1.0]
    low = scale.minimum if scale.minimum is not None else min(found)
    high = scale.maximum if scale.maximum is not None else max(found)
    return low, high


def position(said: Said, scale: Scale, classes: Classes) -> float | None:
    """Where a value stands, to be compared: a number itself, else its class."""
    if scale.data_type == DataType.NUMBER:
        if said.num is None or not classes.grid:
            return said.num
        return round(said.num / classes.grid) * classes.grid
    place = classes.of(said)
    return None if place is None else float(place)

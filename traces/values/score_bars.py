"""The bar of a score: what passes, in words, and whether a given score does. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from traces.models import BarDirection, DataType
from traces.values.score_values import Valued, number_text

YES, NO = "true", "false"  # the passing value of a boolean, as REST says it


class Barred(Protocol):
    """What a definition says of its bar; the model does."""

    name: str
    data_type: str
    bar: float | None
    bar_direction: str
    passing: list[str]
    is_archived: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a bar says of a score: `words` for people, `is_over` where it lies above its bar."""

    fails: bool
    words: str
    is_over: bool = False

    @property
    def tone(self) -> str:
        """The tone of a chip that stands for the score."""
        return "bad" if self.fails else "ok"

    @property
    def icon(self) -> str:
        """An arrow to the side on which the bar was missed; none where it was not."""
        return ("up1" if self.is_over else "down1") if self.fails else ""


@dataclass(frozen=True, slots=True)
class Bar:
    """What passes: numbers from `number` in a direction, or the values in `passing`."""

    data_type: str
    number: float | None = None
    is_most: bool = False  # passes at most the number, else at least
    passing: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """`at least 0.8`, `yes`, `polite or neutral`."""
        if self.number is not None:
            return f"at {'most' if self.is_most else 'least'} {number_text(self.number)}"
        if self.data_type == DataType.BOOLEAN:
            return "yes" if YES in self.passing else "no"
        return " or ".join(self.passing)

    def judge(self, score: Valued) -> Verdict | None:
        """Whether `score` passes; None where it is of another type and that cannot be told."""
        fails = self._fails(score)
        if fails is None:
            return None
        side = "above" if self.is_most else "below"
        said = f"{side} its bar, {self.words}" if fails else f"its bar is {self.words}"
        return Verdict(fails, said, self.is_most)

    def _fails(self, score: Valued) -> bool | None:
        if score.data_type != self.data_type:
            return None
        if self.number is not None:
            if score.num is None:
                return None
            return score.num > self.number if self.is_most else score.num < self.number
        if self.data_type == DataType.BOOLEAN:
            return (YES if score.num else NO) not in self.passing
        return score.label not in self.passing


def bar_of(definition: Barred) -> Bar | None:
    """The bar of a definition; None without one, or where it is archived."""
    if definition.is_archived:
        return None
    if definition.data_type == DataType.NUMBER:
        if definition.bar is None:
            return None
        is_most = definition.bar_direction == BarDirection.AT_MOST
        return Bar(definition.data_type, definition.bar, is_most)
    if not definition.passing:
        return None
    return Bar(definition.data_type, passing=tuple(definition.passing))


def verdict_on(score: Valued, bars: Mapping[str, Bar]) -> Verdict | None:
    """What the bar of its name says of `score`; None without one."""
    bar = bars.get(score.name)
    return None if bar is None else bar.judge(score)


def bars_of(definitions: Iterable[Barred]) -> dict[str, Bar]:
    """The bars by the names of their scores."""
    return {one.name: bar for one in definitions if (bar := bar_of(one)) is not None}

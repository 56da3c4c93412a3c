"""The scale of a score that people label: what a value is, and whether it passes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from traces.models import BarDirection, DataType

MOST_STEPS = 9  # of a whole-number scale that is shown as choices
Value = bool | float | str


class Scaled(Protocol):
    """What a version of an evaluator says of its scale; the model does."""

    data_type: str
    minimum: float | None
    maximum: float | None
    categories: list[str]
    values: list[float]
    bar: float | None
    bar_direction: str


@dataclass(frozen=True, slots=True)
class Scale:
    """What may be said, and what passes. `values` has one number a category, or is empty."""

    data_type: str = DataType.NUMBER.value
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    bar: float | None = None
    is_most: bool = False  # passes at most the bar, else at least

    @property
    def is_ordered(self) -> bool:
        """True where one value can be further off than another: numbers, ranked categories."""
        if self.data_type == DataType.CATEGORY:
            return len(self.categories) > 2 and len(set(self.values)) == len(self.categories)
        return self.data_type == DataType.NUMBER

    @property
    def steps(self) -> list[int]:
        """The whole numbers of a short scale such as 1 to 5; none where it is not one."""
        low, high = self.minimum, self.maximum
        if self.data_type != DataType.NUMBER or low is None or high is None:
            return []
        if low != int(low) or high != int(high) or not 2 <= high - low + 1 <= MOST_STEPS:
            return []
        # 0 to 1 is a share, not a choice of two.
        return [] if (low, high) == (0, 1) else list(range(int(low), int(high) + 1))

    @property
    def width(self) -> float | None:
        """Between its ends; None where it has none."""
        if self.data_type == DataType.BOOLEAN:
            return 1.0
        if self.data_type == DataType.CATEGORY:
            return (max(self.values) - min(self.values)) or None if self.values else None
        if self.minimum is None or self.maximum is None:
            return None
        return (self.maximum - self.minimum) or None

    def number(self, num: float | None, label: str | None) -> float | None:
        """The number that counts: that of a category is its value."""
        if self.data_type != DataType.CATEGORY:
            return num
        if label in self.categories and len(self.values) == len(self.categories):
            return self.values[self.categories.index(label)]
        return None

    def passes(self, num: float | None, label: str | None) -> bool | None:
        """Whether it passes; None where there is no bar, or nothing to hold against it."""
        number = self.number(num, label)
        if self.bar is None or number is None:
            return None
        return number <= self.bar if self.is_most else number >= self.bar

    def fault(self, value: Value) -> str:
        """Why somebody cannot say `value` on this scale; '' where they can."""
        if self.data_type == DataType.CATEGORY:
            if not isinstance(value, str):
                return "Name a category."
            known = not self.categories or value in self.categories
            return "" if known else f"Choose one of {', '.join(self.categories)}."
        if isinstance(value, str):
            return "Say yes or no." if self.data_type == DataType.BOOLEAN else "Give a number."
        if self.data_type == DataType.BOOLEAN:
            return "" if value in (0, 1) else "Say yes or no."
        low, high = self.minimum, self.maximum
        if not ((low is not None and value < low) or (high is not None and value > high)):
            return ""
        if low is not None and high is not None:
            return f"Give a number from {low:g} to {high:g}."
        return f"Give a number of at {f'least {low:g}' if low is not None else f'most {high:g}'}."

    def words(self, num: float | None, label: str | None) -> str:
        """The value as people read it."""
        if label is not None:
            return label
        if num is None:
            return "undefined"
        if self.data_type == DataType.BOOLEAN:
            return "yes" if num else "no"
        return f"{num:.4g}" if abs(num) >= 10 else f"{num:.2f}"


def scale_of(version: Scaled) -> Scale:
    """The scale of an evaluator's version."""
    return Scale(
        version.data_type,
        version.minimum,
        version.maximum,
        tuple(version.categories),
        tuple(version.values),
        version.bar,
        version.bar_direction == BarDirection.AT_MOST,
    )


def scale_of_field(field: Mapping[str, Any]) -> Scale:
    """The scale of a field of a queue, which is stored as JSON."""
    return Scale(
        str(field.get("data_type") or DataType.NUMBER.value),
        field.get("minimum"),
        field.get("maximum"),
        tuple(field.get("categories") or ()),
    )

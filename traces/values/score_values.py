"""The value of a score in words or digits, as short as a dense row needs. Pure."""

from __future__ import annotations

from typing import Protocol

from traces.models import DataType


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

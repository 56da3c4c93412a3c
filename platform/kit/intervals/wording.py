"""A difference of two arms in words, the same wherever it is said."""

from __future__ import annotations

from kit.intervals.counts import Measure


def difference_in_words(measure: Measure, effect: float, margin: float | None = None) -> str:
    """`1.2 points higher than the old version (allowed: 1 point).`"""
    side = "higher than" if effect > 0 else "lower than"
    words = f"{amount(measure, abs(effect))} {side}" if effect else "As"
    allowed = "" if margin is None else f" (allowed: {amount(measure, margin)})"
    return f"{words} the old version{allowed}."


def amount(measure: Measure, size: float) -> str:
    """`1.2 points` of a rate, `24%` of a ratio, `0.031` of a mean."""
    if measure == "mean":
        return f"{size:.3g}"
    number = f"{size * 100:.2f}".rstrip("0").rstrip(".")
    if measure == "ratio":
        return f"{number}%"
    return "1 point" if number == "1" else f"{number} points"

"""Rows of figures that stand below the verdicts of a comparison."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One figure of a row, and its change against the baseline."""

    value: str
    change: str = ""
    tone: str = "faint"
    note: str = ""


@dataclass(frozen=True)
class Row:
    """A figure of all runs. `name` None: not a score, which could decide."""

    title: str
    bar: str
    cells: list[Cell]
    name: str | None = None

"""Tokens of finished experiments, from whoever keeps experiments: it registers here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accounts.models import Project
from costs.economy.planning import Item


@dataclass(frozen=True)
class Finished:
    """An experiment that may be chosen."""

    number: int
    label: str
    model: str
    provider: str


@dataclass(frozen=True)
class Measured:
    """Its items with the tokens of their calls; `left_out` results say none, or are too many."""

    label: str
    items: Sequence[Item]
    left_out: int


@dataclass(frozen=True)
class Source:
    """Who knows experiments: those that are finished, newest first, and the tokens of one."""

    finished: Callable[[Project], Sequence[Finished]]
    measured: Callable[[Project, int], Measured | None]
    page: str  # name of the address of one, by project and number


_SOURCES: list[Source] = []


def register(source: Source) -> None:
    """Whoever registers last answers."""
    _SOURCES[:] = [source]


def source() -> Source | None:
    """Who knows experiments; None where nobody does."""
    return _SOURCES[0] if _SOURCES else None

"""How the apps that keep costs take part: they register, because prices know no spans.

`traces` registers when Django starts. Functions that are not there yet answer with nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from pricing.project_table import ProjectTable


@dataclass(frozen=True)
class Change:
    """Which calls a change of prices concerns; `until` is exclusive, None is no bound."""

    project_id: int
    provider: str
    pattern: str
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class DayCost:
    """One day of a preview (UTC): spans concerned, their cost now and with the change."""

    day: date
    spans: int
    before_nano: int
    after_nano: int


@dataclass(frozen=True)
class Preview:
    """What a change would do. Not exact: worked out from `looked_at` of `spans`, and scaled.

    `spans` are the calls that the change concerns; a cost that stays unknown counts nothing.
    `is_complete` is False where the time allowed was over before all days were counted.
    """

    spans: int = 0
    looked_at: int = 0
    changed: int = 0
    newly_priced: int = 0
    newly_unpriced: int = 0
    before_nano: int = 0
    after_nano: int = 0
    is_exact: bool = True
    is_complete: bool = True
    days: Sequence[DayCost] = field(default_factory=tuple)


@dataclass(frozen=True)
class SeenModel:
    """A model in use: calls, how many have no cost, what the others cost (None: none has any)."""

    model: str
    requested: str | None
    provider: str | None
    calls: int
    unpriced: int
    cost_nano: int | None
    last_at: datetime
    sources: frozenset[int] = frozenset()  # of CostSource


@dataclass(frozen=True)
class SeenModels:
    """The models of a project's calls since a time; unpriced first, then by calls."""

    since: datetime
    models: Sequence[SeenModel] = ()


@dataclass(frozen=True)
class _Part:
    preview: Callable[[Change, ProjectTable], Preview]
    recost: Callable[[int], None]
    models_seen: Callable[[int], SeenModels]


_parts: list[_Part] = []


def register(
    *,
    preview: Callable[[Change, ProjectTable], Preview],
    recost: Callable[[int], None],
    models_seen: Callable[[int], SeenModels],
) -> None:
    """Take part in changes of prices; called once, when Django starts.

    `recost(job_id)` works on a job until it is done, cancelled, or its share of time is over.
    """
    _parts[:] = [_Part(preview, recost, models_seen)]


def preview(change: Change, table: ProjectTable) -> Preview:
    """What the spans of `change` would cost by `table`."""
    return _parts[0].preview(change, table) if _parts else Preview()


def recost(job_id: int) -> None:
    """Work on a job."""
    if _parts:
        _parts[0].recost(job_id)


def models_seen(project_id: int) -> SeenModels | None:
    """The models in use; None where no app keeps calls."""
    return _parts[0].models_seen(project_id) if _parts else None

"""Spend without a feature: what its spans have in common, and what a rule would name of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.db.utils import OperationalError
from psycopg.errors import QueryCanceled

from costs.queries.days import Days
from features.mapping import Condition, Rule, RuleTable
from traces.queries.unattributed import Group, unattributed_groups

FIELDS = ("trace", "span", "prompt", "model", "environment")
MOST_CANDIDATES = 12


@dataclass(frozen=True)
class Looked:
    """What was looked at: spans and nano-dollars without a feature, and their groups."""

    groups: Sequence[Group]
    spans: int
    cost: int


@dataclass(frozen=True)
class Candidate:
    """A field whose value many of them share; shares are of money, of spans where there is none."""

    field: str
    value: str
    spans: int
    cost: int
    share: float


@dataclass(frozen=True)
class Preview:
    """What a rule would name of what was looked at."""

    spans: int
    cost: int
    share: float
    unseen: Sequence[str]  # attributes: they are not looked at here


def look(project_id: int, days: Days) -> Looked | None:
    """The newest spans of these days without a feature; None where it took too long."""
    low, high = (datetime.combine(day, time.min, UTC) for day in (days.start, days.until))
    try:
        groups = unattributed_groups(project_id, low, high)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise
    return Looked(groups, sum(one.spans for one in groups), sum(one.cost for one in groups))


def candidates_of(looked: Looked) -> list[Candidate]:
    """What a rule could ask for, the most money first; of the same spans, names first."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for group in looked.groups:
        for name in FIELDS:
            if value := getattr(group, name):
                found = sums[name, value]
                found[0] += group.spans
                found[1] += group.cost
    rows = [
        Candidate(name, value, spans, cost, _share(looked, spans, cost))
        for (name, value), (spans, cost) in sums.items()
    ]
    rows.sort(key=lambda one: (-one.share, -one.spans, FIELDS.index(one.field), one.value))
    return rows[:MOST_CANDIDATES]


def preview(looked: Looked, conditions: Sequence[Condition]) -> Preview:
    """What these conditions would name."""
    table = RuleTable((Rule("it", tuple(conditions)),))
    spans = cost = 0
    for group in looked.groups:
        said = tuple(_said(group, field) for field, _ in table.places)
        if table.feature_of(said) is not None:
            spans += group.spans
            cost += group.cost
    unseen = [key or field for field, key in table.places if field not in FIELDS]
    return Preview(spans, cost, _share(looked, spans, cost), unseen)


def _said(group: Group, field: str) -> str | None:
    value = getattr(group, field, None) if field in FIELDS else None
    return None if value is None else str(value)


def _share(looked: Looked, spans: int, cost: int) -> float:
    if looked.cost:
        return cost / looked.cost
    return spans / looked.spans if looked.spans else 0.0

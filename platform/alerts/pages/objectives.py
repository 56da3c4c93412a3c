"""Service objectives as the pages show them: budget left, burn rates, a line of the last days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Project
from alerts.burning import FAST, LONG, PERIOD, SLOW, Verdict, burn_rate, decide
from alerts.pages.words import Chip
from alerts.queries.objectives import Objective, Standing, objectives_of, standings_of
from alerts.services.burning_words import traces_of
from features.pages.words import number
from kit.figures import count, percent

SHOWN = (FAST.long, SLOW.long, LONG.long)  # windows of the table


@dataclass(frozen=True)
class Burn:
    """How fast the budget goes in one window, and where its traces are."""

    text: str
    title: str
    href: str
    tone: str


@dataclass(frozen=True)
class Row:
    """One objective."""

    objective: Objective
    chip: Chip
    left: str
    left_title: str
    left_href: str
    tone: str
    meter: int  # 0 to 100, of what is left
    burns: list[Burn]
    points: list[float | None]  # burn rate by day, of the period


def rows_of(project: Project, now: datetime, feature: str = "") -> list[Row]:
    """Every objective of the project, or of one feature, by feature."""
    objectives = objectives_of(project, feature)
    return [_row(project, one, now) for one in standings_of(project, objectives, now)]


def _row(project: Project, standing: Standing, now: datetime) -> Row:
    objective, budget = standing.objective, standing.budget
    verdict = decide(standing.windows, objective.allowed)
    tone = "bad" if budget.is_spent else "warn" if (budget.used or 0) > 0.75 else ""
    bad, total = budget.counted.bad, budget.counted.total
    return Row(
        objective=objective,
        chip=_chip(standing, verdict),
        left="–" if budget.left is None else percent(budget.left),
        left_title=f"{count(bad)} of {count(total)} in 30 days",
        left_href=traces_of(project, objective, now - PERIOD, now),
        tone=tone,
        meter=round(100 * min(max(budget.left or 0.0, 0.0), 1.0)),
        burns=[_burn(project, standing, length, now) for length in SHOWN],
        points=_points(standing),
    )


def _chip(standing: Standing, verdict: Verdict) -> Chip:
    if verdict.page is not None:
        return Chip("bad", "Burns fast", "bell")
    if standing.budget.is_spent:
        return Chip("bad", "Budget spent", "err")
    if verdict.ticket is not None:
        return Chip("warn", "Burns", "alert")
    if not standing.budget.counted.total:
        return Chip("line", "No traffic", "info")
    return Chip("ok", "Within budget", "check")


def _burn(project: Project, standing: Standing, length: timedelta, now: datetime) -> Burn:
    objective, counted = standing.objective, standing.windows[length]
    rate = standing.burn(length)
    href = traces_of(project, objective, now - length, now)
    title = f"{count(counted.bad)} of {count(counted.total)}"
    text = "–" if rate is None else f"{number(round(rate, 1 if rate < 10 else 0))}×"
    return Burn(text, title, href, "bad" if (rate or 0) >= _at(length) else "")


def _at(length: timedelta) -> float:
    return next(rule.rate for rule in (FAST, SLOW, LONG) if rule.long == length)


def _points(standing: Standing) -> list[float | None]:
    known: Sequence[tuple[datetime, object]] = standing.days
    if len(known) < 2:
        return []
    return [
        round(rate, 2) if (rate := burn_rate(counted, standing.objective.allowed)) else 0.0
        for _, counted in standing.days
    ]

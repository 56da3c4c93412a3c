"""What rules can watch besides traces: each source gives the figures of its own metric.

An app that has figures of another kind registers a source with its metric; the editor offers what
is registered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Protocol

from accounts.models import Project
from alerts.models import AlertRule
from alerts.rules.deciding import Figure, Look, Reading
from alerts.rules.metrics import METRICS, Metric
from evals.models import DriftAlarm, Schedule


class Source(Protocol):
    """Gives figures of subjects, such as schedules."""

    @property
    def noun(self) -> str:
        """What a subject is called."""

    def subjects(self, project: Project) -> list[tuple[str, str]]:
        """Keys and names of what can be watched."""

    def looks(self, rule: AlertRule, ends: Sequence[datetime]) -> list[Look]:
        """What the rule sees at each of these moments."""


WAITS = timedelta(hours=1)  # for the replays of an alarm, which say whose change it was
_SOURCES: dict[str, Source] = {}


def register(metric: Metric, source: Source) -> None:
    """Let rules watch `metric`, whose figures `source` gives."""
    METRICS[metric.key] = metric
    _SOURCES[metric.key] = source


def source_of(rule: AlertRule) -> Source | None:
    """The source of what it watches; None: traces."""
    return _SOURCES.get(rule.metric)


def source_named(metric: str) -> Source | None:
    """The source of a metric."""
    return _SOURCES.get(metric)


class DriftSource:
    """How far the score of a schedule fell, while an alarm of it is open; else 0."""

    noun = "Schedule"

    def subjects(self, project: Project) -> list[tuple[str, str]]:
        """The project's schedules."""
        rows = Schedule.objects.filter(project=project).order_by("name")
        return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]

    def looks(self, rule: AlertRule, ends: Sequence[datetime]) -> list[Look]:
        """An alarm counts from when its cause was told, or an hour after it opened, to its end."""
        alarms: list[tuple[datetime, datetime | None, float]] = []
        if rule.subject.isdecimal():
            rows = DriftAlarm.objects.filter(
                schedule__project=rule.project_id, schedule=int(rule.subject)
            )
            alarms = [
                (min(told or opened + WAITS, opened + WAITS), closed, effect)
                for opened, told, closed, effect in rows.values_list(
                    "opened_at", "told_at", "closed_at", "effect"
                )
            ]
        found = []
        for end in ends:
            fallen = [
                abs(effect)
                for opened, closed, effect in alarms
                if opened <= end and (closed is None or closed > end)
            ]
            worst = Fraction(str(max(fallen, default=0.0)))
            found.append(Look(end, (Reading(Figure(worst, 1)),)))
        return found


DRIFT = Metric(
    "drift", "Drift of a schedule", "Quality", "score", lambda sums: None, needs="source",
    of="schedule",
    help="How far the score of a schedule fell, while an alarm of it is open: the rule says how "
    "loud that is and who hears of it.",
)  # fmt: skip
register(DRIFT, DriftSource())

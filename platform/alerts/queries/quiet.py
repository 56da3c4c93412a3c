"""Maintenance windows and quiet hours as they stand, and what they hold back now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import Project, User
from alerts.models import Incident, MaintenanceWindow, QuietHours, Severity
from alerts.quiet import Hours, Window, held_until, quiet_until, window_end


@dataclass(frozen=True)
class Hold:
    """Nothing is sent until then, and why."""

    until: datetime
    why: str


def list_windows(project: Project, now: datetime) -> QuerySet[MaintenanceWindow]:
    """Weekly ones, and those that are not over, the next first."""
    rows = MaintenanceWindow.objects.filter(project=project)
    return rows.filter(Q(is_weekly=True) | Q(ends_at__gt=now)).order_by("begins_at", "pk")


@dataclass(frozen=True)
class Standing:
    """A window that holds something back now."""

    feature: str
    until: datetime
    reason: str


def maintenance_now(project: Project, now: datetime) -> list[Standing]:
    """The windows in which now lies."""
    return [
        Standing(row.feature, until, row.reason)
        for row in list_windows(project, now)
        if (until := window_end(window_of(row), now)) is not None
    ]


def hours_of(*, project: Project | None = None, person: User | None = None) -> QuietHours | None:
    """The quiet hours of the project, or of the person."""
    rows = QuietHours.objects
    if project is not None:
        return rows.filter(project=project).first()
    return rows.filter(person=person).first()


def hold_of(incident: Incident, now: datetime) -> Hold | None:
    """What holds back the news of this incident now: maintenance, or of a ticket quiet hours."""
    rows = list(list_windows(incident.project, now))
    windows = [window_of(one) for one in rows]
    until = held_until(windows, incident.feature, now)
    if until is not None:
        reasons = dict.fromkeys(
            row.reason
            for row, window in zip(rows, windows, strict=True)
            if window.covers(incident.feature) and window_end(window, now) is not None
        )
        return Hold(until, f"Maintenance ({', '.join(reasons)})")
    if incident.severity == Severity.PAGE:
        return None
    hours = hours_of(project=incident.project)
    over = None if hours is None else quiet_until(clock_of(hours), now)
    return None if over is None else Hold(over, "Quiet hours")


def sleeping(persons: list[User], now: datetime) -> dict[int, datetime]:
    """Of these persons those in quiet hours of their own, by id, and when these are over."""
    found = {}
    for row in QuietHours.objects.filter(person__in=persons):
        until = quiet_until(clock_of(row), now)
        if until is not None and row.person_id is not None:
            found[row.person_id] = until
    return found


def window_of(row: MaintenanceWindow) -> Window:
    """The row as the pure room takes it."""
    return Window(row.begins_at, row.ends_at, row.is_weekly, row.zone, row.feature)


def clock_of(row: QuietHours) -> Hours:
    """The row as the pure room takes it."""
    return Hours(row.begins, row.ends, row.zone)

"""The limits of a project, and what was used of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from traces.models import IntakeAllowance, IntakeCount, IntakeNotice, ProjectLimits

WAIT_MINUTES = 15
LIMITED = "limited"  # kind of the notice of a request that was refused for a limit


@dataclass(frozen=True, slots=True)
class Limits:
    """What a project sets for itself; None: nothing of its own. See `ProjectLimits`."""

    spans_per_second: int | None = None
    burst_spans: int | None = None
    spans_per_day: int | None = None
    keep_percent: Decimal = Decimal(100)
    slow_ms: int | None = None
    keep_features: tuple[str, ...] = ()
    keep_tags: tuple[str, ...] = ()
    wait_minutes: int = WAIT_MINUTES

    def columns(self) -> dict[str, Any]:
        """By column."""
        return {
            each.name: list(value) if isinstance(value, tuple) else value
            for each in fields(self)
            for value in (getattr(self, each.name),)
        }

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {**self.columns(), "keep_percent": str(self.keep_percent)}


def limits_of(project_id: int) -> Limits:
    """What the project sets."""
    row = ProjectLimits.objects.filter(project_id=project_id).first()
    if row is None:
        return Limits()
    return Limits(
        row.spans_per_second,
        row.burst_spans,
        row.spans_per_day,
        row.keep_percent,
        row.slow_ms,
        tuple(row.keep_features),
        tuple(row.keep_tags),
        row.wait_minutes,
    )


@dataclass(frozen=True, slots=True)
class Used:
    """Limits in force, the installation's included, and what was used of them.

    `refused` are requests of the last hour that were answered 503 for a limit. `over_since` is
    when the day's quota was used up, None where it was not.
    """

    per_second: int | None
    per_day: int | None
    day_spans: int
    over_since: datetime | None
    refused: int


def used(project_id: int, limits: Limits) -> Used:
    """How the project stands now; days are those of UTC."""
    now = timezone.now().astimezone(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    row = IntakeAllowance.objects.filter(project_id=project_id, day=now.date()).first()
    if row is None:  # nothing limits it so far
        counted = IntakeCount.objects.filter(project_id=project_id, minute__gte=midnight)
        day_spans = counted.aggregate(spans=Sum("spans"))["spans"] or 0
    else:
        day_spans = row.day_spans
    refused = IntakeNotice.objects.filter(
        project_id=project_id, kind=LIMITED, last_at__gte=now - timedelta(hours=1)
    ).aggregate(times=Sum("times"))["times"]
    return Used(
        _least(limits.spans_per_second, settings.INTAKE_SPANS_PER_SECOND),
        _least(limits.spans_per_day, settings.INTAKE_SPANS_PER_DAY),
        day_spans,
        row.over_since if row else None,
        refused or 0,
    )


def _least(own: int | None, installation: int) -> int | None:
    return min((each for each in (own, installation or None) if each is not None), default=None)

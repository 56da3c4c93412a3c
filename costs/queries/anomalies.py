"""Anomalies of a project, what happened around one, and how its spend ran."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median

from django.db.models import QuerySet

from accounts.models import Project
from costs.models import Anomaly, PlannedEvent
from pricing.models import Price
from prompts.models import LabelMove
from traces.queries.usage import Scope, span_figures

AROUND = timedelta(hours=2)
BEFORE = timedelta(days=28)


def anomalies_of(project: Project) -> QuerySet[Anomaly]:
    """All of them, the newest first."""
    return Anomaly.objects.filter(project=project).order_by("-since", "-pk")


def events_of(project: Project, now: datetime) -> QuerySet[PlannedEvent]:
    """Planned events that are not long over, the next first."""
    edge = now - timedelta(days=30)
    return PlannedEvent.objects.filter(project=project, until__gt=edge).order_by("since", "pk")


def moves_around(anomaly: Anomaly) -> list[LabelMove]:
    """Label moves within two hours of its beginning, the nearest first; of days, that day's."""
    low, high = around(anomaly)
    rows = LabelMove.objects.filter(
        prompt__project_id=anomaly.project_id, at__gte=low, at__lt=high
    ).select_related("prompt", "to_version")
    return sorted(rows[:20], key=lambda move: abs(move.at - anomaly.since))


def prices_around(anomaly: Anomaly) -> list[Price]:
    """Prices of the project that began to hold around its beginning."""
    low, high = around(anomaly)
    rows = Price.objects.filter(project_id=anomaly.project_id, valid_from__gte=low)
    return list(rows.filter(valid_from__lt=high)[:10])


def around(anomaly: Anomaly) -> tuple[datetime, datetime]:
    """Two hours before and after its beginning; of days, from the day before on."""
    if anomaly.grain == "daily":
        return anomaly.since - timedelta(days=1), anomaly.since + timedelta(days=1)
    return anomaly.since - AROUND, anomaly.since + AROUND


def usual_day(project_id: int, at: datetime) -> int:
    """Nano-dollars of the median day of the four weeks before; 0 of nothing."""
    rows = span_figures(Scope(project_id, at - BEFORE, at), ("day",), with_latencies=False)
    return round(median([one.cost_nano + one.evaluator_nano for one in rows])) if rows else 0


def course_of(anomaly: Anomaly) -> list[tuple[datetime, int]]:
    """Nano-dollars of each bucket from a week before it (of days: four weeks) until after it."""
    is_daily = anomaly.grain == "daily"
    lead = timedelta(days=28 if is_daily else 7)
    tail = timedelta(days=7) if is_daily else timedelta(hours=24)
    step = timedelta(days=1) if is_daily else timedelta(hours=1)
    since, until = anomaly.since - lead, min(anomaly.last_at + tail, anomaly.since + 6 * lead)
    equal = {"feature": anomaly.feature} if anomaly.feature else {}
    column = "day" if is_daily else "hour"
    rows = span_figures(
        Scope(anomaly.project_id, since, until, equal=equal), (column,), with_latencies=False
    )
    sums = {
        str(one.key[0])[: 10 if is_daily else 13]: one.cost_nano + one.evaluator_nano
        for one in rows
    }
    buckets = []
    at = since
    while at < until:
        key = at.date().isoformat() if is_daily else at.strftime("%Y-%m-%d %H")
        buckets.append((at, sums.get(key, 0)))
        at += step
    return buckets

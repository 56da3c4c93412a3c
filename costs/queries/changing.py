"""What spend may have changed by: anomalies, labels that moved, prices that began to hold."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Project
from costs.models import Anomaly
from costs.queries.anomalies import AROUND, anomalies_of
from pricing.models import Price
from prompts.models import LabelMove

MOST = 20


def open_anomalies(project: Project) -> list[Anomaly]:
    """Those that go on, what costs the most first."""
    rows = anomalies_of(project).filter(state=Anomaly.State.OPEN)
    return sorted(rows[:MOST], key=lambda one: -abs(one.excess))


def anomalies_between(project: Project, since: datetime, until: datetime) -> list[Anomaly]:
    """Those that began then, what cost the most first; drops and gaps left out."""
    rows = anomalies_of(project).filter(since__gte=since, since__lt=until)
    rows = rows.exclude(kind__in=(Anomaly.Kind.DROP, Anomaly.Kind.NO_DATA))
    return sorted(rows[:MOST], key=lambda one: -one.excess)


def moves_between(project: Project, since: datetime, until: datetime) -> list[LabelMove]:
    """Label moves to a version then, the newest first."""
    rows = LabelMove.objects.filter(
        prompt__project=project, at__gte=since, at__lt=until, to_version__isnull=False
    )
    return list(rows.select_related("prompt", "to_version").order_by("-at")[: 5 * MOST])


def prices_between(project: Project, since: datetime, until: datetime) -> list[Price]:
    """Prices of the project that began to hold then, the newest first."""
    rows = Price.objects.filter(project=project, valid_from__gte=since, valid_from__lt=until)
    return list(rows.order_by("-valid_from")[:MOST])


def move_near(anomaly: Anomaly, moves: list[LabelMove]) -> LabelMove | None:
    """The nearest move within two hours of its beginning; of days, on that day or the last."""
    before = AROUND if anomaly.grain == "hourly" else AROUND * 12
    near = [one for one in moves if -before <= one.at - anomaly.since <= before]
    return min(near, key=lambda one: abs(one.at - anomaly.since), default=None)

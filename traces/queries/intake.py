"""What arrived in the last hour and from whom; what intake refused, cut or moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organization, Project
from traces.digest.queue import backlog
from traces.models import IntakeCount, IntakeNotice
from traces.values.lag import added, quantile

MOST_NOTICES = 100
MINUTES = 60
_MINUTE = timedelta(minutes=1)
STATEMENT_TIMEOUT_MS = 4000


def list_notices(
    project: Project, *, since: datetime | None = None, limit: int = MOST_NOTICES
) -> list[IntakeNotice]:
    """The newest notices of a project; of all time, or since then.

    Requests without a key of this installation belong to nobody. Where there is only one
    organization they can be nobody else's, and are shown: a wrong key is the commonest mistake.
    """
    whose = Q(project_id=project.pk)
    if Organization.objects.count() == 1:
        whose |= Q(project_id=None)
    found = IntakeNotice.objects.filter(whose)
    if since is not None:
        found = found.filter(last_at__gte=since)
    return list(found.order_by("-last_at", "-pk")[:limit])


@dataclass(slots=True)
class Arrived:
    """What came from one SDK in one version, or from all of them, within the last hour."""

    client: str = ""
    version: str = ""
    requests: int = 0
    spans: int = 0
    refused: int = 0  # requests
    rejected: int = 0  # spans
    cut: int = 0  # spans
    clamped: int = 0  # spans
    last_at: datetime | None = None
    dialects: dict[str, int] = field(default_factory=dict)  # dialect -> spans
    by_minute: list[int] = field(default_factory=lambda: [0] * MINUTES)  # spans, the oldest first
    lags: list[int] = field(default_factory=list)

    @property
    def lag_p50_us(self) -> int | None:
        """Half of the spans were stored within this time from their start, in microseconds."""
        return quantile(self.lags, 0.5)

    @property
    def lag_p95_us(self) -> int | None:
        """19 of 20 spans were stored within this time from their start, in microseconds."""
        return quantile(self.lags, 0.95)

    def add(self, row: IntakeCount, place: int) -> None:
        """Take one minute in."""
        for name in ("requests", "spans", "refused", "rejected", "cut", "clamped"):
            setattr(self, name, getattr(self, name) + getattr(row, name))
        self.last_at = row.last_at if self.last_at is None else max(self.last_at, row.last_at)
        self.by_minute[place] += row.spans
        self.lags = added(self.lags, row.lags)
        if row.dialect or row.spans:
            self.dialects[row.dialect] = self.dialects.get(row.dialect, 0) + row.spans


@dataclass(frozen=True, slots=True)
class LastHour:
    """All of it, by sender with the busiest first; and what waits for its settled look.

    `waiting` are rows of the queue of the whole installation, `waiting_seconds` the age of the
    oldest.
    """

    whole: Arrived
    senders: list[Arrived]
    waiting: int
    waiting_seconds: float


@transaction.atomic
def last_hour(project: Project) -> LastHour:
    """What arrived in the last 60 minutes, this one included.

    Raises: OperationalError where it takes longer than somebody would wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('statement_timeout', %s, true)", [str(STATEMENT_TIMEOUT_MS)]
        )
    this_minute = timezone.now().replace(second=0, microsecond=0)
    first = this_minute - (MINUTES - 1) * _MINUTE
    whole = Arrived()
    senders: dict[tuple[str, str], Arrived] = {}
    for row in IntakeCount.objects.filter(project_id=project.pk, minute__gte=first):
        place = min((row.minute - first) // _MINUTE, MINUTES - 1)
        key = (row.client, row.version)
        if key not in senders:
            senders[key] = Arrived(*key)
        senders[key].add(row, place)
        whole.add(row, place)
    waiting, seconds = backlog(connection.connection)
    ordered = sorted(senders.values(), key=lambda one: (-one.spans, -one.requests, one.client))
    for one in ordered:
        one.dialects = dict(sorted(one.dialects.items(), key=lambda item: (-item[1], item[0])))
    return LastHour(whole, ordered, waiting, seconds)

"""What was sampled away: every figure beside stored traces has to say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from traces.models import SampledTrace

_SAMPLED = """
select (select coalesce(sum(traces), 0) from trace_hour
    where project_id = %s and sampled and hour >= %s and hour < %s),
  coalesce(sum(spans), 0), coalesce(sum(calls), 0), coalesce(sum(unpriced), 0),
  coalesce(sum(in_uncached + in_cached + in_cache_write + in_audio), 0),
  coalesce(sum(out_text + out_reasoning + out_audio), 0), coalesce(sum(cost_nano), 0)
from usage_hour where project_id = %s and sampled and hour >= %s and hour < %s
"""
_LATE = """
select count(*) from (
  select trace_id from score where project_id = %s and at >= %s and trace_id <> '' union all
  select trace_id from outcome where project_id = %s and at >= %s and trace_id <> '') f
join sampled_trace g on g.project_id = %s and g.trace_id = f.trace_id
"""


_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)  # spans may be stamped a day ahead


@dataclass(frozen=True, slots=True)
class SampledAway:
    """Traces that began since `since`, a whole hour, and were not kept; and what was in them.

    All of it also stands in the figures by hour, so that sums over both are what arrived.
    """

    since: datetime
    traces: int
    spans: int
    calls: int
    unpriced: int
    tokens_in: int
    tokens_out: int
    cost_nano: int

    @property
    def known_cost_nano(self) -> int | None:
        """The cost; None where calls were made and none of them could be priced."""
        return None if self.calls and self.unpriced == self.calls else self.cost_nano


def sampled_away(
    project_id: int, since: datetime | None, until: datetime | None = None
) -> SampledAway:
    """What was sampled away of traces that began from the hour of `since` on, before `until`.

    Without a `since`, ever. One statement.
    """
    hour = (since or _EVER).replace(minute=0, second=0, microsecond=0)
    scope: list[Any] = [project_id, hour, until or timezone.now() + _AHEAD]
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLED, [*scope, *scope])
        return SampledAway(hour, *(int(value) for value in cursor.fetchone()))


def came_too_late(project_id: int, since: datetime) -> int:
    """Scores and outcomes given since then on traces that were sampled away before.

    They are kept. Traces are remembered for two days.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LATE, [project_id, since, project_id, since, project_id])
        return int(cursor.fetchone()[0])


def was_sampled_away(project_id: int, trace_id: str) -> bool:
    """Whether a trace that is not there was sampled away within the last two days."""
    return SampledTrace.objects.filter(project_id=project_id, trace_id=trace_id).exists()

"""Writes of limits: what a project sets, and what its processes have used of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Project
from accounts.services.trail import Actor, record
from traces.models import IntakeAllowance, ProjectLimits, SamplingCandidate
from traces.queries.limits import Limits, limits_of

BURST_SECONDS = 10
LEAST_BURST = 512  # spans: one batch of an exporter


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a project's limits; `rate` is None where there is none, in spans a second.

    `tokens` are spans that may come at once; `is_over_day` once the quota of the day is used up.
    """

    rate: float | None = None
    burst: float = 0.0
    tokens: float = 0.0
    is_over_day: bool = False


NO_LIMIT = Left()

_IN_FORCE = """
select n.project_id, n.used,
  least(p.spans_per_second, %s), p.burst_spans, least(p.spans_per_day, %s)
from unnest(%s::int8[], %s::float8[]) as n (project_id, used)
left join project_limits p using (project_id) order by n.project_id
"""
_TODAY = "(clock_timestamp() at time zone 'utc')::date"
_USED = "(excluded.burst - excluded.tokens)"
_DAY_SPANS = f"((case when a.day = excluded.day then a.day_spans else 0 end) + {_USED})"
# What came earlier today counts as well where a limit is new: `intake_count` knows.
_SPEND = f"""
insert into intake_allowance as a
  (project_id, rate, burst, per_day, tokens, filled_at, day, day_spans, over_since)
select n.project_id, n.rate, n.burst, n.per_day, n.burst - n.used, clock_timestamp(), {_TODAY},
  n.used + e.spans, case when n.used + e.spans > n.per_day then clock_timestamp() end
from unnest(%s::int8[], %s::float8[], %s::float8[], %s::int8[], %s::float8[])
  as n (project_id, rate, burst, per_day, used)
cross join lateral (select case
  when exists (select 1 from intake_allowance o where o.project_id = n.project_id) then 0
  else coalesce((select sum(c.spans) from intake_count c where c.project_id = n.project_id
    and c.minute >= {_TODAY}::timestamp at time zone 'utc'), 0) end as spans) e
order by n.project_id
on conflict (project_id) do update set
  rate = excluded.rate, burst = excluded.burst, per_day = excluded.per_day,
  tokens = case when excluded.rate is null then 0 when a.rate is null then excluded.tokens
    else least(excluded.burst, a.tokens + excluded.rate * greatest(
      0, extract(epoch from clock_timestamp() - a.filled_at)::float8)) - {_USED} end,
  filled_at = clock_timestamp(),
  day = excluded.day,
  day_spans = {_DAY_SPANS},
  over_since = case when {_DAY_SPANS} > excluded.per_day then coalesce(
    case when a.day = excluded.day then a.over_since end, clock_timestamp()) end
returning project_id, tokens, over_since is not null
"""  # noqa: S608


@transaction.atomic
def spend(used: Mapping[int, float]) -> dict[int, Left]:
    """Take what one process has used, in spans by project, and say what is left for all of them.

    Rows are taken in the order of projects, so that two processes wait instead of deadlocking.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _IN_FORCE,
            [
                settings.INTAKE_SPANS_PER_SECOND or None,
                settings.INTAKE_SPANS_PER_DAY or None,
                list(used),
                list(used.values()),
            ],
        )
        limited = [row for row in cursor.fetchall() if row[2] is not None or row[4] is not None]
        left = dict.fromkeys(used, NO_LIMIT)
        if not limited:
            return left
        bursts = [_burst(rate, burst) for _, _, rate, burst, _ in limited]
        cursor.execute(
            _SPEND,
            [
                [row[0] for row in limited],
                [row[2] for row in limited],
                bursts,
                [row[4] for row in limited],
                [row[1] for row in limited],
            ],
        )
        after = {project_id: (tokens, over) for project_id, tokens, over in cursor.fetchall()}
    for (project_id, _, rate, _, _), burst in zip(limited, bursts, strict=True):
        tokens, is_over_day = after[project_id]
        left[project_id] = Left(rate, burst, tokens, is_over_day)
    return left


def _burst(rate: float | None, burst: float | None) -> float:
    if rate is None:
        return 0.0
    return float(burst) if burst is not None else max(rate * BURST_SECONDS, LEAST_BURST)


def set_limits(project: Project, limits: Limits, *, actor: Actor) -> bool:
    """Keep what `limits` says for `project` and audit it; False where nothing changed."""
    return change_limits(project, lambda _: limits, actor=actor)


@transaction.atomic
def change_limits(project: Project, change: Callable[[Limits], Limits], *, actor: Actor) -> bool:
    """Keep what `change` makes of the limits as they stand, one change at a time, and audit it.

    False where nothing changed.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    before = limits_of(project.pk)
    limits = change(before)
    if limits == before:
        return False
    ProjectLimits.objects.update_or_create(project_id=project.pk, defaults=limits.columns())
    if limits.keep_percent > before.keep_percent:
        # What waits to go was chosen by the lesser share.
        SamplingCandidate.objects.filter(project_id=project.pk).delete()
    if limits.spans_per_second is None and limits.spans_per_day is None:
        # Counted anew, from all of the day, should a limit be set again.
        IntakeAllowance.objects.filter(project_id=project.pk).delete()
    record(
        "limits.changed",
        project=project,
        actor=actor,
        subject=project,
        before=before.told(),
        after=limits.told(),
    )
    return True

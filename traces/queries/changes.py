"""What is new in a range: releases, prompt versions, models and providers, by their first hour.

New is what the fortnight before the range did not see. Roll-ups only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from traces.queries.criteria import ANY_ENVIRONMENT, HIDDEN_ENVIRONMENT
from traces.queries.usage import Scope

LOOKBACK = timedelta(days=14)
MOST_NEW = 40

_RELEASES = """
select 'release', release, '', min(hour), sum(traces) from trace_hour
where project_id = %(project)s and hour >= %(back)s and hour < %(until)s and release <> ''
  {environment}
group by release having sum(traces) > 0
"""
# The range is read once; what was before it, by day where the days have it.
_SPANS = """
with r as materialized (
  select prompt_name, prompt_version, model, provider, min(hour) as hour, sum(spans) as spans
  from usage_hour
  where project_id = %(project)s and hour >= %(since)s and hour < %(until)s
    and (prompt_name <> '' or model <> '' or provider <> '') {environment}
  group by 1, 2, 3, 4),
  known as materialized (
    select distinct model, provider from usage_day
    where project_id = %(project)s and day >= %(back_day)s and day < %(since_day)s {environment}
    union select distinct model, provider from usage_hour
    where project_id = %(project)s and hour >= %(midnight)s and hour < %(since)s {environment}
    union select distinct model, provider from usage_hour
    where project_id = %(project)s and hour >= %(back)s and hour < %(since)s and fresh
      {environment}),
  prompts as materialized (
    select distinct prompt_name, prompt_version from usage_hour
    where project_id = %(project)s and hour >= %(back)s and hour < %(since)s
      and prompt_name <> '' {environment})
select 'prompt', prompt_name, prompt_version, min(hour), sum(spans) from r
where prompt_name <> '' and (prompt_name, prompt_version) not in (select * from prompts)
group by 2, 3 having sum(spans) > 0
union all
select 'model', model, '', min(hour), sum(spans) from r
where model <> '' and model not in (select model from known) group by 2 having sum(spans) > 0
union all
select 'provider', provider, '', min(hour), sum(spans) from r
where provider <> '' and provider not in (select provider from known) group by 2
having sum(spans) > 0
"""
_FIRST = "select min(hour) from usage_hour where project_id = %(project)s"


@dataclass(frozen=True)
class FirstSeen:
    """Something first seen in a range. `kind`: release, prompt, model or provider."""

    kind: str
    name: str
    version: str
    at: datetime  # the hour
    count: int  # traces of a release, spans of the others, until the end of the range


def first_seen(scope: Scope) -> list[FirstSeen]:
    """What is new in `scope`, the newest first; [] where nothing came before it. Three statements.

    The first data of a project is not news.
    """
    values: dict[str, Any] = {
        "project": scope.project_id,
        "since": scope.since,
        "until": scope.until,
        "back": scope.since - LOOKBACK,
        "back_day": (scope.since - LOOKBACK).astimezone(UTC).date(),
        "since_day": scope.since.astimezone(UTC).date(),
        "midnight": scope.since.astimezone(UTC).replace(hour=0),
        "environment": scope.environment or HIDDEN_ENVIRONMENT,
    }
    environment = ""
    if scope.environment != ANY_ENVIRONMENT:
        environment = f"and environment {'=' if scope.environment else '<>'} %(environment)s"
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, values)
        (first,) = cursor.fetchone()
        if first is None or first >= scope.since:
            return []
        cursor.execute(_SPANS.format(environment=environment), values)
        rows = list(cursor.fetchall())
        cursor.execute(_RELEASES.format(environment=environment), values)
        rows += cursor.fetchall()
    new = [
        FirstSeen(kind, name, version, at, int(count))
        for kind, name, version, at, count in rows
        if at >= scope.since
    ]
    return sorted(new, key=lambda one: (one.at, one.kind, one.name), reverse=True)[:MOST_NEW]

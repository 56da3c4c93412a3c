"""What is new in a range: releases, prompt versions, models and providers, by their first hour.

New is what the fortnight before the range did not see. Roll-ups only: what is new is found among
the days, and only the hours of a first day are read for its hour.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from traces.queries.criteria import ANY_ENVIRONMENT, HIDDEN_ENVIRONMENT
from traces.queries.usage import (
    Scope,
    SpanFigures,
    TracesFigures,
    span_figures,
    trace_figures,
)

LOOKBACK = timedelta(days=14)
MOST_NEW = 40

# Days know no prompts: from version to version in the index, and of each its first hour.
_PROMPTS = """
with recursive version as (
  (select prompt_name, prompt_version from usage_hour
    where project_id = %(project)s and prompt_name <> ''
    order by prompt_name, prompt_version limit 1)
  union all
  select n.* from version v cross join lateral (
    select prompt_name, prompt_version from usage_hour
    where project_id = %(project)s and prompt_name <> ''
      and (prompt_name, prompt_version) > (v.prompt_name, v.prompt_version)
    order by prompt_name, prompt_version limit 1) n),
first as (
  select v.*, f.hour from version v cross join lateral (
    select hour from usage_hour u
    where u.project_id = %(project)s and u.prompt_name <> ''
      and u.prompt_name = v.prompt_name and u.prompt_version = v.prompt_version
      and u.hour >= %(back)s and u.hour < %(until)s {environment}
    order by hour limit 1) f)
select f.prompt_name, f.prompt_version, f.hour, s.spans from first f cross join lateral (
  select sum(spans) as spans from usage_hour u
  where u.project_id = %(project)s and u.prompt_name <> ''
    and u.prompt_name = f.prompt_name and u.prompt_version = f.prompt_version
    and u.hour >= %(since)s and u.hour < %(until)s {environment}) s
where f.hour >= %(since)s and s.spans > 0
"""
_HOURS = """
select k.value, (select min(hour) from {table} where project_id = %(project)s
  and hour >= greatest(k.day::timestamp at time zone 'UTC', %(since)s)
  and hour < least((k.day + 1)::timestamp at time zone 'UTC', %(until)s)
  and {column} = k.value {environment})
from unnest(%(values)s::text[], %(days)s::date[]) as k (value, day)
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
    """What is new in `scope`, the newest first; [] where nothing came before it. Six statements,
    and one more for each of models, providers and releases of which any are new.

    The first data of a project is not news.
    """
    values: dict[str, Any] = {
        "project": scope.project_id,
        "since": scope.since,
        "until": scope.until,
        "back": scope.since - LOOKBACK,
        "environment": scope.environment or HIDDEN_ENVIRONMENT,
    }
    narrowed = ""
    if scope.environment != ANY_ENVIRONMENT:
        narrowed = f"and environment {'=' if scope.environment else '<>'} %(environment)s"
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, values)
        (first,) = cursor.fetchone()
        if first is None or first >= scope.since:
            return []
        cursor.execute(_PROMPTS.format(environment=narrowed), values)
        rows = cursor.fetchall()
    new = [FirstSeen("prompt", name, version, at, int(n)) for name, version, at, n in rows]
    earlier = replace(scope, since=scope.since - LOOKBACK, until=scope.since)
    used = span_figures(scope, ["model", "provider", "day"], with_latencies=False)
    known = span_figures(earlier, ["model", "provider"], with_latencies=False)
    for place, kind in enumerate(("model", "provider")):
        days = _days(used, place, {one.key[place] for one in known})
        new += _dated(kind, "usage_hour", days, values, narrowed)
    made = trace_figures(scope, ["release", "day"], with_latencies=False)
    released = trace_figures(earlier, ["release"], with_latencies=False)
    days = _days(made, 0, {one.key[0] for one in released})
    new += _dated("release", "trace_hour", days, values, narrowed)
    return sorted(new, key=lambda one: (one.at, one.kind, one.name), reverse=True)[:MOST_NEW]


def _days(
    found: Sequence[SpanFigures] | Sequence[TracesFigures], place: int, known: set[str]
) -> dict[str, dict[date, int]]:
    """How many there were of each value that is not known, by day; the value is the key's."""
    days: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for one in found:
        value, day = one.key[place], one.key[-1]
        if value and value not in known:
            days[value][day] += one.spans if isinstance(one, SpanFigures) else one.traces
    return days


def _dated(
    kind: str,
    table: str,
    days: Mapping[str, Mapping[date, int]],
    values: Mapping[str, Any],
    narrowed: str,
) -> list[FirstSeen]:
    """The newest of the new values, with the hour on their first day."""
    counts = {value: sum(by_day.values()) for value, by_day in days.items()}
    listed = sorted(
        ((min(days[value]), value) for value, count in counts.items() if count > 0), reverse=True
    )[:MOST_NEW]
    if not listed:
        return []
    given = {**values, "values": [v for _, v in listed], "days": [day for day, _ in listed]}
    with connection.cursor() as cursor:
        cursor.execute(_HOURS.format(table=table, column=kind, environment=narrowed), given)
        hours = dict(cursor.fetchall())
    return [
        FirstSeen(kind, value, "", hours[value], counts[value])
        for _, value in listed
        if hours[value] is not None
    ]

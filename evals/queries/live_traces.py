"""Example traces of a score from the days before a change and from those after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from traces.models import Trace
from traces.queries.arms import NOT_TRAFFIC
from traces.queries.score_figures import ScoreScope

MOST = 6
_WORST = """
select g.trace_id, g.num, g.label, g.comment from (
  select distinct on (s.trace_id) s.trace_id, s.num, s.label, s.comment, s.at
  from score s
  where s.project_id = %(project)s and s.name = any(%(names)s) and s.source = %(source)s
    and s.at >= %(since)s and s.at < %(until)s and s.trace_id <> '' {thumbs}
  order by s.trace_id, s.at desc) g
join trace t on t.project_id = %(project)s and t.trace_id = g.trace_id
where t.start_time >= %(since)s and t.start_time < %(end)s and {narrowed}
order by {order} {direction} nulls last, t.start_time desc, g.trace_id limit %(most)s
"""


@dataclass(frozen=True, slots=True)
class Example:
    """A scored trace. `value` is the number, or None of a word in `label`."""

    trace: Trace
    value: float | None
    label: str
    comment: str


def worst_of(
    scope: ScoreScope,
    names: list[str],
    source: str,
    *,
    lowest_first: bool,
    values: dict[str, float] | None = None,
    thumbs: bool = False,
) -> list[Example]:
    """The traces of `scope` with the worst scores, at most MOST. Two statements.

    Scores are read that came within a week after the last day. `values` are those of words.
    """
    narrowed = ["(t.environment is null or t.environment <> all(%(hidden)s))"]
    if scope.environment:
        narrowed = ["t.environment = %(environment)s"]
    if scope.feature:
        narrowed.append("t.feature = %(feature)s")
    if scope.prompt.endswith("/"):
        narrowed.append("exists (select from unnest(t.facets) f where starts_with(f, %(prompt)s))")
    elif scope.prompt:
        narrowed.append("t.facets && array[%(prompt)s]")
    if scope.model:
        narrowed.append("t.facets && array[%(model)s]")
    words = sorted(values or {})
    order = "coalesce(g.num, (%(numbers)s::float8[])[array_position(%(words)s::text[], g.label)])"
    since, end = _midnight(scope.first), _midnight(scope.last + timedelta(days=1))
    sql = _WORST.format(
        narrowed=" and ".join(narrowed),
        order=order,
        direction="asc" if lowest_first else "desc",
        thumbs="and s.data_type in ('boolean', 'number') and s.num in (-1, 0, 1)" if thumbs else "",
    )
    if thumbs:
        sql = sql.replace("s.name = any(%(names)s)", "true")
    given: dict[str, Any] = {
        "project": scope.project_id, "names": names, "source": source, "since": since, "end": end,
        "until": end + timedelta(days=7), "hidden": list(NOT_TRAFFIC), "feature": scope.feature,
        "environment": scope.environment, "prompt": f"p:{scope.prompt}",
        "model": f"m:{scope.model}", "words": words,
        "numbers": [(values or {})[word] for word in words], "most": MOST,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        rows = cursor.fetchall()
    found = {
        one.trace_id: one
        for one in Trace.objects.filter(
            project_id=scope.project_id, trace_id__in=[row[0] for row in rows]
        )
    }
    return [
        Example(found[trace_id], num, label or "", (comment or "")[:400])
        for trace_id, num, label, comment in rows
        if trace_id in found
    ]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

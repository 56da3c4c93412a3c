"""What versions of a prompt did, by the figures by hour, and the scores of their traces."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils import timezone

from kit.intervals import Sums
from prompts.models import Prompt
from traces.queries.arms import NOT_TRAFFIC
from traces.queries.criteria import ANY_ENVIRONMENT
from traces.queries.usage import Scope, SpanFigures, hour_of, span_figures
from traces.rollups.histogram import added

WINDOW = timedelta(days=7)
MOST_NAMES = 12  # scores told apart on a page


@dataclass(frozen=True)
class VersionScores:
    """Scores of one name, of the traces that used one version: a trace counts once."""

    version: str
    name: str
    is_boolean: bool
    sums: Sums


def figures_by_version(
    prompt: Prompt, *, since: datetime, until: datetime, environment: str = ANY_ENVIRONMENT
) -> dict[str, SpanFigures]:
    """Calls of models by the version that they name, from whole hours; trials are left out."""
    scope = Scope(
        prompt.project_id,
        hour_of(since),
        until,
        environment,
        {"prompt_name": prompt.name, "kind": 1},
    )
    found: dict[str, SpanFigures] = {}
    for row in span_figures(scope, ["prompt_version", "environment"]):
        version, named = str(row.key[0]), row.key[1]
        if environment != named and named in NOT_TRAFFIC:
            continue
        found[version] = _both(found[version], row) if version in found else row
    return found


def _both(one: SpanFigures, other: SpanFigures) -> SpanFigures:
    """The sums of two environments."""
    return replace(
        one,
        spans=one.spans + other.spans,
        errors=one.errors + other.errors,
        calls=one.calls + other.calls,
        unpriced=one.unpriced + other.unpriced,
        tokens={name: one.tokens[name] + other.tokens[name] for name in one.tokens},
        cost_nano=one.cost_nano + other.cost_nano,
        duration_us=one.duration_us + other.duration_us,
        latencies=added([one.latencies, other.latencies]),
        sampled=one.sampled + other.sampled,
    )


def figures_of_version(prompt: Prompt, number: int) -> SpanFigures | None:
    """Calls of the last seven days with a version; None of none."""
    now = timezone.now()
    return figures_by_version(prompt, since=now - WINDOW, until=now).get(str(number))


def calls_by_day(
    project_id: int, names: list[str], *, since: datetime, until: datetime
) -> dict[str, dict[date, SpanFigures]]:
    """Calls by prompt and day: what the list of prompts draws."""
    if not names:
        return {}
    scope = Scope(project_id, hour_of(since), until, ANY_ENVIRONMENT, {"kind": 1})
    found: dict[str, dict[date, SpanFigures]] = defaultdict(dict)
    wanted = set(names)
    for row in span_figures(scope, ["prompt_name", "day"], with_latencies=False):
        if row.key[0] in wanted:
            found[row.key[0]][row.key[1]] = row
    return found


def scores_by_version(prompt: Prompt, *, since: datetime, until: datetime) -> list[VersionScores]:
    """Scores of traces whose calls used one version alone, by version and name."""
    sql = """
        with trace_of as (
            select trace_id, min(prompt_version) as version from span
            where project_id = %(project)s and prompt_name = %(prompt)s
              and prompt_version is not null
              and start_time >= %(since)s and start_time < %(until)s
            group by trace_id having min(prompt_version) = max(prompt_version)),
        given as (
            select t.version, s.name, bool_and(s.data_type = 'boolean') as is_boolean, t.trace_id,
                   avg(s.num) as num
            from trace_of t
            join score s on s.project_id = %(project)s and s.trace_id = t.trace_id
            where s.num is not null group by 1, 2, 4)
        select version, name, bool_and(is_boolean), count(*), sum(num), sum(num * num)
        from given group by 1, 2 order by count(*) desc
    """
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "project": prompt.project_id,
                "prompt": prompt.name,
                "since": since,
                "until": until,
            },
        )
        rows = cursor.fetchall()
    names = list(dict.fromkeys(name for _, name, *_ in rows))[:MOST_NAMES]
    return [
        VersionScores(version, name, is_boolean, Sums(n, float(total), float(squares)))
        for version, name, is_boolean, n, total, squares in rows
        if name in names
    ]

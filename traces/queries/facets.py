"""What the traces in a range have in common, counted after the rows and never before them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection

from traces.queries.criteria import HIDDEN_ENVIRONMENT, Criteria, matching, plan_of
from traces.queries.lists import COUNT_CAP
from traces.queries.patience import HARD_SECONDS, TimeUp, limited

MOST_VALUES = 12

# A facet of the list: name of the criterion, and how its value is read from a hit.
_COLUMNS = ("environment", "name", "feature", "release")
_LETTERS = {"m": "model", "t": "tag", "p": "prompt"}

_STATEMENT = """
with hit as materialized (%s order by start_time desc limit %%s),
counted as (
  select 'all' as facet, null as value, count(*) as n from hit
  union all
  select 'status', case when error_count > 0 then 'error' when open_count > 0 then 'running'
    else 'ok' end, count(*) from hit group by 2
  union all select 'environment', environment, count(*) from hit group by 2
  union all select 'name', name, count(*) from hit group by 2
  union all select 'feature', feature, count(*) from hit group by 2
  union all select 'release', release, count(*) from hit group by 2
  union all
  select left(facet, 1), substr(facet, 3), count(*) from hit, unnest(facets) facet
    where left(facet, 2) in ('m:', 't:', 'p:') group by 1, 2
),
ranked as (
  select *, row_number() over (partition by facet order by n desc, value) as place from counted
)
select facet, value, n from ranked where place <= %%s and (value is not null or facet = 'all')
order by facet, place
"""


@dataclass(frozen=True)
class FacetValue:
    """A value and how many of the counted traces have it."""

    value: str
    count: int


@dataclass(frozen=True)
class Facets:
    """`total` counts exactly up to COUNT_CAP; one more stands for more. `values` by criterion."""

    total: int
    values: dict[str, list[FacetValue]]
    is_upper_bound: bool = False  # the query asks for content, which is not looked at here
    is_too_wide: bool = False  # nothing was counted in time

    @property
    def is_capped(self) -> bool:
        """Only the newest COUNT_CAP traces were looked at."""
        return self.total > COUNT_CAP


def count_facets(project_id: int, criteria: Criteria) -> Facets:
    """Counts of the traces that meet `criteria`, all and by the values they have."""
    columns = (*_COLUMNS, "start_time", "error_count", "open_count", "facets")
    inner, parameters = matching(project_id, criteria).values_list(*columns).query.sql_with_params()
    values: dict[str, list[FacetValue]] = defaultdict(list)
    total = 0
    is_upper_bound = plan_of(project_id, criteria).needs_content
    try:
        with limited(HARD_SECONDS) as cursor:
            cursor.execute(_STATEMENT % inner, [*parameters, COUNT_CAP + 1, MOST_VALUES])
            found = cursor.fetchall()
    except TimeUp:
        return Facets(0, {}, is_too_wide=True)
    for facet, value, count in found:
        if facet == "all":
            total = count
        else:
            values[_LETTERS.get(facet, facet)].append(FacetValue(value, count))
    return Facets(total, dict(values), is_upper_bound)


def environments(project_id: int) -> list[str]:
    """Environments of the project by name, those of experiments last.

    Walks the distinct values of the newest traces, so that a large project costs no more.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct environment from (select environment from trace "
            "where project_id = %s order by start_time desc, trace_id desc limit %s) newest "
            "where environment is not null",
            [project_id, COUNT_CAP],
        )
        found = {row[0] for row in cursor.fetchall()}
    return sorted(found, key=lambda name: (name == HIDDEN_ENVIRONMENT, name))

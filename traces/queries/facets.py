"""What the traces in a range have in common, counted after the rows and never before them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection

from traces.queries.criteria import HIDDEN_ENVIRONMENT, Criteria, matching, plan_of
from traces.queries.lists import COUNT_CAP
from traces.queries.patience import TimeUp, limited

MOST_VALUES = 12
SECONDS = 2.0

# A facet of the list: name of the field, and how its value is read from a hit.
_COLUMNS = ("environment", "name", "feature", "release", "user_id")
_LETTERS = {"m": "model", "t": "tag", "p": "prompt", "k": "kind"}
_RENAMED = {"environment": "env", "user_id": "user"}
# Bands as the query writes them: operator, value, and from and to, both included.
LATENCIES = (
    ("<", "1s", 0, 999_999),
    (":", "1s..3s", 1_000_000, 3_000_000),
    (":", "3s..10s", 3_000_000, 10_000_000),
    (">", "10s", 10_000_001, 2**62),
)
COSTS = (
    ("<", "$0.01", 0, 9_999_999),
    (":", "$0.01..$0.10", 10_000_000, 100_000_000),
    (":", "$0.10..$1", 100_000_000, 10**9),
    (">", "$1", 10**9 + 1, 2**62),
)

_STATEMENT = """
with hit as materialized (%s order by start_time desc limit %%s),
counted as (
  select 'all' as facet, null as value, count(*) as n from hit
  union all
  select 'status', case when error_count > 0 and root_ok then 'recovered'
    when error_count > 0 then 'error' when open_count > 0 then 'running' else 'ok' end,
    count(*) from hit group by 2
  %s
  union all
  select left(facet, 1), substr(facet, 3), n from (
    select facet, count(*) as n from hit, unnest(facets) facet group by 1) f
    where left(facet, 2) in ('m:', 't:', 'p:', 'k:')
  union all
  select 'latency', unnest(%%s::text[]), unnest(%s) from hit where open_count < span_count
  union all
  select 'cost', unnest(%%s::text[]), unnest(%s) from hit
    where call_count > unpriced_count
      and not (unpriced_count > 0 and evaluator_nano > 0 and cost_nano = 0)
),
ranked as (
  select *, row_number() over (partition by facet order by n desc, value) as place,
    count(*) over (partition by facet) as different from counted
)
select facet, value, n, different from ranked
where facet = 'all' or place <= %%s and n > 0 and value is not null
order by facet, place
"""
_BY_COLUMN = "".join(
    f"union all select '{name}', {name}, count(*) from hit group by 2\n  "  # noqa: S608
    for name in _COLUMNS
)
_WORDS = [[band[1] for band in table] for table in (LATENCIES, COSTS)]


@dataclass(frozen=True)
class FacetValue:
    """A value and how many of the counted traces have it."""

    value: str
    count: int


@dataclass(frozen=True)
class Facets:
    """`total` counts exactly up to COUNT_CAP; one more stands for more. `values` by field.

    `different`: how many values a field has among the traces looked at.
    """

    total: int
    values: dict[str, list[FacetValue]]
    different: dict[str, int]
    is_upper_bound: bool = False  # the query asks for content, which is not looked at here
    is_too_wide: bool = False  # nothing was counted in time

    @property
    def is_capped(self) -> bool:
        """Only the newest COUNT_CAP traces were looked at."""
        return self.total > COUNT_CAP


def count_facets(project_id: int, criteria: Criteria) -> Facets:
    """Counts of the traces that meet `criteria`, all and by the values they have."""
    columns = (
        *_COLUMNS, "start_time", "error_count", "root_ok", "open_count", "span_count",
        "duration_us", "cost_nano", "evaluator_nano", "call_count", "unpriced_count", "facets",
    )  # fmt: skip
    inner, parameters = matching(project_id, criteria).values_list(*columns).query.sql_with_params()
    values: dict[str, list[FacetValue]] = defaultdict(list)
    different: dict[str, int] = {}
    total = 0
    is_upper_bound = plan_of(project_id, criteria).needs_content
    try:
        with limited(SECONDS) as cursor:
            cursor.execute(
                _STATEMENT % (inner, _BY_COLUMN, _banded("duration_us"), _banded("cost_nano")),
                [*parameters, COUNT_CAP + 1, *_WORDS, MOST_VALUES],
            )
            found = cursor.fetchall()
    except TimeUp:
        return Facets(0, {}, {}, is_too_wide=True)
    for facet, value, count, number in found:
        if facet == "all":
            total = count
        else:
            name = _LETTERS.get(facet, _RENAMED.get(facet, facet))
            values[name].append(FacetValue(value, count))
            different[name] = number
    return Facets(total, dict(values), different, is_upper_bound)


def _banded(column: str) -> str:
    """SQL of an array with the counts of the bands of a column."""
    table = LATENCIES if column == "duration_us" else COSTS
    counts = (
        f"count(*) filter (where {column} between {low} and {high})" for _, _, low, high in table
    )
    return f"array[{', '.join(counts)}]"


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

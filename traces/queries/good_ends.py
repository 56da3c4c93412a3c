"""What ended well, by a score or an outcome: of cases that were looked at, and of a whole range."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from traces.queries.arms import NOT_TRAFFIC

MOST_READ = 10_000  # scores or outcomes of a range that one page reads
LATE = timedelta(days=7)  # after the range: what became of a trace is known later


@dataclass(frozen=True)
class Wanted:
    """What counts as a good end.

    Of kind `outcome` every outcome of that name does; of a score `test` says which values:
    `yes`, `no`, `is` (the category `value`), `at_least` or `at_most` (the number `bar`).
    `source` narrows scores to who gave them; '' does not.
    """

    kind: str  # outcome or score
    name: str
    test: str = ""
    value: str = ""
    bar: float | None = None
    source: str = ""


@dataclass
class Ends:
    """How many ended, and how many of these well; a trace, or a session as a whole, counts once."""

    known: float = 0
    good: float = 0


@dataclass(frozen=True)
class Counted:
    """Ends by key, and of all keys together."""

    by_key: dict[tuple[str, ...], Ends]
    all: Ends


_TESTS = {
    "yes": "f.num = 1 and f.data_type = 'boolean'",
    "no": "f.num = 0 and f.data_type = 'boolean'",
    "is": "f.label = %(value)s",
    "at_least": "f.num >= %(bar)s",
    "at_most": "f.num <= %(bar)s",
}
_OF_TYPE = {"yes": "boolean", "no": "boolean", "is": "category"}
# What names a trace or a whole session, once; good where any of its ends is.
_ONES = """
ones as materialized (
  select f.trace_id, case when f.trace_id = '' then coalesce(f.session_id, '') else '' end
    as session_id, bool_or({good}) as good
  from ({rows}) f where f.trace_id <> '' or f.session_id is not null group by 1, 2)
"""
_OF_CASES = """
with {ones} select trace_id, session_id, good from ones
"""
_OF_RANGE = """
with {ones}
select o.good, coalesce(t.feature, ''), t.facets from ones o
join lateral (
  select feature, facets, start_time, environment from trace t
  where t.project_id = %(project)s and t.trace_id = o.trace_id and o.trace_id <> ''
  union all
  select * from (
    select feature, facets, start_time, environment from trace t
    where t.project_id = %(project)s and t.session_id = o.session_id and o.session_id <> ''
      and t.start_time < %(until)s
    order by start_time desc limit 1) newest) t on true
where t.start_time >= %(since)s and t.start_time < %(until)s
  and coalesce(t.environment, '') <> all(%(not_traffic)s)
"""
_DAYS = """
select source, evaluator, label, feature, prompts, models, sum(weight)::float8, sum(total)::float8
from score_day where project_id = %(project)s and name = %(name)s and data_type = %(type)s
  and (%(source)s = '' or source = %(source)s)
  and day >= %(first)s and day < %(last)s and environment <> all(%(not_traffic)s)
group by 1, 2, 3, 4, 5, 6 having sum(n) > 0
"""


def ends_of(
    project_id: int, wanted: Wanted, traces: Sequence[str], sessions: Sequence[str]
) -> dict[tuple[str, str], bool]:
    """By (trace, '') or ('', session): whether it ended well. What is missing has no end."""
    rows = """
      select f.* from {table} f where f.project_id = %(project)s and f.trace_id = any(%(traces)s)
        and f.name = %(name)s {source}
      union all
      select f.* from {table} f where f.project_id = %(project)s and f.trace_id = ''
        and f.session_id = any(%(sessions)s) and f.name = %(name)s {source}"""
    given = _given(project_id, wanted) | {"traces": list(traces), "sessions": list(sessions)}
    found = _fetched(_OF_CASES.format(ones=_ones(wanted, rows)), given)
    return {(trace, session): bool(good) for trace, session, good in found}


def count_ends(
    project_id: int,
    wanted: Wanted,
    since: datetime,
    until: datetime,
    *,
    by: str,
    feature: str = "",
) -> Counted | None:
    """Of traces that began in the range, by `feature`, `model` or `prompt`; of one feature alone.

    Read one by one up to 10,000; beyond, from the sums by day, where these tell it: of yes or no
    and of categories. None where nothing tells it but a sample. `since` and `until` are midnights.
    """
    rows = """
      select * from {table} f where f.project_id = %(project)s and f.name = %(name)s {source}
        and f.at >= %(since)s and f.at < %(late)s order by f.at desc limit %(most)s"""
    given = _given(project_id, wanted) | {
        "since": since, "until": until, "late": until + LATE, "most": MOST_READ + 1,
    }  # fmt: skip
    if _is_few(wanted, given):
        found = _fetched(_OF_RANGE.format(ones=_ones(wanted, rows)), given)
        return _sum(
            (_keys(by, name, facets), 1.0, float(bool(good)))
            for good, name, facets in found
            if not feature or name == feature
        )
    if wanted.test not in _OF_TYPE:
        return None
    given |= {
        "type": _OF_TYPE[wanted.test], "first": since.date(), "last": until.date(),
    }  # fmt: skip
    days = _fetched(_DAYS, given)
    if len({row[0] for row in days}) > 1:
        return None  # one trace would count for each who scored it
    return _sum(
        (_day_keys(by, row), row[6], _good(wanted, row[2], row[6], row[7]))
        for row in days
        if not feature or row[3] == feature
    )


def _is_few(wanted: Wanted, given: dict[str, Any]) -> bool:
    table = "outcome" if wanted.kind == "outcome" else "score"
    ((number,),) = _fetched(
        f"""select count(*) from (select from {table} f where f.project_id = %(project)s
          and f.name = %(name)s and f.at >= %(since)s and f.at < %(late)s limit %(most)s) few""",  # noqa: S608
        given,
    )
    return int(number) <= MOST_READ


def _good(wanted: Wanted, label: str, weight: float, total: float) -> float:
    if wanted.test == "is":
        return weight if label == wanted.value else 0.0
    return total if wanted.test == "yes" else weight - total


def _sum(rows: Iterable[tuple[list[tuple[str, ...]], float, float]]) -> Counted:
    by_key: dict[tuple[str, ...], Ends] = defaultdict(Ends)
    whole = Ends()
    for keys, known, good in rows:
        for ends in (whole, *(by_key[key] for key in keys)):
            ends.known += known
            ends.good += good
    return Counted(dict(by_key), whole)


def _keys(by: str, feature: str, facets: list[str]) -> list[tuple[str, ...]]:
    if by == "feature":
        return [(feature,)]
    mark = "m:" if by == "model" else "p:"
    return [_named(by, one[2:]) for one in facets if one.startswith(mark)]


def _day_keys(by: str, row: tuple[Any, ...]) -> list[tuple[str, ...]]:
    if by == "feature":
        return [(row[3],)]
    return [_named(by, one) for one in (row[5] if by == "model" else row[4])]


def _named(by: str, value: str) -> tuple[str, ...]:
    if by == "model":
        return (value,)
    name, _, version = value.rpartition("/")
    return (name, version)


def _ones(wanted: Wanted, rows: str) -> str:
    is_outcome = wanted.kind == "outcome"
    source = "and f.source = %(source)s" if wanted.source and not is_outcome else ""
    return _ONES.format(
        good="true" if is_outcome else f"coalesce({_TESTS[wanted.test]}, false)",
        rows=rows.format(table="outcome" if is_outcome else "score", source=source),
    )


def _given(project_id: int, wanted: Wanted) -> dict[str, Any]:
    return {
        "project": project_id, "name": wanted.name, "value": wanted.value, "bar": wanted.bar,
        "source": wanted.source, "not_traffic": list(NOT_TRAFFIC),
    }  # fmt: skip


def _fetched(sql: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())

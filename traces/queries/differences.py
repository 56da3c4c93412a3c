"""What the traces of a selection have, and what the rest has: counts for a comparison, in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from traces.ingest.record import TRACE_FACTS
from traces.models import Span, SpanContent
from traces.queries.criteria import Criteria, matching, plan_of
from traces.queries.patience import Clock, TimeUp
from traces.query.content import Document
from traces.values.differing import Counted

MOST_TRACES = 10_000  # of the rest and of the selection each, the newest
MOST_SAMPLED = 150  # traces of each side whose contents are read
MOST_VALUES = 40  # of one field
MOST_KEYS = 400
SOFT_SECONDS, HARD_SECONDS = 2.0, 4.0
_LONGEST = 120

_FIELDS = ("environment", "name", "feature", "release", "user_id")
_RENAMED = {"environment": "env", "user_id": "user"}
_LETTERS = {"m": "model", "t": "tag", "k": "kind", "p": "prompt"}
_STATEMENT = """
with hit as materialized ((%s) union all (%s) union all (%s)),
counted as (
  select 'all' as field, null as value, count(*) filter (where inside) as i,
    count(*) filter (where not inside) as r from hit
  union all
  select 'status', case when error_count > 0 and root_ok then 'recovered'
    when error_count > 0 then 'error' when open_count > 0 then 'running' else 'ok' end,
    count(*) filter (where inside),
    count(*) filter (where not inside) from hit group by 2
  %s
  union all
  select left(facet, 1), substr(facet, 3), count(*) filter (where inside),
    count(*) filter (where not inside) from hit, unnest(facets) facet
    where left(facet, 2) in ('m:', 't:', 'p:', 'k:') group by 1, 2
),
ranked as (
  select *, row_number() over (partition by field order by i + r desc, value) as place from counted
)
select field, value, i, r from ranked where place <= %%s and (value is not null or field = 'all')
"""
_BY_FIELD = "".join(
    f"union all select '{name}', {name}, count(*) filter (where inside), "  # noqa: S608
    "count(*) filter (where not inside) from hit group by 2\n  "
    for name in _FIELDS
)


@dataclass(frozen=True)
class Sides:
    """The values of both sides. `is_sampled`: only the newest of a side were looked at."""

    values: list[Counted]
    inside: int = 0
    rest: int = 0
    read: int = 0  # traces whose contents were read
    is_sampled: bool = False
    is_upper_bound: bool = False
    is_too_wide: bool = False


def sides(project_id: int, criteria: Criteria, since: datetime, until: datetime) -> Sides:
    """The traces that meet `criteria` and begin from `since` to `until`, beside the others."""
    clock = Clock(soft=SOFT_SECONDS, hard=HARD_SECONDS)
    parts = _parts(criteria, since, until)
    queries = [_rows(project_id, part, is_inside) for part, is_inside in parts]
    inner = [sql for sql, _ in queries]
    parameters = [value for _, values in queries for value in values]
    try:
        with clock.statement() as cursor:
            cursor.execute(_STATEMENT % (*inner, _BY_FIELD), [*parameters, MOST_VALUES])
            rows = cursor.fetchall()
    except TimeUp:
        return Sides([], is_too_wide=True)
    inside, rest = next((i, r) for field, _, i, r in rows if field == "all")
    values = list(_values(rows, inside, rest))
    read = 0
    if not clock.is_late and inside and rest:
        try:
            more, read = _read(project_id, parts, clock)
            values += more
        except TimeUp:
            pass
    return Sides(
        values,
        inside,
        rest,
        read,
        is_sampled=max(inside, rest) >= MOST_TRACES,
        is_upper_bound=plan_of(project_id, criteria).needs_content,
    )


def _parts(criteria: Criteria, since: datetime, until: datetime) -> list[tuple[Criteria, bool]]:
    """The selection, what is after it, and what is before it."""
    end = criteria.until or timezone.now()
    return [
        (replace(criteria, since=since, until=until), True),
        (replace(criteria, since=until, until=max(end, until)), False),
        (replace(criteria, until=since), False),
    ]


def _rows(project_id: int, criteria: Criteria, is_inside: bool) -> tuple[str, tuple[Any, ...]]:
    rows = matching(project_id, criteria).order_by("-start_time")
    rows = rows.values_list(*_FIELDS, "error_count", "root_ok", "open_count", "facets", "trace_id")
    # Half of the rest from either side of the selection.
    most = MOST_TRACES if is_inside else MOST_TRACES // 2
    inner, parameters = rows[:most].query.sql_with_params()
    word = "true" if is_inside else "false"
    return f"select *, {word} as inside from ({inner}) part", parameters  # noqa: S608


def _values(rows: Iterable[tuple[Any, ...]], inside: int, rest: int) -> Iterator[Counted]:
    for field, value, i, r in rows:
        if field == "all":
            continue
        name = _LETTERS.get(field, _RENAMED.get(field, field))
        text = value.rstrip("/") if name == "prompt" else value
        yield Counted(name, text, i, r, inside, rest)


def _read(
    project_id: int, parts: list[tuple[Criteria, bool]], clock: Clock
) -> tuple[list[Counted], int]:
    """Attributes and error types of a sample of each side. Raises: TimeUp."""
    found: dict[bool, Counter[tuple[str, str, str]]] = {True: Counter(), False: Counter()}
    looked: dict[bool, int] = {True: 0, False: 0}
    for criteria, is_inside in parts:
        most = MOST_SAMPLED if is_inside else MOST_SAMPLED // 2
        rows = matching(project_id, criteria).order_by("-start_time")
        with clock.statement():
            traces = list(rows.values_list("trace_id", "start_time", "end_time")[:most])
        if not traces:
            continue
        said: dict[str, set[tuple[str, str, str]]] = {trace_id: set() for trace_id, *_ in traces}
        bounds = {
            "project_id": project_id,
            "trace_id__in": list(said),
            "start_time__gte": min(start for _, start, _ in traces),
            "start_time__lte": max(end for *_, end in traces),
        }
        spans = Span.objects.filter(**bounds).exclude(span_id=TRACE_FACTS)
        with clock.statement():
            known = list(spans.values_list("trace_id", "provider", "prompt_version"))
        for trace_id, provider, version in known:
            if provider:
                said[trace_id].add(("provider", "", provider))
            if version:
                said[trace_id].add(("prompt.version", "", version))
        with clock.statement():
            for trace_id, body in SpanContent.objects.filter(**bounds).values_list(
                "trace_id", "body"
            ):
                _ = clock.left
                said[trace_id].update(_attributes(Document("", bytes(body))))
        looked[is_inside] += len(traces)
        found[is_inside].update(one for values in said.values() for one in values)
    return _counted(found, looked), looked[True] + looked[False]


def _attributes(document: Document) -> Iterator[tuple[str, str, str]]:
    for place in ("attributes", "metadata", "resource"):
        there = document.stored.get(place)
        if not isinstance(there, dict):
            continue
        for key, value in list(there.items())[:MOST_KEYS]:
            is_short = isinstance(value, str | int | float) and len(str(value)) <= _LONGEST
            if is_short and str(value) and len(key) <= _LONGEST:
                yield "attr", key, str(value)


def _counted(
    found: dict[bool, Counter[tuple[str, str, str]]], looked: dict[bool, int]
) -> list[Counted]:
    inside, rest = found[True], found[False]
    different: Counter[str] = Counter(key for _, key, _ in {*inside, *rest})
    return [
        Counted(field, value, inside[field, key, value], rest[field, key, value],
                looked[True], looked[False], key)
        for field, key, value in {*inside, *rest}
        if different[key] <= MOST_KEYS or field != "attr"
    ]  # fmt: skip

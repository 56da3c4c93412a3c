"""Bars over time from the figures by hour and day, where these hold what narrows the list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.backends.utils import CursorWrapper

from traces.queries.criteria import ANY_ENVIRONMENT, HIDDEN_ENVIRONMENT, Criteria
from traces.query.nodes import And, Node, Not, Term, TextTest
from traces.values.slices import Slices

# Place, bucket of latency (-1: none), traces, those that failed, cost.
Row = tuple[int, int, Any, Any, Any]

_DAY_S = 86_400
_PLACE = "floor((extract(epoch from at) - %s) / %s)::int"
# Of the sums: a row may take back what another one added.
_KNOWN_COST = "case when sum(calls) > sum(unpriced) or sum(cost_nano) <> 0 then sum(cost_nano) end"
# What the tables of a measure know of a trace.
_OF_TRACES = frozenset({"environment", "feature", "name", "release", "model"})
_OF_USAGE = frozenset({"environment"})  # there a feature is a span's own
_COLUMNS = {"env": "environment", "feature": "feature", "name": "name", "release": "release"}


@dataclass(frozen=True)
class Narrowed:
    """A condition on rows of the figures, and whether only traces that failed count."""

    where: str
    values: tuple[Any, ...] = ()
    only_errors: bool = False


def narrowed(criteria: Criteria, measure: str) -> Narrowed | None:
    """What `criteria` come to for the figures; None where these do not hold it."""
    terms = _terms(criteria)
    if terms is None:
        return None
    known = _OF_USAGE if measure == "cost" else _OF_TRACES
    found = Narrowed("")
    is_environment_named = criteria.environment == ANY_ENVIRONMENT
    for name, texts, is_negative in terms:
        if (name, texts) == ("status", ["error"]) and measure in ("count", "errors"):
            found = replace(found, only_errors=True)
        elif name in known and all(texts):
            is_environment_named |= name == "environment"
            is_one_of = "models && %s::text[]" if name == "model" else f"{name} = any(%s)"
            where = f"{found.where} and {'not ' if is_negative else ''}{is_one_of}"
            found = replace(found, where=where, values=(*found.values, texts))
        else:
            return None
    if not is_environment_named:
        where, values = f"{found.where} and environment <> %s", (*found.values, HIDDEN_ENVIRONMENT)
        found = replace(found, where=where, values=values)
    return found


def _terms(criteria: Criteria) -> list[tuple[str, list[str], bool]] | None:
    """The columns that must be one of some texts, or (True) none of them; None where more than that
    is asked."""
    terms: list[tuple[str, list[str], bool]] = []
    for name in criteria.narrowing:
        if name == "query":
            continue
        if name not in {*_OF_TRACES, "status"}:
            return None
        if name != "environment" or criteria.environment != ANY_ENVIRONMENT:
            terms.append((name, [getattr(criteria, name)], False))
    root = criteria.query.root
    nodes: tuple[Node, ...] = () if root is None else (root,)
    for node in root.items if isinstance(root, And) else nodes:
        term = node.item if isinstance(node, Not) else node
        if not isinstance(term, Term):
            return None
        is_negative = term.is_negative is not isinstance(node, Not)
        texts = [test.text for test in term.tests if isinstance(test, TextTest) and not test.glob]
        if len(texts) < len(term.tests) or not texts:
            return None
        if is_negative and term.field in ("env", "status"):
            return None
        terms.append((_COLUMNS.get(term.field, term.field), texts, is_negative))
    return terms


def summed(
    cursor: CursorWrapper,
    project_id: int,
    by: Narrowed,
    cut: Slices,
    within: tuple[datetime, datetime],
    measure: str,
) -> Iterator[tuple[list[Row], bool]]:
    """Rows by slice of the hours `within`, and whether they count traces: first those that do."""
    traces = "sum(errors)" if by.only_errors else "sum(traces)"
    rows, values = _rows("trace", "traces, errors", project_id, by, cut, within)
    yield _run(cursor, f"-1, {traces}, sum(errors), null::numeric", rows, cut, values)
    if measure == "p95":
        rows, values = _rows("trace", "lat_b, lat_n::int8[] as lat_n", project_id, by, cut, within)
        rows = f"{rows}, unnest(lat_b, lat_n) as u (b, n)"
        found, _ = _run(cursor, "b, sum(n), 0, null::numeric", rows, cut, values)
        yield found, False
    elif measure == "cost":
        rows, values = _rows("usage", "calls, unpriced, cost_nano", project_id, by, cut, within)
        found, _ = _run(cursor, f"-1, 0, 0, {_KNOWN_COST}", rows, cut, values)
        yield found, False


def _run(
    cursor: CursorWrapper, columns: str, rows: str, cut: Slices, values: list[Any]
) -> tuple[list[Row], bool]:
    cursor.execute(
        f"select {_PLACE}, {columns} from {rows} group by 1, 2",  # noqa: S608  (constant texts)
        [cut.base, cut.step, *values],
    )
    return cursor.fetchall(), True


def _rows(
    table: str,
    columns: str,
    project_id: int,
    by: Narrowed,
    cut: Slices,
    within: tuple[datetime, datetime],
) -> tuple[str, list[Any]]:
    """SQL of the rows of figures, each with the instant `at` which it begins: by day where slices
    are whole days, with the hours at the ends and those not folded yet."""
    low, high = within
    where = f"project_id = %s and not sampled {by.where}"
    hourly = f"select hour as at, {columns} from {table}_hour where {where}"  # noqa: S608
    hourly += " and hour >= %s and hour < %s"
    hours = [project_id, *by.values, low, high]
    first, last = _day(low), high.replace(hour=0)
    if cut.step % _DAY_S or first >= last:
        return f"({hourly}) r", hours
    daily = f"select day::timestamp at time zone 'UTC' as at, {columns} "
    daily += f"from {table}_day where {where} and day >= %s and day < %s"
    days = [project_id, *by.values, first.date(), last.date()]
    rows = f"({daily} union all {hourly} and (fresh or hour < %s or hour >= %s)) r"
    return rows, [*days, *hours, first, last]


def _day(at: datetime) -> datetime:
    """The first whole day from then on."""
    return at if at.hour == 0 else at.replace(hour=0) + timedelta(days=1)

"""Queries as conditions on groups of alike traces, so that many are answered in one statement.

Traces are alike where every column that any of the conditions reads is the same. What is asked of a
span becomes a look into the set of kinds of spans that a trace has, where these are few; else, and
for scores, into the ids of the traces that have such a one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from traces.models import Score, Span, Trace
from traces.query import Query, Scope, compile

_COLUMN = re.compile(r'"(trace|span|score)"\."(\w+)"')
# Columns of few values: traces that agree in them are many.
_FEW = frozenset(
    {"name", "feature", "environment", "release", "facets", "root_ok", "error_count", "open_count",
     "call_count", "unpriced_count", "metered_count"}
)  # fmt: skip
_FEW_OF_SPANS = frozenset(
    {"name", "kind", "level", "error_type", "model", "model_requested", "provider", "feature",
     "environment", "release", "prompt_name", "prompt_version"}
)  # fmt: skip
SCORE_COLUMNS = ("name", "data_type", "source", "num", "label", "span_id")
ROLLED = frozenset({"environment", "feature", "name", "release"})  # what figures by hour know


@dataclass(frozen=True, slots=True)
class Condition:
    """A query in SQL over a row named `trace`, and the columns that it reads."""

    sql: str
    columns: frozenset[str]
    span_columns: frozenset[str] | None = None  # None: nothing is asked of spans
    asks_scores: bool = False

    @property
    def is_rolled(self) -> bool:
        """The figures by hour can answer it."""
        asks_more = self.span_columns is not None or self.asks_scores
        return self.columns <= ROLLED and not asks_more

    @property
    def is_shared(self) -> bool:
        """Many traces are alike in what it reads."""
        return self.columns <= _FEW


@dataclass(frozen=True, kw_only=True)
class _GroupScope(Scope):
    """Answers conditions on spans and scores from what `window_sql` gathered of the traces."""

    asked: dict[str, set[str]] = field(default_factory=dict)  # columns by table

    def some_span(self, condition: Q) -> Q:
        """A span of the trace meets it."""
        where, columns = _where(Span.objects.filter(condition))
        self.asked.setdefault("span", set()).update(columns)
        # `where` has its values inside, composed by the driver.
        if columns <= _FEW_OF_SPANS:
            return _held(f'"trace".gids && array(select gid from g as "span" where {where})')  # noqa: S608
        return _held(
            f'"trace".trace_id in (select "span".trace_id from sp as "span" where {where})'  # noqa: S608
        )

    def some_score(self, condition: Q) -> Q:
        """A score of the trace meets it."""
        where, columns = _where(Score.objects.filter(condition))
        self.asked.setdefault("score", set()).update(columns)
        return _held(
            f'"trace".trace_id in (select "score".trace_id from sc as "score" where {where})'  # noqa: S608
        )


def _held(sql: str) -> Q:
    held = RawSQL(sql.replace("%", "%%"), (), output_field=BooleanField())  # noqa: S611
    return Q(held)


def condition_of(project_id: int, query: Query) -> Condition:
    """The condition of a query. Raises: ValueError where it asks for content."""
    scope = _GroupScope(project_id=project_id)
    plan = compile(query, scope)
    if plan.needs_content:
        raise ValueError("the query asks for content")
    rows = Trace.objects.filter(plan.environments).filter(plan.sql)
    sql, columns = _where(rows)
    of_spans = scope.asked.get("span")
    reads_ids = "score" in scope.asked or bool(of_spans and not of_spans <= _FEW_OF_SPANS)
    return Condition(
        sql,
        frozenset(columns | {"trace_id"} if reads_ids else columns),
        None if of_spans is None else frozenset(of_spans),
        "score" in scope.asked,
    )


def columns_of(conditions: Iterable[Condition]) -> tuple[list[str], list[str] | None]:
    """The columns of traces that any of them reads, and those of spans; None: no span is read."""
    listed = list(conditions)
    found = sorted(set().union(*(one.columns for one in listed)))
    if all(one.span_columns is None for one in listed):
        return found, None
    return found, sorted(set().union(*(one.span_columns or () for one in listed)))


def holding(conditions: Sequence[Condition]) -> str:
    """SQL of a list `(k, holds)` of the conditions, for a row named `trace`."""
    rows = ", ".join(f"({place}, {one.sql})" for place, one in enumerate(conditions))
    return f"(values {rows}) as k (k, holds)"


def _where(rows: QuerySet[Any]) -> tuple[str, set[str]]:
    """SQL of the condition of a queryset, with its values inside, and the columns that it reads."""
    compiler = rows.query.get_compiler(connection=connection)
    try:
        compiler.pre_sql_setup()
        sql, parameters = compiler.compile(rows.query.where)
    except FullResultSet:
        return "true", set()
    except EmptyResultSet:
        return "false", set()
    # A text that somebody typed may look like a column.
    known = {one.column for one in rows.model._meta.concrete_fields}
    table = rows.model._meta.db_table
    names = {name for of, name in _COLUMN.findall(sql) if of == table and name in known}
    return f"({composed(sql, parameters)})", names


def composed(sql: str, parameters: Sequence[object]) -> str:
    """`sql` with its values inside, as the driver writes them."""
    operations: Any = connection.ops
    return str(operations.compose_sql(sql, parameters))

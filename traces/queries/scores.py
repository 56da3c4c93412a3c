"""Scores: lists, one by id, those of a trace, those of a page of traces."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from psycopg.errors import QueryCanceled

from traces.feedback.given import stored_id
from traces.models import DataType, Outcome, Score

MOST_OF_A_TRACE = 500  # shown; a trace with more is one that a loop scores
MOST_ON_SPANS = 20_000  # a score for each span of the largest traces
MOST_NAMES = 200
COUNT_CAP = 10_000

STATEMENT_TIMEOUT_MS = 5000

Key = tuple[datetime, str]


class TooWide(Exception):
    """The list was not found within 5 s: what it is narrowed by is rare, and no index knows it."""


@dataclass(frozen=True, kw_only=True)
class FeedbackFilter:
    """Narrows a list of scores or outcomes; empty or None does not. `until` is exclusive."""

    name: str = ""
    trace_id: str = ""
    span_id: str = ""  # scores only
    session_id: str = ""
    source: str = ""  # scores only
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShortScore:
    """A score as a row of a list shows it."""

    name: str
    data_type: str
    num: float | None
    label: str | None


def list_scores(
    project_id: int, wanted: FeedbackFilter, *, after: Key | None = None, limit: int
) -> list[Score]:
    """The newest scores that match, by time and id, below the key `after`. Raises: TooWide."""
    found = _narrowed(Score.objects.filter(project_id=project_id), wanted)
    if wanted.span_id:
        found = found.filter(span_id=wanted.span_id)
    if wanted.source:
        found = found.filter(source=wanted.source)
    return _within_time(_below(found, after)[:limit])


def list_outcomes(
    project_id: int, wanted: FeedbackFilter, *, after: Key | None = None, limit: int
) -> list[Outcome]:
    """The newest outcomes that match, by time and id, below the key `after`. Raises: TooWide."""
    found = _narrowed(Outcome.objects.filter(project_id=project_id), wanted)
    return _within_time(_below(found, after)[:limit])


def get_score(project_id: int, score_id: str) -> Score | None:
    """The score of that id, or None."""
    if "\0" in score_id:
        return None
    return Score.objects.filter(project_id=project_id, id=stored_id(score_id)).first()


def get_outcome(project_id: int, outcome_id: str) -> Outcome | None:
    """The outcome of that id, or None."""
    if "\0" in outcome_id:
        return None
    return Outcome.objects.filter(project_id=project_id, id=stored_id(outcome_id)).first()


def scores_of_trace(project_id: int, trace_id: str, session_id: str | None) -> list[Score]:
    """Scores of a trace, its spans and its session as a whole, by name, the newest first."""
    found = Score.objects.filter(_of_trace(trace_id, session_id), project_id=project_id)
    return list(found.order_by("name", "-at", "id")[:MOST_OF_A_TRACE])


def scores_of_spans(project_id: int, trace_id: str, names: Collection[str]) -> list[Score]:
    """Scores of these names on the spans of a trace, the newest first."""
    found = Score.objects.filter(
        project_id=project_id, trace_id=trace_id, name__in=names, span_id__isnull=False
    )
    return list(found.order_by("-at", "id")[:MOST_ON_SPANS])


def outcomes_of_trace(project_id: int, trace_id: str, session_id: str | None) -> list[Outcome]:
    """Outcomes of a trace and of its session as a whole, the newest first."""
    found = Outcome.objects.filter(_of_trace(trace_id, session_id), project_id=project_id)
    return list(found.order_by("-at", "id")[:MOST_OF_A_TRACE])


def scores_of_page(project_id: int, trace_ids: Sequence[str]) -> dict[str, list[ShortScore]]:
    """For each of these traces its newest score of each name, by name; one statement.

    A score of the whole trace stands before one of a span.
    """
    if not trace_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct on (trace_id, name) trace_id, name, data_type, num, label from score "
            "where project_id = %s and trace_id = any(%s) "
            "order by trace_id, name, (span_id is not null), at desc, id",
            [project_id, list(trace_ids)],
        )
        rows = cursor.fetchall()
    found: dict[str, list[ShortScore]] = {}
    for trace_id, *parts in rows:
        found.setdefault(trace_id, []).append(ShortScore(*parts))
    return found


def score_names(project_id: int) -> list[str]:
    """Names that scores of the project bear, by the alphabet, MOST_NAMES at most.

    Jumps from name to name in the index, so that millions of scores cost nothing.
    """
    return _names("score", project_id)


def outcome_names(project_id: int) -> list[str]:
    """The same for outcomes."""
    return _names("outcome", project_id)


def count_scores(project_id: int, names: Sequence[str], since: datetime) -> dict[str, int]:
    """Scores of each name since then; COUNT_CAP + 1 stands for more."""
    if not names:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select name, n from unnest(%s::text[]) as asked(name), lateral (select count(*) as n "
            "from (select from score where project_id = %s and score.name = asked.name "
            "and at >= %s limit %s) few) counted",
            [list(names), project_id, since, COUNT_CAP + 1],
        )
        return dict(cursor.fetchall())


def data_types(project_id: int, names: Sequence[str]) -> dict[str, str]:
    """The type that the newest score of each name has; absent where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select name, data_type from unnest(%s::text[]) as asked(name), lateral (select "
            "data_type from score where project_id = %s and score.name = asked.name "
            "order by at desc limit 1) newest",
            [list(names), project_id],
        )
        return {name: kind for name, kind in cursor.fetchall() if kind in DataType.values}


def _narrowed(found: QuerySet[Any], wanted: FeedbackFilter) -> QuerySet[Any]:
    for column in ("name", "trace_id", "session_id"):
        if value := getattr(wanted, column):
            found = found.filter(**{column: value})
    if wanted.since is not None:
        found = found.filter(at__gte=wanted.since)
    if wanted.until is not None:
        found = found.filter(at__lt=wanted.until)
    return found


def _below(found: QuerySet[Any], after: Key | None) -> QuerySet[Any]:
    """In the order of the index; the first condition is what the index can begin with."""
    if after is not None:
        found = found.filter(at__lte=after[0]).filter(Q(at__lt=after[0]) | Q(id__gt=after[1]))
    return found.order_by("-at", "id")


def _within_time(found: QuerySet[Any]) -> list[Any]:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "select set_config('statement_timeout', %s, true)", [str(STATEMENT_TIMEOUT_MS)]
            )
            return list(found)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooWide from None
        raise


def _of_trace(trace_id: str, session_id: str | None) -> Q:
    its_own = Q(trace_id=trace_id)
    return its_own | Q(trace_id="", session_id=session_id) if session_id else its_own


def _names(table: str, project_id: int) -> list[str]:
    statement = f"""
        with recursive names as (
          (select name from {table} where project_id = %s order by name limit 1)
          union all
          select (select name from {table} where project_id = %s and name > names.name
                  order by name limit 1)
          from names where names.name is not null
        )
        select name from names where name is not null limit %s
    """  # noqa: S608  (the table is ours)
    with connection.cursor() as cursor:
        cursor.execute(statement, [project_id, project_id, MOST_NAMES])
        return [name for (name,) in cursor.fetchall()]

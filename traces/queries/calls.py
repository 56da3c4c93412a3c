"""Calls of models as prices see them: which spans a price concerns, and which models are in use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg import errors

from pricing.card import CostSource
from pricing.recosting import Change, SeenModel, SeenModels

# The range of a question that must be answered while somebody waits, and what is tried when it
# takes too long.
WINDOWS = (timedelta(days=30), timedelta(days=7), timedelta(days=1))
STATEMENT_TIMEOUT_MS = 4000
MOST_MODELS = 500

# A price for a model concerns calls that were answered by it or asked for it, in any case.
_EXACT = "(lower(s.model) = %(name)s or lower(s.model_requested) = %(name)s)"
_BEGINNING = (
    "(starts_with(lower(s.model), %(name)s) or starts_with(lower(s.model_requested), %(name)s))"
)


def concerned(change: Change) -> tuple[str, dict[str, Any]]:
    """SQL that is true of the spans `s` of a change (of any provider), and its parameters."""
    is_beginning = change.pattern.endswith("*")
    sql = ["s.project_id = %(project)s", "s.counts", _BEGINNING if is_beginning else _EXACT]
    parameters: dict[str, Any] = {
        "project": change.project_id,
        "name": change.pattern[:-1] if is_beginning else change.pattern,
    }
    if change.since is not None:
        sql.append("s.start_time >= %(since)s")
        parameters["since"] = change.since
    if change.until is not None:
        sql.append("s.start_time < %(until)s")
        parameters["until"] = change.until
    return " and ".join(sql), parameters


def ask(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]] | None:
    """All rows; None where it takes longer than somebody would wait."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "select set_config('statement_timeout', %s, true)", [str(STATEMENT_TIMEOUT_MS)]
            )
            cursor.execute(sql, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
    except OperationalError as error:
        if isinstance(error.__cause__, errors.QueryCanceled):
            return None
        raise


def edges(project_id: int) -> tuple[datetime, datetime] | None:
    """The first and the last start of a project's spans; None where it has none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select min(start_time), max(start_time) from span where project_id = %s", [project_id]
        )
        first, last = cursor.fetchone()
    return None if first is None else (first, last)


_SEEN = f"""
select s.model, s.model_requested, s.provider, count(*),
  count(*) filter (where s.cost_nano is null and (s.level < 3 or coalesce(s.in_uncached,
    s.in_cached, s.in_cache_write, s.in_audio, s.out_text, s.out_reasoning, s.out_audio)
    is not null)),
  sum(s.cost_nano), max(s.start_time),
  array_agg(distinct s.cost_source) filter (where s.cost_source is not null)
from span s
where s.project_id = %(project)s and s.counts and s.start_time >= %(since)s
  and coalesce(s.model, s.model_requested) is not null
group by 1, 2, 3 order by 5 desc, 4 desc limit {MOST_MODELS}
"""  # noqa: S608


def models_seen(project_id: int) -> SeenModels:
    """The models of the last 30 days, those with unpriced calls first.

    Of fewer days where the project is so large that 30 take too long: `since` says so. A call that
    failed without any usage is not unpriced: there is nothing to price.
    """
    now = timezone.now()
    for window in WINDOWS:
        rows = ask(_SEEN, {"project": project_id, "since": now - window})
        if rows is not None:
            return SeenModels(now - window, [_seen(row) for row in rows])
    return SeenModels(now)


def _seen(row: tuple[Any, ...]) -> SeenModel:
    model, requested, provider, calls, unpriced, cost, last_at, sources = row
    return SeenModel(
        model or requested,
        requested if model is not None and requested != model else None,
        provider,
        calls,
        unpriced,
        None if cost is None else int(cost),
        last_at,
        frozenset(CostSource(source) for source in sources or ()),
    )


def slices(first: datetime, last: datetime, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """From the newest backwards: `(from, to)` of at most `step`, the first up to after `last`."""
    until = last + timedelta(microseconds=1)
    while until > first:
        since = max(first, until - step)
        yield since, until
        until = since

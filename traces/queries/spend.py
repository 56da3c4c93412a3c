"""Spend by user segment, key and route, from the roll-ups.

Bounds and environments as in `traces.queries.usage`. What names no segment, key or route is in
none of these; the rest is that of `usage`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from django.db import connection

from traces.queries.usage import Scope, environment_sql, hour_of
from traces.rollups.spend import KEYS, OTHER, SUMS, Payer

__all__ = ["OTHER", "Payer", "SpendFigures", "spend_figures"]
DAY = timedelta(days=1)
BY = (*KEYS[1:], "hour", "day")


@dataclass(frozen=True)
class SpendFigures:
    """Sums over calls that count once; of cost, those of evaluators apart. Nano-dollars."""

    key: tuple[Any, ...]
    calls: int
    errors: int
    unpriced: int  # calls whose cost is unknown
    tokens_in: int
    tokens_out: int
    cost_nano: int
    evaluator_nano: int


def spend_figures(scope: Scope, payer: Payer, by: Sequence[str] = ("value",)) -> list[SpendFigures]:
    """Sums by `by` (of BY) over the calls of `scope` that name a `payer`, the dearest first.

    `scope.equal` may name value, feature and model; a key's value is its id in digits. Raises:
    ValueError for another dimension.
    """
    if unknown := {*by, *scope.equal} - set(BY):
        raise ValueError(f"no such dimension: {', '.join(sorted(unknown))}")
    parts, parameters = _parts(scope, payer, by_hour="hour" in {*by, *scope.equal})
    listed = "".join(f"{name}, " for name in by)
    group = f"group by {', '.join(by)}" if by else ""
    totals = ", ".join(f"coalesce(sum({name}), 0) as {name}" for name in SUMS)
    something = " or ".join(f"sum({name}) <> 0" for name in SUMS)
    query = (
        f"select {listed}{totals} from ({parts}) r {group} having {something} "  # noqa: S608
        f"order by sum(cost_nano + evaluator_nano) desc{''.join(f', {name}' for name in by)}"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows = cursor.fetchall()
    first = len(by)
    return [SpendFigures(tuple(row[:first]), *(int(sum_) for sum_ in row[first:])) for row in rows]


def _parts(scope: Scope, payer: Payer, *, by_hour: bool) -> tuple[str, dict[str, Any]]:
    """SQL of the rows that make up a scope: whole days, and the hours at its edges."""
    since, until = hour_of(scope.since), scope.until.astimezone(UTC)
    parameters: dict[str, Any] = {
        "project": scope.project_id, "payer": int(payer), "since": since, "until": until,
    }  # fmt: skip
    where = ["project_id = %(project)s", "dimension = %(payer)s"]
    environment, given = environment_sql(scope, "environment")
    if environment:
        where.append(environment)
        parameters |= given
    for place, (name, value) in enumerate(scope.equal.items()):
        where.append(f"{name} = %(equal_{place})s")
        parameters[f"equal_{place}"] = value
    columns = ", ".join((*KEYS, *SUMS))
    same = " and ".join(where)
    hourly = (
        f"select * from (select {columns}, project_id, hour, "  # noqa: S608
        "(hour at time zone 'UTC')::date as day, fresh from spend_hour) h "
        f"where {same} and hour >= %(since)s and hour < %(until)s"
    )
    low = since.replace(hour=0)
    low = low if low == since else low + DAY
    high = until.replace(hour=0, minute=0, second=0, microsecond=0)
    if by_hour or low >= high:
        return hourly, parameters
    parameters |= {"low": low, "high": high, "low_day": low.date(), "high_day": high.date()}
    return (
        f"select {columns}, day from spend_day where {same} "  # noqa: S608
        "and day >= %(low_day)s and day < %(high_day)s "
        f"union all select {columns}, day from ({hourly}) e "
        "where fresh or hour < %(low)s or hour >= %(high)s"
    ), parameters

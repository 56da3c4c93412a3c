"""The few figures of the overview, from the rows of traces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from traces.models import Trace
from traces.queries.criteria import Criteria, matching
from traces.queries.lists import STATEMENT_TIMEOUT_MS

_STATEMENT = """
with hit as materialized (%s)
select count(*), count(*) filter (where error_count > 0),
  percentile_disc(0.95) within group (order by duration_us),
  sum(tokens_in + tokens_out) filter (where metered_count > 0),
  sum(cost_nano) filter (where call_count > unpriced_count),
  coalesce(sum(call_count), 0), coalesce(sum(metered_count), 0), coalesce(sum(unpriced_count), 0)
from hit
"""


@dataclass(frozen=True)
class TraceFigures:
    """Totals of the traces in a range; None is unknown, 0 is zero."""

    traces: int
    errors: int
    p95_duration_us: int | None
    tokens: int | None
    cost_nano: int | None
    calls: int
    metered: int
    unpriced: int


def figures(project_id: int, criteria: Criteria) -> TraceFigures:
    """Counts and sums of the traces that meet `criteria`."""
    columns = (
        "duration_us",
        "error_count",
        "tokens_in",
        "tokens_out",
        "cost_nano",
        "call_count",
        "metered_count",
        "unpriced_count",
    )
    inner, parameters = matching(project_id, criteria).values_list(*columns).query.sql_with_params()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select set_config('statement_timeout', %s, true)", [str(STATEMENT_TIMEOUT_MS)]
        )
        cursor.execute(_STATEMENT % inner, parameters)
        row = cursor.fetchone()
    traces, errors, p95, tokens, cost, calls, metered, unpriced = row
    return TraceFigures(
        traces,
        errors,
        p95,
        None if tokens is None else int(tokens),
        None if cost is None else int(cost),
        int(calls),
        int(metered),
        int(unpriced),
    )


def has_traces(project_id: int) -> bool:
    """Whether anything has arrived."""
    return Trace.objects.filter(project_id=project_id).exists()


def newest_trace_at(project_id: int) -> datetime | None:
    """When the newest trace began."""
    newest = Trace.objects.filter(project_id=project_id).order_by("-start_time")
    return newest.values_list("start_time", flat=True).first()

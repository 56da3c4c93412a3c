"""Costs of whole traces once more: for spans that arrived in parts, or count now and did not."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection, transaction

from pricing.project_table import ProjectTable
from traces.recosting.stored import CONTENT, STORED_COLUMNS, read
from traces.recosting.walk import change_costs

_OF_TRACES = f"""
select {STORED_COLUMNS} from trace t
join span s on s.project_id = t.project_id and s.trace_id = t.trace_id
  and s.start_time between t.start_time and t.end_time
{CONTENT}
where t.project_id = %s and t.trace_id = any(%s) and s.counts
order by s.project_id, s.trace_id, s.span_id for update of s
"""  # noqa: S608


@transaction.atomic
def recost_traces(project_id: int, trace_ids: Collection[str], table: ProjectTable) -> int:
    """Price the counting calls of these traces by what is stored of them; how many changed.

    A call may arrive in parts, the model in one and the tokens in another: neither part can be
    priced, both together can. May run beside writers, and any number of times.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OF_TRACES, [project_id, sorted(trace_ids)])
        found = [read(row, table) for row in cursor.fetchall()]
        differing = [stored for stored, differs in found if differs]
        return change_costs(cursor, project_id, differing).changed

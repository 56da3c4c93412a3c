"""What was asked and answered in many traces at once: of their roots, else the previews."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from traces.ingest.canonical.represent import read_content
from traces.models import SpanContent, Trace
from traces.queries.arms import NOT_TRAFFIC
from traces.queries.detail import document_of

AT_ONCE = 200  # traces whose content is opened by one statement


def traces_of_days(
    project_id: int, feature: str, since: datetime, until: datetime, most: int
) -> list[tuple[str, datetime]]:
    """(id, start) of at most `most` live traces of a feature, drawn by a hash of the id: the same
    ones at every look. The oldest first."""
    return _ids(project_id, feature, since, until, most, "md5(trace_id), trace_id")


def newest_traces(
    project_id: int, feature: str, since: datetime, until: datetime, most: int
) -> list[tuple[str, datetime]]:
    """The same, but the newest of them."""
    return _ids(project_id, feature, since, until, most, "start_time desc, trace_id")


def _ids(
    project_id: int, feature: str, since: datetime, until: datetime, most: int, order: str
) -> list[tuple[str, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select trace_id, start_time from trace where project_id = %s and feature = %s
              and start_time >= %s and start_time < %s
              and (environment is null or environment <> all(%s))
            order by {order} limit %s""",  # noqa: S608  (ours)
            [project_id, feature, since, until, list(NOT_TRAFFIC), most],
        )
        return sorted(cursor.fetchall(), key=lambda row: (row[1], row[0]))


def said_in(project_id: int, trace_ids: Sequence[str]) -> dict[str, tuple[Any, Any]]:
    """Trace id -> input and output, of those that are there. Two statements for each AT_ONCE."""
    found: dict[str, tuple[Any, Any]] = {}
    for at in range(0, len(trace_ids), AT_ONCE):
        found |= _said(project_id, list(trace_ids[at : at + AT_ONCE]))
    return found


def _said(project_id: int, trace_ids: list[str]) -> dict[str, tuple[Any, Any]]:
    traces = list(Trace.objects.filter(project_id=project_id, trace_id__in=trace_ids))
    roots = {one.trace_id: one.root_span_id for one in traces if one.root_span_id}
    contents: dict[str, dict[str, Any]] = {}
    if roots:
        rows = SpanContent.objects.filter(
            project_id=project_id,
            trace_id__in=list(roots),
            span_id__in=list(set(roots.values())),
            start_time__gte=min(one.start_time for one in traces),
            start_time__lte=max(one.end_time for one in traces),
        ).values_list("trace_id", "span_id", "body")
        for trace_id, span_id, body in rows:
            if roots[trace_id] == span_id:
                contents[trace_id] = read_content(document_of(body, ()))
    return {
        one.trace_id: (
            contents.get(one.trace_id, {}).get("input", one.input_preview),
            contents.get(one.trace_id, {}).get("output", one.output_preview),
        )
        for one in traces
    }

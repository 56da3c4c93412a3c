"""Traces, sessions and users whose id begins with a text: a few of each, each an index look-up."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from traces.models import Trace

MOST = 4
LONGEST_ID = 200
RECENT = timedelta(days=400)


def traces_named(project_id: int, text: str) -> list[tuple[str, str, datetime]]:
    """Id, name and start of traces whose id begins so."""
    found = Trace.objects.filter(project_id=project_id, **_begins("trace_id", text))
    rows = found.order_by("trace_id").values_list("trace_id", "name", "start_time")[:MOST]
    return [(trace_id, name or trace_id, start) for trace_id, name, start in rows]


def values_named(project_id: int, column: str, text: str) -> list[str]:
    """Values of `session_id` or `user_id` that begin so; a step through the index for each."""
    found: list[str] = []
    bounds = _begins(column, text)
    while len(found) < MOST:
        rows = Trace.objects.filter(project_id=project_id, **bounds).order_by(F(column).asc())
        if found:
            rows = rows.filter(**{f"{column}__gt": found[-1]})
        value = rows.values_list(column, flat=True).first()
        if value is None:
            break
        found.append(value)
    return found


def _begins(column: str, text: str) -> dict[str, str]:
    """Bounds that the index of the column, in the order of code points, can answer."""
    return {f"{column}__gte": text, f"{column}__lt": text + "\U0010ffff"}

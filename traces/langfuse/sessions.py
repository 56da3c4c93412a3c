"""Reading sessions: the list by pages, one with its traces."""

from __future__ import annotations

from typing import Any

from traces.langfuse import traces
from traces.langfuse.envelope import ApiError, Call
from traces.langfuse.moments import iso_text
from traces.langfuse.parameters import MOST_LIMIT, Parameters
from traces.langfuse.projects import project_id_text
from traces.langfuse.shapes import DEFAULT_ENVIRONMENT
from traces.queries import langfuse_reads as reads


def listed(call: Call) -> dict[str, Any]:
    """A page of sessions, the newest first."""
    parameters = Parameters(call.request.GET)
    found = reads.sessions(
        call.project_id,
        since=parameters.time("fromTimestamp"),
        until=parameters.time("toTimestamp"),
        environments=parameters.listed("environment"),
    )
    page = parameters.page()
    data = [
        {
            "id": row["session_id"],
            "createdAt": iso_text(row["created"]),
            "projectId": project_id_text(call.project_id),
            "environment": row["first_environment"] or DEFAULT_ENVIRONMENT,
        }
        for row in found[page.first : page.first + page.limit]
    ]
    return page.of(data, found.count())


def one(call: Call, session_id: str) -> dict[str, Any]:
    """A session with its first thousand traces by time. Raises: ApiError 404."""
    found = reads.traces(call.project_id).filter(session_id=session_id)
    rows = list(found.order_by("start_time", "trace_id")[:MOST_LIMIT])
    if not rows:
        raise ApiError(404, f"This project has no session {session_id[:200]!r}.")
    its_environment = next((row.environment for row in rows if row.environment), None)
    return {
        "id": session_id,
        "createdAt": iso_text(rows[0].start_time),
        "projectId": project_id_text(call.project_id),
        "environment": its_environment or DEFAULT_ENVIRONMENT,
        "traces": traces.documents(call.project_id, rows, frozenset({"io", "metrics"})),
    }

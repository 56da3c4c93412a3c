"""A score as the versions of Langfuse's API write it."""

from __future__ import annotations

from typing import Any

from traces.feedback.langfuse_scores import SOURCES
from traces.langfuse.moments import iso_text
from traces.langfuse.projects import project_id_text
from traces.models import DataType, Score, ScoreSource, Trace

GROUPS = frozenset({"core", "details", "subject", "annotation"})
WORDS = {"true": 1.0, "false": 0.0}
DEFAULT_ENVIRONMENT = "default"
_TYPES = {
    DataType.NUMBER.value: "NUMERIC",
    DataType.BOOLEAN.value: "BOOLEAN",
    DataType.CATEGORY.value: "CATEGORICAL",
}
# Langfuse has no word for what users say; it comes in by the API there.
_SOURCES = {ours: theirs for theirs, ours in SOURCES.items()} | {ScoreSource.USER.value: "API"}
_QUEUE = "langfuse.queueId"


def _shared(score: Score, project_id: int) -> dict[str, Any]:
    metadata = dict(score.metadata or {})
    queue = metadata.pop(_QUEUE, None)
    return {
        "id": score.id,
        "projectId": project_id_text(project_id),
        "name": score.name,
        "dataType": _TYPES[score.data_type],
        "source": _SOURCES[score.source],
        "timestamp": iso_text(score.at),
        "environment": score.environment or DEFAULT_ENVIRONMENT,
        "createdAt": iso_text(score.created_at),
        "updatedAt": iso_text(score.updated_at),
        "comment": score.comment,
        "configId": score.config_id,
        "metadata": metadata,
        "authorUserId": score.author if score.source == ScoreSource.HUMAN else None,
        "queueId": queue,
    }


def score_document(score: Score, project_id: int) -> dict[str, Any]:
    """The shape of v1 and v2: the value is always a number, and has its word beside it."""
    document = _shared(score, project_id) | {
        "traceId": score.trace_id or None,
        "observationId": score.span_id,
        "sessionId": score.session_id,
        "datasetRunId": score.run_id,
        "value": score.num or 0.0,
    }
    if score.data_type == DataType.CATEGORY:
        document["stringValue"] = score.label or ""
    elif score.data_type == DataType.BOOLEAN:
        document["stringValue"] = "True" if score.num else "False"
    return document


def trace_of_score(trace: Trace | None) -> dict[str, Any]:
    """What lists say of the trace a score hangs on; empty where it has not arrived."""
    if trace is None:
        return {}
    return {
        "userId": trace.user_id,
        "sessionId": trace.session_id,
        "tags": [facet[2:] for facet in trace.facets if facet.startswith("t:")],
        "environment": trace.environment or DEFAULT_ENVIRONMENT,
    }


def score_document_v3(score: Score, project_id: int) -> dict[str, Any]:
    """The shape of v3: the value is what its type says, and the subject is named."""
    value: Any = score.num
    if score.data_type == DataType.CATEGORY:
        value = score.label or ""
    elif score.data_type == DataType.BOOLEAN:
        value = bool(score.num)
    return _shared(score, project_id) | {"value": value, "subject": _subject(score)}


def _subject(score: Score) -> dict[str, Any] | None:
    if score.span_id:
        return {"kind": "observation", "id": score.span_id, "traceId": score.trace_id}
    for kind, its_id in (
        ("trace", score.trace_id),
        ("session", score.session_id),
        ("experiment", score.run_id),
    ):
        if its_id:
            return {"kind": kind, "id": its_id}
    return None

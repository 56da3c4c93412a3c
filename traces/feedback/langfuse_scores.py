"""Scores as Langfuse's SDKs write them: one body, read the same by every address that takes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from traces.feedback.given import GivenScore
from traces.models import DataType, ScoreSource

# Langfuse's words and ours. CORRECTION and TEXT are texts, and are kept as categories.
TYPES = {
    "NUMERIC": DataType.NUMBER.value,
    "BOOLEAN": DataType.BOOLEAN.value,
    "CATEGORICAL": DataType.CATEGORY.value,
    "TEXT": DataType.CATEGORY.value,
    "CORRECTION": DataType.CATEGORY.value,
}
SOURCES = {
    "API": ScoreSource.CODE.value,
    "EVAL": ScoreSource.JUDGE.value,
    "ANNOTATION": ScoreSource.HUMAN.value,
}
_TEXTS = {
    "id": "id",
    "traceId": "trace_id",
    "observationId": "span_id",
    "sessionId": "session_id",
    "datasetRunId": "run_id",
    "comment": "comment",
    "environment": "environment",
    "configId": "config_id",
}


class BadScore(ValueError):
    """A body that is no score; the text is for the sender."""


def read_score(body: Any) -> GivenScore:
    """The score in a body. Unknown fields are passed over. Raises: BadScore."""
    if not isinstance(body, dict):
        raise BadScore("A score is an object with name and value.")
    name, value = body.get("name"), body.get("value")
    if not isinstance(name, str):
        raise BadScore("name: A name is needed.")
    if not isinstance(value, bool | int | float | str):
        raise BadScore("value: Must be a number or text.")
    score = GivenScore(name, value, data_type=_word(body, "dataType", TYPES))
    score.source = _word(body, "source", SOURCES) or score.source
    for sent, field in _TEXTS.items():
        if (text := body.get(sent)) is None:
            continue
        if not isinstance(text, str):
            raise BadScore(f"{sent}: Must be text.")
        setattr(score, field, text)
    if score.data_type == DataType.BOOLEAN and isinstance(value, str):
        score.value = {"true": True, "false": False}.get(value.lower(), value)
    score.metadata = _metadata(body)
    score.at = _time(body.get("timestamp"))
    return score


def _word(body: dict[str, Any], name: str, words: dict[str, str]) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or value.upper() not in words:
        raise BadScore(f"{name}: Must be one of {', '.join(words)}.")
    return words[value.upper()]


def _metadata(body: dict[str, Any]) -> dict[str, Any] | None:
    """The metadata, and the annotation queue, for which there is no column."""
    metadata = body.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        metadata = {"metadata": metadata}
    if isinstance(queue := body.get("queueId"), str):
        metadata = {**(metadata or {}), "langfuse.queueId": queue}
    return metadata


def _time(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadScore("timestamp: Must be a time in ISO 8601.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)

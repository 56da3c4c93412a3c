"""Traces, observations and scores of Langfuse's API as the events and bodies its SDKs send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from traces.feedback.given import GivenScore
from traces.feedback.langfuse_scores import read_score
from traces.models import ScoreSource

Document = dict[str, Any]

DEFAULT_ENVIRONMENT = "default"  # what Langfuse says where none was given
_TRACE = ("name", "userId", "sessionId", "release", "version", "public", "tags", "metadata",
          "input", "output")  # fmt: skip
_OBSERVATION = ("name", "startTime", "endTime", "completionStartTime", "parentObservationId",
                "level", "statusMessage", "version", "input", "output", "metadata", "model",
                "modelParameters", "promptName", "promptVersion")  # fmt: skip
_TRACE_CONTEXT = ("userId", "sessionId", "release", "tags")
_FEATURE = "roadworthy.feature"  # as a key of the metadata: the dialect takes it from there
_COSTS = {
    "input": ("calculatedInputCost", "inputCost"),
    "output": ("calculatedOutputCost", "outputCost"),
    "total": ("calculatedTotalCost", "totalCost"),
}


def event(kind: str, body: Document, said: Any) -> Document:
    """An event of an ingestion batch, said at `said`."""
    return {"id": f"{kind} {body.get('id')}", "type": kind, "timestamp": said, "body": body}


def trace_event(trace: Mapping[str, Any]) -> Document:
    """A trace of the list as it was created."""
    body = _some(trace, _TRACE)
    body |= {"id": trace.get("id"), "timestamp": trace.get("timestamp")}
    if not body.get("public"):
        body.pop("public", None)
    _environment(trace, body)
    return event("trace-create", body, trace.get("updatedAt") or trace.get("timestamp"))


def observation_event(row: Mapping[str, Any], feature: str = "") -> Document:
    """An observation of either version of the API as it was created.

    `feature` is that of observations that name none.
    """
    body = _some(row, (*_OBSERVATION, *_TRACE_CONTEXT))
    _name_feature(body, feature)
    body |= {"id": row.get("id"), "traceId": row.get("traceId") or row.get("id")}
    body["type"] = row.get("type") or "SPAN"
    body["model"] = row.get("model") or row.get("providedModelName")
    _environment(row, body)
    if usage := _usage(row):
        body["usageDetails"] = usage
    if costs := _costs(row):
        body["costDetails"] = costs
    said = row.get("updatedAt") or row.get("endTime") or row.get("startTime")
    return event("observation-create", body, said)


def observation_event_v2(row: Mapping[str, Any], feature: str = "") -> Document:
    """The same from v2, where input and output are text."""
    read = {**row, "input": _parsed(row.get("input")), "output": _parsed(row.get("output"))}
    return observation_event(read, feature)


def trace_event_v2(row: Mapping[str, Any]) -> Document | None:
    """What the root of a trace says of it; None for any other row."""
    is_root = row.get("isRootObservation")
    if not (row.get("parentObservationId") is None if is_root is None else is_root):
        return None
    body = _some(row, (*_TRACE_CONTEXT, "version"))
    if name := row.get("traceName"):
        body["name"] = name
    body |= {"id": row.get("traceId"), "timestamp": row.get("startTime")}
    _environment(row, body)
    return event("trace-create", body, row.get("updatedAt") or row.get("startTime"))


def _some(given: Mapping[str, Any], names: tuple[str, ...]) -> Document:
    """The fields that say something."""
    found = {name: given.get(name) for name in names}
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def _name_feature(body: Document, feature: str) -> None:
    """Say the feature where the application said it of itself: Langfuse keeps that as metadata."""
    metadata = body.get("metadata")
    if isinstance(metadata, dict) and metadata.get(_FEATURE):
        return
    resource = metadata.get("resourceAttributes") if isinstance(metadata, dict) else None
    said = resource if isinstance(resource, dict) else {}
    if found := said.get(_FEATURE) or said.get("service.name") or feature:
        whole = metadata if isinstance(metadata, dict) else {}
        if metadata is not None and not isinstance(metadata, dict):
            whole = {"metadata": metadata}
        body["metadata"] = {**whole, _FEATURE: found}


def _environment(given: Mapping[str, Any], body: Document) -> None:
    if (environment := given.get("environment")) and environment != DEFAULT_ENVIRONMENT:
        body["environment"] = environment


def _parsed(value: Any) -> Any:
    """What a text of v2 was: objects and lists were turned into JSON there, texts were not."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def _usage(row: Mapping[str, Any]) -> Document:
    """Tokens by class; servers before `usageDetails` say 0 where they know nothing."""
    details = row.get("usageDetails")
    if isinstance(details, dict):
        return {name: count for name, count in details.items() if count is not None}
    usage = row.get("usage")
    if not isinstance(usage, dict) or usage.get("unit") not in (None, "TOKENS"):
        return {}
    found = {name: usage.get(name) for name in ("input", "output", "total")}
    return {n: c for n, c in found.items() if c is not None} if any(found.values()) else {}


def _costs(row: Mapping[str, Any]) -> Document:
    """The cost in USD as Langfuse has it, given by the sender or computed there; {} where 0."""
    details = row.get("costDetails")
    usage = row.get("usage") if isinstance(row.get("usage"), dict) else None
    found: Document = {}
    if isinstance(details, dict) and details:
        found = {name: cost for name, cost in details.items() if cost is not None}
    else:
        for name, (calculated, given) in _COSTS.items():
            cost = row.get(calculated) or (usage or {}).get(given)
            if cost:
                found[name] = cost
    if row.get("totalCost") and "total" not in found:
        found["total"] = row["totalCost"]
    return found if any(found.values()) else {}


# --- scores ---------------------------------------------------------------------------------
def score_of(row: Mapping[str, Any]) -> GivenScore:
    """A score of any version of the API. Raises: BadScore."""
    body = dict(row)
    subject = body.pop("subject", None)
    if isinstance(subject, dict):
        its_id = subject.get("id")
        match subject.get("kind"):
            case "observation":
                body |= {"observationId": its_id, "traceId": subject.get("traceId")}
            case "session":
                body["sessionId"] = its_id
            case "experiment":
                body["datasetRunId"] = its_id
            case _:
                body["traceId"] = its_id
    kind = str(body.get("dataType") or "")
    if kind in ("CATEGORICAL", "TEXT", "CORRECTION"):
        text = body.get("stringValue")
        body["value"] = body.get("value") if text is None else text
    elif kind == "BOOLEAN" and not isinstance(body.get("value"), str):
        body["value"] = bool(body.get("value"))
    if body.get("environment") == DEFAULT_ENVIRONMENT:
        body["environment"] = None
    if body.get("metadata") == {}:
        body["metadata"] = None
    score = read_score(body)
    if score.source == ScoreSource.HUMAN and isinstance(author := body.get("authorUserId"), str):
        score.author = author
    return score

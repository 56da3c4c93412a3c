"""Reading observations: by pages with everything (v1), by cursor and groups of fields (v2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from kit.paging import BadCursor, decode_cursor, encode_cursor
from traces.ingest.canonical.source_text import as_text
from traces.langfuse.envelope import ApiError, Call
from traces.langfuse.filters import KIND_NUMBERS, LEVEL_NUMBERS, OBSERVATION_COLUMNS, conditions
from traces.langfuse.parameters import Parameters
from traces.langfuse.shapes import observation_document
from traces.models import Span
from traces.queries import langfuse_reads as reads

# Fields of v2 by group; the core is always there.
CORE = ("id", "traceId", "startTime", "endTime", "projectId", "parentObservationId", "type",
        "isRootObservation")  # fmt: skip
GROUPS = {
    "core": CORE,
    "basic": ("name", "level", "statusMessage", "version", "environment", "bookmarked", "public",
              "userId", "sessionId"),
    "time": ("completionStartTime", "createdAt", "updatedAt"),
    "io": ("input", "output"),
    "metadata": ("metadata",),
    "model": ("model", "providedModelName", "internalModelId", "modelParameters"),
    "usage": ("usageDetails", "costDetails", "totalCost"),
    "prompt": ("promptId", "promptName", "promptVersion"),
    "metrics": ("latency", "timeToFirstToken"),
    "trace_context": ("tags", "release", "traceName"),
}  # fmt: skip
_DEFAULT_GROUPS = ("core", "basic")
_LONGEST_METADATA = 200  # characters of a value, unless expanded


def listed(call: Call) -> dict[str, Any]:
    """A page of observations, newest first."""
    parameters = Parameters(call.request.GET)
    found = _narrowed(call.project_id, parameters)
    page = parameters.page()
    rows = list(_newest_first(found)[page.first : page.first + page.limit])
    return page.of(_documents(call.project_id, rows), found.count())


def one(call: Call, observation_id: str) -> dict[str, Any]:
    """One observation; of several traces with such an id the newest. Raises: ApiError 404."""
    found = reads.spans(call.project_id).filter(span_id=observation_id)
    span = _newest_first(found).first()
    if span is None:
        raise ApiError(404, f"This project has no observation {observation_id[:200]!r}.")
    return _documents(call.project_id, [span])[0]


def listed_v2(call: Call) -> dict[str, Any]:
    """A page by cursor, newest first, with the groups of fields asked for."""
    parameters = Parameters(call.request.GET)
    if parameters.flag("parseIoAsJson"):
        raise ApiError(400, "parseIoAsJson: Input and output are always text here.")
    groups = parameters.listed("fields") or list(_DEFAULT_GROUPS)
    if unknown := set(groups) - GROUPS.keys():
        raise ApiError(400, f"fields: There is no group {sorted(unknown)[0]!r}.")
    names = {*CORE, *(name for group in groups for name in GROUPS[group])}
    found = _narrowed(call.project_id, parameters)
    if cursor := parameters.text("cursor"):
        found = found.filter(_below(cursor))
    limit = parameters.integer("limit", 50, least=1, most=1000)
    rows = list(_newest_first(found)[: limit + 1])
    meta: dict[str, Any] = {}
    if len(rows) > limit:
        rows = rows[:limit]
        last = rows[-1]
        meta["cursor"] = encode_cursor(last.start_time.isoformat(), last.trace_id, last.span_id)
    expanded = parameters.listed("expandMetadata")
    data = [_short(document, names, expanded) for document in _documents(call.project_id, rows)]
    return {"data": data, "meta": meta}


def _documents(project_id: int, rows: Sequence[Span]) -> list[dict[str, Any]]:
    if not rows:
        return []
    starts = [span.start_time for span in rows]
    places = [(span.trace_id, span.span_id) for span in rows]
    contents = reads.contents(project_id, places, min(starts), max(starts))
    return [
        observation_document(span, contents.get(place))
        for span, place in zip(rows, places, strict=True)
    ]


def _short(document: dict[str, Any], names: set[str], expanded: list[str]) -> dict[str, Any]:
    """The fields asked for; input and output as text, long metadata cut unless it is expanded."""
    kept = {name: value for name, value in document.items() if name in names}
    for name in ("input", "output"):
        if name in kept:
            kept[name] = as_text(kept[name])
    if isinstance(metadata := kept.get("metadata"), dict):
        kept["metadata"] = {
            key: value[:_LONGEST_METADATA]
            if isinstance(value, str) and key not in expanded
            else value
            for key, value in metadata.items()
        }
    return kept


def _narrowed(project_id: int, parameters: Parameters) -> QuerySet[Span]:
    found = reads.spans(project_id)
    if sent := parameters.text("filter"):  # it takes the place of all others
        return found.filter(conditions(sent, OBSERVATION_COLUMNS))
    parameters.refuse("version")
    for name, column in (
        ("name", "name"),
        ("userId", "user_id"),
        ("sessionId", "session_id"),
        ("traceId", "trace_id"),
    ):
        if value := parameters.text(name):
            found = found.filter(**{column: value})
    if parameters.given("parentObservationId"):
        parent = parameters.text("parentObservationId")
        found = found.filter(parent_span_id=parent or None)
    if (is_root := parameters.flag("isRootObservation")) is not None:
        found = found.filter(parent_span_id__isnull=is_root)
    if word := parameters.text("type"):
        found = found.filter(kind=KIND_NUMBERS.get(word.upper(), -1))
    if word := parameters.text("level"):
        found = found.filter(level=LEVEL_NUMBERS.get(word.upper(), -1))
    if environments := parameters.listed("environment"):
        found = found.filter(reads.in_environments(environments))
    if (since := parameters.time("fromStartTime")) is not None:
        found = found.filter(start_time__gte=since)
    if (until := parameters.time("toStartTime")) is not None:
        found = found.filter(start_time__lt=until)
    return found


def _newest_first(found: QuerySet[Span]) -> QuerySet[Span]:
    return found.order_by("-start_time", "trace_id", "span_id")


def _below(cursor: str) -> Q:
    try:
        start, trace_id, span_id = decode_cursor(cursor, parts=3)
        at = datetime.fromisoformat(start)
    except (BadCursor, TypeError, ValueError):
        raise ApiError(400, "cursor: This list did not give it out.") from None
    ids = (trace_id, span_id)
    if at.tzinfo is None or not all(isinstance(one, str) and "\0" not in one for one in ids):
        raise ApiError(400, "cursor: This list did not give it out.")
    return Q(start_time__lt=at) | Q(start_time=at) & (
        Q(trace_id__gt=trace_id) | Q(trace_id=trace_id, span_id__gt=span_id)
    )

"""Reading traces: the list by pages, one with all that belongs to it."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet

from traces.ingest.record import TRACE_FACTS
from traces.langfuse.envelope import ApiError, Call
from traces.langfuse.filters import TRACE_COLUMNS, conditions
from traces.langfuse.parameters import Parameters
from traces.langfuse.score_shapes import score_document
from traces.langfuse.shapes import observation_document, trace_document
from traces.models import Trace
from traces.queries import detail
from traces.queries import langfuse_reads as reads
from traces.queries.summaries import summary_of

GROUPS = frozenset({"core", "io", "scores", "observations", "metrics"})
_ORDERS = {
    "id": "trace_id",
    "timestamp": "start_time",
    "name": "name",
    "userId": "user_id",
    "sessionId": "session_id",
    "release": "release",
    "environment": "environment",
    "latency": "duration_us",
    "totalCost": "cost_nano",
}
_EXCLUDED = -1  # what the API says of figures that were not asked for


def listed(call: Call) -> dict[str, Any]:
    """A page of traces, newest first unless `orderBy` says otherwise."""
    parameters = Parameters(call.request.GET)
    found = _narrowed(call.project_id, parameters)
    groups = _groups(parameters)
    page = parameters.page()
    rows = list(_ordered(found, parameters)[page.first : page.first + page.limit])
    return page.of(documents(call.project_id, rows, groups), found.count())


def one(call: Call, trace_id: str) -> dict[str, Any]:
    """A trace with its observations and scores. Raises: ApiError 404."""
    trace = reads.traces(call.project_id).filter(trace_id=trace_id).first()
    if trace is None:
        raise ApiError(404, f"This project has no trace {trace_id[:200]!r}.")
    groups = _groups(Parameters(call.request.GET))
    [document] = documents(call.project_id, [trace], groups - {"scores", "observations"})
    if "observations" in groups:
        whole = summary_of(trace)
        contents = dict(detail.contents_of(call.project_id, whole)) if "io" in groups else {}
        document["observations"] = [
            observation_document(span, contents.get(span.span_id))
            for span in detail.list_spans(call.project_id, whole)
        ]
    if "scores" in groups:
        scores = reads.scores(call.project_id, [trace_id])[trace_id]
        document["scores"] = [score_document(score, call.project_id) for score in scores]
    return document


def documents(
    project_id: int, rows: list[Trace], groups: frozenset[str] = GROUPS
) -> list[dict[str, Any]]:
    """Traces in the shape of the list, with the ids of what belongs to them."""
    ids = [trace.trace_id for trace in rows]
    contents = reads.of_traces(project_id, rows) if "io" in groups else {}
    spans = reads.span_ids(project_id, rows) if "observations" in groups else {}
    scores = reads.scores(project_id, ids) if "scores" in groups else {}
    found = []
    for trace in rows:
        its_id = trace.trace_id
        document = trace_document(
            trace,
            contents.get((its_id, TRACE_FACTS)),
            contents.get((its_id, trace.root_span_id or "")),
        )
        document["observations"] = spans.get(its_id, [])
        document["scores"] = [score.id for score in scores.get(its_id, [])]
        if "metrics" not in groups:
            document |= {"latency": _EXCLUDED, "totalCost": _EXCLUDED}
        found.append(document)
    return found


def _groups(parameters: Parameters) -> frozenset[str]:
    given = frozenset(parameters.listed("fields"))
    if unknown := given - GROUPS:
        raise ApiError(400, f"fields: There is no group {sorted(unknown)[0]!r}.")
    return given or GROUPS


def _narrowed(project_id: int, parameters: Parameters) -> QuerySet[Trace]:
    parameters.refuse("version")
    found = reads.traces(project_id)
    if sent := parameters.text("filter"):
        found = found.filter(conditions(sent, TRACE_COLUMNS))
    for name, column in (
        ("userId", "user_id"),
        ("name", "name"),
        ("sessionId", "session_id"),
        ("release", "release"),
    ):
        if value := parameters.text(name):
            found = found.filter(**{column: value})
    if environments := parameters.listed("environment"):
        found = found.filter(reads.in_environments(environments))
    if tags := parameters.listed("tags"):
        found = found.filter(facets__contains=[f"t:{tag}" for tag in tags])
    if (since := parameters.time("fromTimestamp")) is not None:
        found = found.filter(start_time__gte=since)
    if (until := parameters.time("toTimestamp")) is not None:
        found = found.filter(start_time__lt=until)
    return found


def _ordered(found: QuerySet[Trace], parameters: Parameters) -> QuerySet[Trace]:
    column, _, way = (parameters.text("orderBy") or "timestamp.desc").partition(".")
    if column not in _ORDERS or way.lower() not in ("asc", "desc"):
        raise ApiError(400, f"orderBy: Must be one of {', '.join(_ORDERS)} with .asc or .desc.")
    field = F(_ORDERS[column])
    down = way.lower() == "desc"
    first = field.desc(nulls_last=True) if down else field.asc(nulls_last=True)
    if _ORDERS[column] == "start_time":  # never null: as the index has it
        first = field.desc() if down else field.asc()
    return found.order_by(first, "-trace_id" if down else "trace_id")

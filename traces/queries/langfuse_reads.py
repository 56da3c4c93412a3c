"""Traces, observations and sessions by pages, with the contents that a page shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Min, Q, QuerySet

from traces.ingest.record import TRACE_FACTS
from traces.ingest.writer.merge import unpack
from traces.models import Score, Span, SpanContent, Trace

SpanPlace = tuple[str, str]  # trace, span
Document = dict[str, Any]
DEFAULT_ENVIRONMENT = "default"


def traces(project_id: int) -> QuerySet[Trace]:
    """All traces of a project, those of experiments too."""
    return Trace.objects.filter(project_id=project_id)


def spans(project_id: int) -> QuerySet[Span]:
    """All spans of a project; what is said of traces themselves is none."""
    return Span.objects.filter(project_id=project_id).exclude(span_id=TRACE_FACTS)


def in_environments(names: Sequence[str]) -> Q:
    """Any of these environments; a row without one is in `default`."""
    among = Q(environment__in=list(names))
    return among | Q(environment=None) if DEFAULT_ENVIRONMENT in names else among


def contents(
    project_id: int, places: Iterable[SpanPlace], first: datetime, last: datetime
) -> dict[SpanPlace, Document]:
    """The stored documents of these spans, which start from `first` to `last`."""
    wanted = set(places)
    if not wanted:
        return {}
    rows = SpanContent.objects.filter(
        project_id=project_id,
        trace_id__in={trace_id for trace_id, _ in wanted},
        span_id__in={span_id for _, span_id in wanted},
        start_time__gte=first,
        start_time__lte=last,
    ).values_list("trace_id", "span_id", "body")
    return {
        (trace_id, span_id): orjson.loads(unpack(bytes(body)))
        for trace_id, span_id, body in rows
        if (trace_id, span_id) in wanted
    }


def of_traces(project_id: int, page: Sequence[Trace]) -> dict[SpanPlace, Document]:
    """What is said of these traces, and the contents of their roots."""
    if not page:
        return {}
    places = [(trace.trace_id, TRACE_FACTS) for trace in page]
    places += [(trace.trace_id, trace.root_span_id) for trace in page if trace.root_span_id]
    first = min(trace.start_time for trace in page)
    return contents(project_id, places, first, max(trace.end_time for trace in page))


def span_ids(project_id: int, page: Sequence[Trace]) -> dict[str, list[str]]:
    """The ids of the spans of these traces by start."""
    if not page:
        return {}
    found: dict[str, list[str]] = {trace.trace_id: [] for trace in page}
    rows = spans(project_id).filter(
        trace_id__in=list(found),
        start_time__gte=min(trace.start_time for trace in page),
        start_time__lte=max(trace.end_time for trace in page),
    )
    for trace_id, span_id in rows.order_by("start_time").values_list("trace_id", "span_id"):
        found[trace_id].append(span_id)
    return found


def scores(project_id: int, trace_ids: Sequence[str]) -> dict[str, list[Score]]:
    """The scores of these traces by time."""
    found: dict[str, list[Score]] = {trace_id: [] for trace_id in trace_ids}
    rows = Score.objects.filter(project_id=project_id, trace_id__in=list(found))
    for score in rows.order_by("at", "id"):
        found[score.trace_id].append(score)
    return found


def sessions(
    project_id: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    environments: Sequence[str] = (),
) -> QuerySet[Any, Any]:
    """Sessions as `{"session_id", "created", "environment"}`, the newest first."""
    found = traces(project_id).exclude(session_id=None)
    if environments:
        found = found.filter(in_environments(environments))
    grouped = found.values("session_id").annotate(
        created=Min("start_time"), first_environment=Min("environment")
    )
    if since is not None:
        grouped = grouped.filter(created__gte=since)
    if until is not None:
        grouped = grouped.filter(created__lt=until)
    return grouped.order_by("-created", "session_id")

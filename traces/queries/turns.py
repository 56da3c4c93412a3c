"""The turns of a session: its traces by time, what was said in them, which tools they called."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Q

from traces.ingest.canonical.represent import read_content
from traces.ingest.record import TRACE_FACTS, Kind, Level
from traces.ingest.writer.merge import unpack
from traces.models import Outcome, Score, Span, SpanContent, Trace
from traces.queries.summaries import COLUMNS, TraceSummary, summary

MOST_STEPS = 2000  # calls and tools of one page
MOST_FEEDBACK = 500

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A call of a model or a tool within a turn."""

    trace_id: str
    span_id: str
    name: str
    kind: int
    is_error: bool
    start_time: datetime
    duration_us: int | None
    error_type: str | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """The content that tells what came into a turn, and the one that tells what came out."""

    asked: Content | None
    answered: Content | None


def list_turns(project_id: int, session_id: str, *, skip: int, limit: int) -> list[TraceSummary]:
    """Traces of a session, the first one first."""
    found = Trace.objects.filter(project_id=project_id, session_id=session_id)
    rows = found.order_by("start_time", "trace_id").values_list(*COLUMNS)
    return [summary(row) for row in rows[skip : skip + limit]]


def steps_of(
    project_id: int,
    traces: Sequence[TraceSummary],
    *,
    kinds: Collection[Kind] = (Kind.GENERATION, Kind.TOOL),
) -> dict[str, list[Step]]:
    """Calls and tools of these traces by start, at most MOST_STEPS in all. One statement."""
    found: dict[str, list[Step]] = {trace.trace_id: [] for trace in traces}
    if not traces:
        return found
    rows = Span.objects.filter(
        project_id=project_id,
        trace_id__in=list(found),
        kind__in=[int(kind) for kind in kinds],
        start_time__gte=min(trace.start_time for trace in traces),
        start_time__lte=max(trace.end_time for trace in traces),
    ).exclude(span_id=TRACE_FACTS)
    columns = ("trace_id", "span_id", "name", "kind", "level", "start_time", "duration_us")
    for trace_id, span_id, name, kind, level, start, length, error in rows.order_by(
        "start_time", "span_id"
    ).values_list(*columns, "error_type")[:MOST_STEPS]:
        is_error = level == Level.ERROR
        step = Step(trace_id, span_id, name, kind, is_error, start, length, error)
        found[trace_id].append(step)
    return found


def spoken_in(
    project_id: int, traces: Sequence[TraceSummary], steps: Mapping[str, Sequence[Step]]
) -> dict[str, Spoken]:
    """What was asked and answered in each trace. Two statements at most.

    Told by the trace itself or its root; where these hold nothing, by its first call and its last.
    """
    places = [(trace.trace_id, TRACE_FACTS) for trace in traces]
    places += [(trace.trace_id, trace.root_span_id) for trace in traces if trace.root_span_id]
    known = contents(project_id, traces, places)
    asked: dict[str, Content] = {}
    answered: dict[str, Content] = {}
    for place in places:
        content = known.get(place)
        if content is None:
            continue
        if _says(content, "input"):
            asked.setdefault(place[0], content)
        if _says(content, "output"):
            answered.setdefault(place[0], content)
    more: dict[tuple[str, str], dict[str, Content]] = {}
    for trace in traces:
        calls = [s for s in steps.get(trace.trace_id, ()) if s.kind == Kind.GENERATION]
        if calls and trace.trace_id not in asked:
            more[(trace.trace_id, calls[0].span_id)] = asked
        if calls and trace.trace_id not in answered:
            more.setdefault((trace.trace_id, calls[-1].span_id), answered)
    for place, content in contents(project_id, traces, list(more)).items():
        if _says(content, "input"):
            asked.setdefault(place[0], content)
        if _says(content, "output") and place[0] not in answered:
            last = [s for s in steps[place[0]] if s.kind == Kind.GENERATION][-1]
            if last.span_id == place[1]:
                answered[place[0]] = content
    return {
        trace.trace_id: Spoken(asked.get(trace.trace_id), answered.get(trace.trace_id))
        for trace in traces
    }


def contents(
    project_id: int, traces: Sequence[TraceSummary], places: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Content]:
    """The whole contents of spans of these traces, by trace and span id. One statement."""
    if not places:
        return {}
    wanted = set(places)
    rows = SpanContent.objects.filter(
        project_id=project_id,
        trace_id__in={trace_id for trace_id, _ in wanted},
        span_id__in={span_id for _, span_id in wanted},
        start_time__gte=min(trace.start_time for trace in traces),
        start_time__lte=max(trace.end_time for trace in traces),
    ).values_list("trace_id", "span_id", "body")
    return {
        (trace_id, span_id): read_content(orjson.loads(unpack(bytes(body))))
        for trace_id, span_id, body in rows
        if (trace_id, span_id) in wanted
    }


def feedback_of(
    project_id: int, session_id: str, trace_ids: Sequence[str]
) -> tuple[list[Score], list[Outcome]]:
    """Scores and outcomes of a session as a whole and of these of its traces, newest first."""
    hangs = Q(trace_id__in=list(trace_ids)) | Q(trace_id="", session_id=session_id)
    scores = Score.objects.filter(hangs, project_id=project_id).order_by("-at", "id")
    outcomes = Outcome.objects.filter(hangs, project_id=project_id).order_by("-at", "id")
    return list(scores[:MOST_FEEDBACK]), list(outcomes[:MOST_FEEDBACK])


def _says(content: Content, side: str) -> bool:
    return content.get(side) not in (None, "", [], {})

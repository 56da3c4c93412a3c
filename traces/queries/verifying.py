"""The second stage of a query: what the content of the spans says of rows that SQL left open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from traces.ingest.record import TRACE_FACTS
from traces.models import Span, SpanContent, Trace
from traces.queries.patience import Clock
from traces.queries.summaries import TraceSummary
from traces.query import Plan
from traces.query.content import Document
from traces.query.on_span import SpanPart
from traces.query.parts import content_tests, possible, sql_parts, verdict

MOST_NAMED = 2000  # spans named one by one; more are read with all of their trace
CHUNK = 200  # contents in memory at a time


@dataclass(frozen=True)
class Candidate:
    """A row that may match, where it stands in the order, and what SQL knows of the conditions."""

    row: TraceSummary
    key: Any
    answers: tuple[bool, ...]


def answered(rows: QuerySet[Trace], plan: Plan) -> tuple[QuerySet[Trace], list[str]]:
    """The rows with the answers of SQL to the plan's conditions, and the names of these."""
    if not plan.needs_content:
        return rows, []
    return _annotated(rows, plan.answers)


def matches(plan: Plan, candidates: Sequence[Candidate], clock: Clock) -> list[bool]:
    """Whether each candidate matches. Raises: TimeUp."""
    if plan.part is None or not plan.needs_content:
        return [True] * len(candidates)
    found: list[list[bool | None]] = [[None] * len(plan.tests) for _ in candidates]
    for place, test in enumerate(plan.tests):
        still = [
            number
            for number, candidate in enumerate(candidates)
            if verdict(plan.part, candidate.answers, found[number]) is None
        ]
        if not still:
            break
        rows = [candidates[number].row for number in still]
        hits = _with_such_a_span(plan.scope.project_id, test.part, rows, clock)
        for number in still:
            found[number][place] = candidates[number].row.trace_id in hits
    return [
        bool(verdict(plan.part, candidate.answers, found[number]))
        for number, candidate in enumerate(candidates)
    ]


def _with_such_a_span(
    project_id: int, part: SpanPart, rows: Sequence[TraceSummary], clock: Clock
) -> set[str]:
    """The ids of the traces that have a span which meets the part."""
    may = possible(part)
    if may is False:
        return set()
    tests = content_tests(part)
    bounds = {
        "project_id": project_id,
        "trace_id__in": [row.trace_id for row in rows],
        "start_time__gte": min(row.start_time for row in rows),
        "start_time__lte": max(row.end_time for row in rows),
    }
    if may is True and not sql_parts(part) and all(test.is_of_body for test in tests):
        nothing = verdict(part, (), [False] * len(tests))
        if not nothing:  # so what the rows of the spans say does not matter
            return _with_such_a_body(part, bounds, clock)
    spans = Span.objects.filter(**bounds).exclude(span_id=TRACE_FACTS)
    if isinstance(may, Q):
        spans = spans.filter(may)
    spans, names = _annotated(spans, sql_parts(part))
    unknown: list[bool | None] = [None] * len(tests)
    hits: set[str] = set()
    open_spans: dict[tuple[str, str], tuple[str, tuple[bool, ...]]] = {}
    with clock.statement():
        for trace_id, span_id, name, *answers in spans.values_list(
            "trace_id", "span_id", "name", *names
        ):
            known = verdict(part, answers, unknown)
            if known:
                hits.add(trace_id)
            elif known is None:
                open_spans[trace_id, span_id] = (name, tuple(answers))
    contents = SpanContent.objects.filter(**bounds)
    if isinstance(may, Q) and len(open_spans) <= MOST_NAMED:
        contents = contents.filter(span_id__in=[span_id for _, span_id in open_spans])
    with clock.statement():
        for trace_id, span_id, body in contents.values_list("trace_id", "span_id", "body").iterator(
            CHUNK
        ):
            here = open_spans.get((trace_id, span_id))
            if here is None or trace_id in hits:
                continue
            _ = clock.left
            document = Document(here[0], bytes(body))
            if verdict(part, here[1], [test.look(document) for test in tests]):
                hits.add(trace_id)
            del open_spans[trace_id, span_id]
    # Where no content is kept, nothing is said.
    for (trace_id, _), (name, answers) in open_spans.items():
        if trace_id not in hits:
            silent = Document(name, None)
            if verdict(part, answers, [test.look(silent) for test in tests]):
                hits.add(trace_id)
    return hits


def _with_such_a_body(part: SpanPart, bounds: dict[str, Any], clock: Clock) -> set[str]:
    """The ids of the traces with a span whose content alone meets the part."""
    tests = content_tests(part)
    contents = SpanContent.objects.filter(**bounds).exclude(span_id=TRACE_FACTS)
    hits: set[str] = set()
    with clock.statement():
        for trace_id, body in contents.values_list("trace_id", "body").iterator(CHUNK):
            if trace_id in hits:
                continue
            _ = clock.left
            document = Document("", bytes(body))
            if verdict(part, (), [test.look(document) for test in tests]):
                hits.add(trace_id)
    return hits


def _annotated(rows: QuerySet[Any], conditions: Sequence[Q]) -> tuple[QuerySet[Any], list[str]]:
    names = [f"answer_{place}" for place in range(len(conditions))]
    wrapped = {
        name: ExpressionWrapper(condition, output_field=BooleanField())
        for name, condition in zip(names, conditions, strict=True)
    }
    return rows.annotate(**wrapped), names

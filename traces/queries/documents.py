"""What the retrievers of a trace found, and what its last call answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from traces.ingest.canonical.represent import read_content
from traces.ingest.record import Kind
from traces.ingest.writer.merge import unpack
from traces.models import Span, SpanContent
from traces.queries.detail import content_of
from traces.queries.summaries import TraceSummary

MOST_SPANS = 8  # whose content is opened for one page


@dataclass(frozen=True)
class Found:
    """The documents of one retriever or reranker."""

    span_id: str
    kind: int
    documents: list[dict[str, Any]]


def found_documents(project_id: int, trace: TraceSummary) -> list[Found]:
    """What the last retrievers and rerankers of a trace found, in their order. Two statements."""
    rows = _spans(project_id, trace).filter(kind__in=(Kind.RETRIEVER, Kind.RERANKER))
    latest = rows.order_by("-start_time", "-span_id").values_list("span_id", "kind", "start_time")
    spans = list(latest[:MOST_SPANS])[::-1]
    if not spans:
        return []
    bodies = dict(
        SpanContent.objects.filter(
            project_id=project_id,
            trace_id=trace.trace_id,
            span_id__in=[span_id for span_id, _, _ in spans],
            start_time__in=[start for _, _, start in spans],
        ).values_list("span_id", "body")
    )
    found = []
    for span_id, kind, _ in spans:
        if (body := bodies.get(span_id)) is None:
            continue
        documents = read_content(orjson.loads(unpack(bytes(body)))).get("documents")
        if isinstance(documents, list):
            known = [one for one in documents if isinstance(one, dict)]
            found.append(Found(span_id, kind, known))
    return found


def last_answer(project_id: int, trace: TraceSummary) -> tuple[str, Any] | None:
    """Span id and output of the last call of the trace; None where none is kept."""
    calls = _spans(project_id, trace).filter(kind=Kind.GENERATION, output_preview__isnull=False)
    span = calls.order_by("-start_time").first()
    document = None if span is None else content_of(project_id, span)
    if span is None or document is None:
        return None
    output = read_content(document).get("output")
    return None if output is None else (span.span_id, output)


def _spans(project_id: int, trace: TraceSummary) -> Any:
    return Span.objects.filter(
        project_id=project_id,
        trace_id=trace.trace_id,
        start_time__gte=trace.start_time,
        start_time__lte=trace.end_time,
    )

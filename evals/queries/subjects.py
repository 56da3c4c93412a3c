"""The answer of a trace or span, with what was retrieved and called on the way to it."""

from __future__ import annotations

from typing import Any

from accounts.models import Project
from evals.evaluating.subject import Document, Subject
from traces.ingest.canonical.represent import read_content
from traces.queries import detail
from traces.queries.documents import found_documents, last_answer


def subject_of_trace(project: Project, trace_id: str, span_id: str = "") -> Subject | None:
    """What an evaluator sees of a trace, or of one of its spans; None where it is unknown."""
    trace = detail.get_trace(project.pk, trace_id)
    if trace is None:
        return None
    wanted = span_id or trace.root_span_id or ""
    span = detail.get_span(project.pk, trace, wanted) if wanted else None
    if span is None and span_id:
        return None
    stored = detail.content_of(project.pk, span) if span is not None else None
    content: dict[str, Any] = read_content(stored) if stored is not None else {}
    output = content.get("output")
    if output is None and not span_id:
        answer = last_answer(project.pk, trace)
        output = answer[1] if answer is not None else trace.output_preview
    found = found_documents(project.pk, trace)
    documents = tuple(_document(one) for one in found[-1].documents) if found else None
    return Subject(
        input=content.get("input") if content.get("input") is not None else trace.input_preview,
        output=output,
        metadata={},
        documents=documents,
        duration_ms=trace.duration_us / 1000,
        cost_nano=trace.cost,
        trace_id=trace_id,
        span_id=span_id,
    )


def _document(one: dict[str, Any]) -> Document:
    text = one.get("content") or one.get("text") or one.get("document.content") or ""
    score = one.get("score")
    return Document(
        id=str(one.get("id") or one.get("title") or ""),
        text=text if isinstance(text, str) else str(text),
        score=float(score) if isinstance(score, int | float) else None,
    )

"""What was retrieved for some calls of a day, and what was answered then."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from traces.ingest.record import Kind
from traces.models import Span
from traces.queries.detail import get_trace
from traces.queries.documents import found_documents, last_answer

_SAYING = ("content", "text", "page_content")


def retrieved_texts(
    project_id: int, low: datetime, high: datetime, ids: Collection[str], *, most: int
) -> Iterator[tuple[str, list[str], str]]:
    """Trace, texts of the last list of chunks in its order, and the answer; at most `most` traces.

    Four statements a trace.
    """
    found = (
        Span.objects.filter(
            project_id=project_id, start_time__gte=low, start_time__lt=high,
            trace_id__in=list(ids), kind__in=(Kind.RETRIEVER, Kind.RERANKER),
        )
        .values_list("trace_id", flat=True).distinct().order_by("trace_id")[:most]
    )  # fmt: skip
    for trace_id in found:
        trace = get_trace(project_id, trace_id)
        if trace is None:
            continue
        lists = found_documents(project_id, trace)
        answer = last_answer(project_id, trace) if lists else None
        if answer is None:
            continue
        texts = [_text(one) for one in lists[-1].documents]
        if any(texts):
            yield trace_id, texts, _answer(answer[1])


def _text(document: dict[str, Any]) -> str:
    return next((document[name] for name in _SAYING if isinstance(document.get(name), str)), "")


def _answer(value: Any) -> str:
    """All texts within an output."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        value = list(value.values())
    return " ".join(map(_answer, value)) if isinstance(value, list) else ""

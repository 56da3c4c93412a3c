"""What was asked and answered, kept in a queue as an evaluator sees it, should the trace expire."""

from __future__ import annotations

from typing import Any

import orjson

from accounts.models import Project
from evals.evaluating.subject import Document, Subject
from evals.models import Result
from evals.queries.queue_candidates import Candidate
from evals.queries.subjects import subject_of_trace

MOST_TEXT = 50_000  # characters of one side or one document
MOST_DOCUMENTS = 20
MOST_BYTES = 400_000  # of a whole snapshot


def snapshot_of(project: Project, one: Candidate) -> dict[str, Any] | None:
    """{"input", "output", "expected", "documents", "tools", "title"}; None where it is unknown."""
    subject = subject_of_trace(project, one.trace_id, one.span_id)
    result = (
        Result.objects.filter(pk=one.result_id, experiment__project=project)
        .select_related("revision")
        .first()
        if one.result_id
        else None
    )
    if subject is None and result is None:
        return None
    told = subject or Subject()
    given, expected, output = told.input, told.expected, told.output
    title = ""
    if result is not None:
        revision = result.revision
        given = (revision.input if revision else result.input) or given
        expected = revision.expected if revision else result.expected
        output = result.output if result.output is not None else output
        title = revision.title if revision else ""
    snapshot = {
        "input": _cut(given),
        "output": _cut(output),
        "expected": _cut(expected),
        "documents": [_document(found) for found in (told.documents or ())[:MOST_DOCUMENTS]],
        "tools": [
            {"name": use.name, "arguments": _cut(use.arguments), "result": _cut(use.result),
             "failed": use.failed}
            for use in (told.tools or ())[:MOST_DOCUMENTS]
        ],
        "title": title or title_of(given),
    }  # fmt: skip
    if len(orjson.dumps(snapshot, default=str)) > MOST_BYTES:
        snapshot["tools"] = []
        snapshot["documents"] = [
            {**found, "text": found["text"][:2000]} for found in snapshot["documents"]
        ]
    return snapshot


def subject_in(snapshot: dict[str, Any], *, trace_id: str, span_id: str = "") -> Subject:
    """The answer that a snapshot keeps, for an evaluator to look at again."""
    documents = snapshot.get("documents")
    return Subject(
        input=snapshot.get("input"),
        output=snapshot.get("output"),
        expected=snapshot.get("expected"),
        documents=tuple(
            Document(str(one.get("id", "")), str(one.get("text", "")), one.get("score"))
            for one in documents
        )
        if documents
        else None,
        trace_id=trace_id,
        span_id=span_id,
    )


def title_of(given: Any) -> str:
    """A line that names an answer: the first words of what was asked last."""
    text = last_words(given)
    line = " ".join(text.split())
    return line[:117] + "…" if len(line) > 118 else line


def last_words(value: Any) -> str:
    """The text of the last message of a chat; of anything else its first text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value:
        return last_words(value[-1])
    if isinstance(value, dict):
        for key in ("content", "text", "question", "query", "input", "messages", "parts", "prompt"):
            if value.get(key):
                return last_words(value[key])
        return next((one for one in value.values() if isinstance(one, str) and one), "")
    return "" if value is None else str(value)


def _document(found: Document) -> dict[str, Any]:
    return {"id": found.id[:500], "text": found.text[:MOST_TEXT], "score": found.score}


def _cut(value: Any) -> Any:
    """Text within its limit; other values as they are, or as text where they are too long."""
    if isinstance(value, str):
        return value[:MOST_TEXT]
    if value is None:
        return None
    written = orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
    if len(written) <= MOST_TEXT:
        return orjson.loads(written)
    return written[:MOST_TEXT].decode(errors="ignore")

"""The answer of a trace or span, with what was retrieved and called on the way to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.models import Project
from evals.evaluating.subject import Document, Subject, ToolUse
from traces.ingest.canonical.represent import read_content
from traces.ingest.record import Kind, Level
from traces.models import Span
from traces.queries import detail
from traces.queries.documents import Found, found_documents, last_answer
from traces.queries.summaries import TraceSummary

MOST_TOOLS = 50  # whose arguments and results are opened
_STEPS = (Kind.GENERATION, Kind.TOOL)
_TEXTS = ("content", "text", "document.content", "page_content")
_NAMES = ("id", "document.id", "title", "source")


def subject_of_trace(project: Project, trace_id: str, span_id: str = "") -> Subject | None:
    """What an evaluator sees of a trace, or of one of its spans; None where it is unknown.

    Input and output are those of the root (or the span), else of the last call of a model. The
    documents are what the last reranker kept, else all that retrievers found, in their order; the
    tools and steps those of the trace, or beneath the span. About eight statements.
    """
    trace = detail.get_trace(project.pk, trace_id)
    if trace is None:
        return None
    wanted = span_id or trace.root_span_id or ""
    span = detail.get_span(project.pk, trace, wanted) if wanted else None
    if span is None and span_id:
        return None
    content = _content(project, span)
    given, output = content.get("input"), content.get("output")
    if not span_id and (given is None or output is None):
        given, output = _of_last_call(project, trace, given, output)
    tree = detail.tree_spans(project.pk, trace)
    within = _beneath(tree, span_id) if span_id else None
    metadata = content.get("metadata")
    return Subject(
        input=given if given is not None else (None if span_id else trace.input_preview),
        output=output if output is not None else (None if span_id else trace.output_preview),
        metadata=metadata if isinstance(metadata, Mapping) else {},
        documents=documents_of(found_documents(project.pk, trace)),
        tools=_tools(project, trace, tree, within),
        steps=sum(one.kind in _STEPS for one in _among(tree, within)) or None,
        duration_ms=_ms(span.duration_us if span_id and span else trace.duration_us),
        first_token_ms=_ms(span.ttft_us) if span is not None else None,
        cost_nano=span.cost_nano if span_id and span else trace.cost,
        output_tokens=_tokens(span) if span_id else trace.tokens_out or None,
        trace_id=trace_id,
        span_id=span_id,
    )


def documents_of(found: Sequence[Found]) -> tuple[Document, ...] | None:
    """What the model was shown: what the last reranker kept, else what all retrievers found."""
    if not found:
        return None
    last = max((at for at, one in enumerate(found) if one.kind == Kind.RERANKER), default=-1)
    sources = found[last:] if last >= 0 else found
    seen: dict[tuple[str, str], Document] = {}
    for source in sources:
        for one in source.documents:
            document = _document(one)
            seen.setdefault((document.id, document.text), document)
    return tuple(seen.values())


def _document(one: Mapping[str, Any]) -> Document:
    text = next((one[name] for name in _TEXTS if one.get(name)), "")
    name = next((one[name] for name in _NAMES if one.get(name)), "")
    score = one.get("score", one.get("document.score"))
    is_number = isinstance(score, int | float) and not isinstance(score, bool)
    return Document(
        id=str(name),
        text=text if isinstance(text, str) else str(text),
        score=float(score) if is_number and abs(score) < 1e300 else None,
    )


def _of_last_call(
    project: Project, trace: TraceSummary, given: Any, output: Any
) -> tuple[Any, Any]:
    answer = last_answer(project.pk, trace)
    if answer is None:
        return given, output
    if output is None:
        output = answer[1]
    if given is None:
        given = _content(project, detail.get_span(project.pk, trace, answer[0])).get("input")
    return given, output


def _content(project: Project, span: Span | None) -> dict[str, Any]:
    stored = detail.content_of(project.pk, span) if span is not None else None
    return read_content(stored) if stored is not None else {}


def _tools(
    project: Project,
    trace: TraceSummary,
    tree: Sequence[detail.TreeSpan],
    within: frozenset[str] | None,
) -> tuple[ToolUse, ...] | None:
    """The tools that ran, in order; None where nothing in the trace could have called one."""
    among = list(_among(tree, within))
    spans = [one for one in among if one.kind == Kind.TOOL]
    if not spans:
        # An agent that called none is told from a plain call, of which nobody expects tools.
        return () if any(one.kind == Kind.AGENT for one in among) else None
    opened = {one.span_id for one in spans[:MOST_TOOLS]}
    contents = detail.contents_of_spans(project.pk, trace, opened)
    uses = []
    for one in spans:
        content = read_content(contents[one.span_id]) if one.span_id in contents else {}
        told = content.get("tool")
        tool: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
        uses.append(
            ToolUse(
                name=str(tool.get("name") or one.name),
                arguments=_first(tool.get("arguments"), content.get("input")),
                result=_first(tool.get("result"), content.get("output")),
                failed=one.level == Level.ERROR,
            )
        )
    return tuple(uses)


def _beneath(tree: Iterable[detail.TreeSpan], span_id: str) -> frozenset[str]:
    """The span and everything under it; by start, so parents mostly come first."""
    children: dict[str | None, list[str]] = {}
    for one in tree:
        children.setdefault(one.parent_span_id, []).append(one.span_id)
    found, waiting = set(), [span_id]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting += children.get(current, ())
    return frozenset(found)


def _among(
    tree: Iterable[detail.TreeSpan], within: frozenset[str] | None
) -> Iterable[detail.TreeSpan]:
    return tree if within is None else (one for one in tree if one.span_id in within)


def _tokens(span: Span | None) -> int | None:
    if span is None:
        return None
    known = [n for n in (span.out_text, span.out_reasoning, span.out_audio) if n is not None]
    return sum(known) if known else None


def _ms(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1000


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)

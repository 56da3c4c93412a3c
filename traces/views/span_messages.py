"""The tabs Messages and Documents of a span: what was said, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from django.http import Http404

from kit.htmx import HtmxRequest
from traces.ingest.dialects.documents import documents_of
from traces.ingest.record import Kind
from traces.models import Span
from traces.pages import documents as pages
from traces.pages import reading, shortening
from traces.queries.documents import Found, found_documents, last_answer
from traces.queries.summaries import TraceSummary
from traces.rest.representation import documents, tokens
from traces.views.media import with_addresses

MOST_PARTS = 60  # on one page; earlier ones come when asked
_PLAIN = "plain"
_PARAMETERS = ("temperature", "max_tokens", "top_p", "seed", "stop")


def address_of(
    request: HtmxRequest, span: Span, tab: str, shown_as: str | None = None, **more: str
) -> str:
    """`?…` of a tab; how messages are shown is kept, or changed to `shown_as`."""
    is_plain = request.GET.get("as") == _PLAIN
    kept_as = (_PLAIN if is_plain else "") if shown_as is None else shown_as
    given = {"span": span.span_id, "tab": tab, "as": kept_as, **more}
    kept = {name: value for name, value in given.items() if value}
    return f"?{urlencode(kept, quote_via=quote)}"


def messages(
    request: HtmxRequest, trace: TraceSummary, span: Span, kind: str, content: dict[str, Any]
) -> dict[str, Any]:
    """The parts of a conversation, the latest MOST_PARTS, or the one that is asked for whole."""
    found = reading.blocks(kind, span.name, content)
    is_plain = request.GET.get("as") == _PLAIN
    href = address_of(request, span, "messages")
    common = {"is_plain": is_plain, "part_href": href}
    wanted = request.GET.get("part", "")
    if wanted:
        part = next((block for block in found if block.number_text == wanted), None)
        if part is None:
            raise Http404("The span has no such part.")
        shown = [shortening.within_limit(part)]
    else:
        before = _number(request.GET.get("before", ""), len(found))
        shown = shortening.shortened(found[max(0, before - MOST_PARTS) : before])
        common |= _earlier(request, span, before, len(found))
    with_addresses(request.door.project, shown)  # type: ignore[attr-defined]
    if not is_plain:
        shortening.render(shown, _cited(request, trace, content, shown))
    counts = tokens(span)
    answers = [one for one in found if one.role == "assistant" and one.shape == "message"]
    if counts and answers:
        answers[-1].facts = f"{counts['output_total']:,} tok"
    return common | {
        "block": shown[0] if wanted else None,
        "blocks": shown,
        "is_whole": bool(wanted),
        "facts": _facts(content),
        "input_tokens": counts["input_total"] if counts else None,
        "plain_href": address_of(request, span, "messages", shown_as=_PLAIN),
        "rendered_href": address_of(request, span, "messages", shown_as=""),
    }


def document_list(
    request: HtmxRequest, trace: TraceSummary, span: Span, content: dict[str, Any]
) -> dict[str, Any]:
    """The documents of a span, or one of them whole."""
    sent = documents(content.get("documents")) or []
    href = address_of(request, span, "documents")
    if wanted := request.GET.get("part", ""):
        document = pages.alone(sent, _number(wanted, 0))
        if document is None:
            raise Http404("The span has no such document.")
        return {"document": document, "documents": [document], "part_href": href}
    said = last_answer(span.project_id, trace)
    answer = None
    if said is not None and said[0] != span.span_id:
        answer = reading.as_text(said[1])[:100_000]
    before = _before(trace, span, content) if span.kind == Kind.RERANKER else []
    told = pages.told(sent, before=before, answer=answer)
    return {
        "documents": told,
        "left_out": len(sent) - len(told),
        "before_count": len(before),
        "part_href": href,
        "is_answer_known": answer is not None,
    }


def _before(trace: TraceSummary, span: Span, content: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """What a reranker was given: as it says itself, else what was retrieved before it."""
    given = content.get("input")
    if isinstance(given, dict) and isinstance(given.get("documents"), list):
        return documents_of(given) or []
    attributes = content.get("attributes") or {}
    ids: list[dict[str, Any]] = []
    while (name := f"reranker.input_documents.{len(ids)}.document.id") in attributes:
        ids.append({"id": attributes[name]})
    if ids:
        return ids
    earlier: list[Found] = []
    for one in found_documents(span.project_id, trace):
        if one.span_id == span.span_id:
            break
        earlier.append(one)
    return earlier[-1].documents if earlier else []


def _cited(
    request: HtmxRequest,
    trace: TraceSummary,
    content: dict[str, Any],
    shown: list[reading.Block],
) -> dict[str, str]:
    """Addresses of the documents that the answers name in brackets."""
    text = "\n".join(one.text for one in shown if one.role == "assistant")
    if "[" not in text or not any(facet in trace.facets for facet in ("k:retriever", "k:reranker")):
        return {}
    lists = [(one.span_id, one.documents) for one in found_documents(_project(request), trace)]
    cited = pages.cited_in(text, lists)
    return {
        name: f"?{urlencode({'span': span_id, 'tab': 'documents'}, quote_via=quote)}#doc-{rank}"
        for name, (span_id, rank) in cited.items()
    }


def _project(request: HtmxRequest) -> int:
    return int(request.door.project.pk)  # type: ignore[attr-defined]


def _earlier(request: HtmxRequest, span: Span, before: int, total: int) -> dict[str, Any]:
    left = before - MOST_PARTS
    return {
        "earlier": max(0, left),
        "earlier_href": address_of(request, span, "messages", before=str(left)),
        "is_earlier_piece": before < total,
    }


def _number(text: str, otherwise: int) -> int:
    known = text.isascii() and text.isdecimal() and len(text) < 9
    return int(text) if known else otherwise


def _facts(content: dict[str, Any]) -> list[tuple[str, str]]:
    """Short facts under the header: parameters and why the model stopped."""
    params = content.get("params")
    given = params if isinstance(params, dict) else {}
    facts = [
        (name.replace("_", " "), reading.as_text(given[name])[:40])
        for name in _PARAMETERS
        if given.get(name) is not None
    ]
    reasons = content.get("finish_reasons")
    if isinstance(reasons, list) and reasons:
        facts.append(("finished", ", ".join(str(reason)[:30] for reason in reasons[:3])))
    return facts

"""The panel of one span: its messages, documents, cost, attributes, JSON."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from django.http import Http404
from django.urls import reverse

from kit.htmx import HtmxRequest
from traces.ingest.canonical.represent import read_content
from traces.ingest.record import KIND_NAMES, Level
from traces.models import Score, Span
from traces.pages import reading
from traces.pages.score_rows import grouped
from traces.queries import detail
from traces.queries.summaries import TraceSummary
from traces.rest.representation import documents, span_whole, tokens
from traces.views.media import with_addresses
from traces.views.span_cost import span_cost

_PARAMETERS = ("temperature", "max_tokens", "top_p", "seed", "stop")


def span_context(
    request: HtmxRequest, project_id: int, trace: TraceSummary, span: Span, scores: list[Score]
) -> dict[str, Any]:
    """What the panel of `span` needs for the tab that is open."""
    document = detail.content_of(project_id, span)
    content = read_content(document or {})
    kind = KIND_NAMES[span.kind]
    rows = _attributes(content)
    docs = documents(content.get("documents")) or []
    tabs = [
        ("messages", "Messages", None),
        ("documents", "Documents", len(docs)),
        ("scores", "Scores", sum(score.span_id in (None, span.span_id) for score in scores)),
        ("cost", "Cost", None),
        ("attributes", "Attributes", sum(len(values) for _, values in rows)),
        ("json", "JSON", None),
    ]
    if not docs:
        tabs = [tab for tab in tabs if tab[0] != "documents"]
    tab = request.GET.get("tab", "")
    if tab not in [name for name, _, _ in tabs]:
        tab = "messages"
    context: dict[str, Any] = {
        "span": span,
        "kind": kind,
        "tab": tab,
        "tabs": [
            {"text": word, "href": _href(request, span, name), "count": n, "current": name == tab}
            for name, word, n in tabs
        ],
        "is_error": span.level == Level.ERROR,
        "facts": _facts(span, content),
        "cuts": content.get("cuts") or [],
        "has_content": document is not None,
        "usage": tokens(span),
        "next_error": f"?{urlencode({'go': 'error', 'span': span.span_id}, quote_via=quote)}",
        "has_errors": trace.error_count > (1 if span.level == Level.ERROR else 0),
    }
    if tab == "messages":
        context |= _messages(request, span, kind, content)
    elif tab == "documents":
        context["documents"] = [_document(place, found) for place, found in enumerate(docs, 1)]
    elif tab == "scores":
        context["score_groups"] = grouped(scores, span.span_id)
        context["scores_href"] = _href(request, span, "scores")
    elif tab == "cost":
        context |= span_cost(request, span, content)
    elif tab == "attributes":
        context["attribute_groups"] = rows
    else:
        context |= _json(request, trace, span, document)
    return context


def _messages(
    request: HtmxRequest, span: Span, kind: str, content: dict[str, Any]
) -> dict[str, Any]:
    found = reading.blocks(kind, span.name, content)
    with_addresses(request.door.project, found)  # type: ignore[attr-defined]
    wanted = request.GET.get("part", "")
    if wanted:
        part = next((block for block in found if str(block.number) == wanted), None)
        if part is None:
            raise Http404("The span has no such part.")
        part.text = part.text[: reading.LONGEST_WHOLE]
        return {"block": part, "is_whole": True, "part_href": ""}
    counts = tokens(span)
    answers = [block for block in found if block.role == "assistant" and block.shape == "message"]
    if counts and answers:
        answers[-1].facts = f"{counts['output_total']:,} tok"
    return {"blocks": reading.shortened(found), "part_href": _href(request, span, "messages")}


def _href(request: HtmxRequest, span: Span, tab: str) -> str:
    return f"?{urlencode({'span': span.span_id, 'tab': tab}, quote_via=quote)}"


def _facts(span: Span, content: dict[str, Any]) -> list[tuple[str, str]]:
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


def _document(place: int, found: dict[str, Any]) -> dict[str, Any]:
    content, identity = found.get("content"), found.get("id")
    text = "" if content is None else reading.as_text(content)
    return {
        "rank": place,
        "title": str(identity) if identity is not None else f"Document {place}",
        "score": found.get("score"),
        "text": text[: reading.LONGEST_TEXT],
        "source": reading.as_text(found["metadata"])[:300] if found.get("metadata") else "",
    }


def _attributes(content: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Tables of names and values: attributes, events, metadata, resource, links."""
    groups = [("Attributes", reading.flat(content.get("attributes") or {}))]
    for event in (content.get("events") or [])[:50]:
        name = str(event.get("name") or "event")
        groups.append((f"Event {name}", reading.flat(event.get("attributes") or {})))
    metadata = content.get("metadata")
    if isinstance(metadata, dict):
        groups.append(("Metadata", reading.flat(metadata)))
    groups.append(("Resource", reading.flat(content.get("resource") or {})))
    links = content.get("links") or []
    groups += [(f"Link {place}", reading.flat(link)) for place, link in enumerate(links[:20], 1)]
    return [(word, values) for word, values in groups if values]


def _json(
    request: HtmxRequest, trace: TraceSummary, span: Span, document: dict[str, Any] | None
) -> dict[str, Any]:
    slug = request.door.project.slug  # type: ignore[attr-defined]
    address = reverse("traces_api:span", args=[trace.trace_id, span.span_id])
    text = reading.pretty(span_whole(span, document))
    return {
        "json_text": text[: reading.LONGEST_JSON],
        "json_size": len(text.encode()),
        "json_is_cut": len(text) > reading.LONGEST_JSON,
        "json_href": f"{address}?{urlencode({'project': slug})}",
    }

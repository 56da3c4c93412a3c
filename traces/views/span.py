"""The panel of one span: its messages, documents, scores, cost, attributes, JSON."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import orjson
from django.urls import reverse

from kit.htmx import HtmxRequest
from traces.ingest.canonical.represent import read_content
from traces.ingest.record import KIND_NAMES, Level
from traces.models import Score, Span
from traces.pages import attributes
from traces.pages.json_lines import lines_of
from traces.pages.score_rows import grouped, measures, missed
from traces.queries import detail
from traces.queries.score_definitions import definitions_of, meanings
from traces.queries.summaries import TraceSummary
from traces.rest.representation import documents, span_whole
from traces.values.score_bars import bars_of
from traces.views.addresses import kept_parameters
from traces.views.span_cost import span_cost
from traces.views.span_messages import address_of, document_list, messages

LONGEST_SOUGHT = 200


def span_context(
    request: HtmxRequest, project_id: int, trace: TraceSummary, span: Span, scores: list[Score]
) -> dict[str, Any]:
    """What the panel of `span` needs for the tab that is open."""
    document = detail.content_of(project_id, span)
    content = read_content(document or {})
    kind = KIND_NAMES[span.kind]
    docs = documents(content.get("documents")) or []
    tabs = [
        ("messages", "Messages", None),
        ("documents", "Documents", len(docs)),
        ("scores", "Scores", sum(score.span_id in (None, span.span_id) for score in scores)),
        ("cost", "Cost", None),
        ("attributes", "Attributes", attributes.count(content)),
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
            {
                "name": name,
                "text": word,
                "href": address_of(request, span, name),
                "count": n,
                "current": name == tab,
            }
            for name, word, n in tabs
        ],
        "link": request.build_absolute_uri(address_of(request, span, tab)),
        "is_error": span.level == Level.ERROR,
        "cuts": content.get("cuts") or [],
        "has_content": document is not None,
        "next_error": f"?{urlencode({'go': 'error', 'span': span.span_id}, quote_via=quote)}",
        "has_errors": trace.error_count > (1 if span.level == Level.ERROR else 0),
    }
    if tab == "messages":
        context |= messages(request, trace, span, kind, content)
        context["missed"] = missed(scores, span.span_id, meanings(project_id).bars)
    elif tab == "documents":
        context |= document_list(request, trace, span, content)
    elif tab == "scores":
        defined = definitions_of(project_id).filter(name__in={score.name for score in scores})
        held = measures(defined, bars_of(defined))
        context["score_groups"] = grouped(scores, span.span_id, held)
        context["scores_href"] = address_of(request, span, "scores")
    elif tab == "cost":
        context |= span_cost(request, span, content)
    elif tab == "attributes":
        context |= _attributes(request, span, content)
    else:
        context |= _json(request, trace, span, document)
    return context


def _attributes(request: HtmxRequest, span: Span, content: dict[str, Any]) -> dict[str, Any]:
    slug = request.door.project.slug  # type: ignore[attr-defined]
    sought = request.GET.get("attr", "").strip()[:LONGEST_SOUGHT]
    around = {name: value for name in ("t", "env") if (value := request.GET.get(name))}
    listed = f"{reverse('traces:trace_list', args=[slug])}?{urlencode({'t': '30d', **around})}"
    return {
        "attributes": attributes.table(content, sought, listed),
        "sought": sought,
        "kept_fields": list(kept_parameters(request.GET).items()),
        "attributes_href": address_of(request, span, "attributes"),
    }


def _json(
    request: HtmxRequest, trace: TraceSummary, span: Span, document: dict[str, Any] | None
) -> dict[str, Any]:
    slug = request.door.project.slug  # type: ignore[attr-defined]
    address = reverse("traces_api:span", args=[trace.trace_id, span.span_id])
    whole = span_whole(span, document)
    told = {name: value for name, value in whole.items() if value not in (None, {}, [])}
    return {
        "json": lines_of(told),
        "json_size": len(orjson.dumps(whole, default=str, option=orjson.OPT_NON_STR_KEYS)),
        "json_href": f"{address}?{urlencode({'project': slug})}",
    }

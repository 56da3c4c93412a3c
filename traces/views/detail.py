"""One trace: its summary, the tree of its spans, and the span that is open."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from accounts.access import enter
from accounts.models import Project
from kit.figures import duration
from kit.htmx import HtmxRequest, wants_piece
from traces.forms.traces import TraceFilter
from traces.ingest.record import Level
from traces.pages import waterfall
from traces.pages.tree import SpanTree
from traces.pages.tree_rows import MOST_ROWS, Item, More, visible
from traces.queries import detail
from traces.queries.lists import neighbour
from traces.queries.sampling import was_sampled_away
from traces.queries.settling import unsettled
from traces.queries.summaries import TraceSummary
from traces.views.addresses import kept_parameters, list_query
from traces.views.feedback import trace_feedback
from traces.views.span import span_context

TEMPLATE = "traces/trace_detail.html"


@require_GET
@login_required
def trace_detail(request: HtmxRequest, project_slug: str, trace_id: str) -> HttpResponse:
    """The page; htmx gets the span it asks for, the rows below one, or the tree."""
    door = enter(request, project_slug)
    trace = detail.get_trace(door.project.pk, trace_id)
    if trace is None:
        return _never_seen(request, door.project, trace_id)
    if going := request.GET.get("go"):
        return _go(request, door.project, trace, going)
    base = _base(request, door.project, trace)
    wanted = request.GET.get("span", "")
    if wants_piece(request) and (piece := request.GET.get("piece")) in ("summary", "scores"):
        base |= trace_feedback(door.project.pk, trace)
        base["is_scores_piece"] = piece == "scores"
        return _answer(request, f"{TEMPLATE}#{piece}", base)
    if wants_piece(request) and wanted and not {"below", "tree"} & set(request.GET):
        found = detail.get_span(door.project.pk, trace, wanted)
        if found is None:
            raise Http404("The trace has no such span.")
        base |= trace_feedback(door.project.pk, trace)
        context = base | span_context(request, door.project.pk, trace, found, base["scores"])
        return _answer(request, f"traces/span.html#{_span_piece(request)}", context)
    if wanted and request.GET.get("part"):  # without script a long part is a page
        return _answer(request, "traces/span_part.html", _part(request, base, trace, wanted))
    spans = detail.tree_spans(door.project.pk, trace)
    tree = SpanTree(spans)
    if wants_piece(request) and "below" in request.GET:
        return _answer(request, f"{TEMPLATE}#rows", base | _below(request, tree, trace))
    context = base | _tree(request, tree, trace)
    if wants_piece(request):
        return _answer(request, f"{TEMPLATE}#tree", context)
    context |= trace_feedback(door.project.pk, trace)
    if chosen := context["chosen"]:
        found = detail.get_span(door.project.pk, trace, chosen)
        if found is not None:
            context |= span_context(request, door.project.pk, trace, found, context["scores"])
    return _answer(request, TEMPLATE, context)


def _span_piece(request: HtmxRequest) -> str:
    """Which piece of the panel is asked for: one part whole, the earlier parts, or all of it."""
    if request.GET.get("part"):
        return "document" if request.GET.get("tab") == "documents" else "part"
    return "parts" if request.GET.get("before") else "span"


def _part(
    request: HtmxRequest, base: dict[str, Any], trace: TraceSummary, span_id: str
) -> dict[str, Any]:
    """One long text of a span on a page of its own."""
    project_id = request.door.project.pk  # type: ignore[attr-defined]
    found = detail.get_span(project_id, trace, span_id)
    if found is None:
        raise Http404("The trace has no such span.")
    context = base | span_context(request, project_id, trace, found, [])
    crumb = {"text": base["title"], "href": f"{base['address']}?{urlencode({'span': span_id})}"}
    context["crumbs"] = [*base["crumbs"], crumb]
    context["title"] = found.name or found.span_id
    return context


def _base(request: HtmxRequest, project: Project, trace: TraceSummary) -> dict[str, Any]:
    address = reverse("traces:trace_detail", args=[project.slug, trace.trace_id])
    kept = kept_parameters(request.GET)
    errors = trace.error_count
    return {
        "title": trace.name or trace.trace_id,
        "error_words": f"{errors:,} span{'s' if errors > 1 else ''} failed",
        "nav_current": "traces",
        "crumbs": [
            {
                "text": "Traces",
                "href": reverse("traces:trace_list", args=[project.slug]) + list_query(request.GET),
            }
        ],
        "trace": trace,
        "is_settling": bool(unsettled(project.pk, [trace.trace_id])),
        "address": address,
        "kept": f"&{urlencode(kept)}" if kept else "",
    }


def _tree(request: HtmxRequest, tree: SpanTree, trace: TraceSummary) -> dict[str, Any]:
    """Rows of the whole tree, or of what is searched for."""
    find = request.GET.get("find", "").strip()[:200]
    only_errors = request.GET.get("only") == "errors"
    chosen = _chosen(request, tree, trace)
    context: dict[str, Any] = {
        "chosen": chosen,
        "find": find,
        "only_errors": only_errors,
        "span_count": len(tree.spans),
        "error_count": sum(span.level == Level.ERROR for span in tree.spans),
    }
    if not tree.spans:
        return context
    scale = waterfall.Scale.of(tree.spans)
    if find or only_errors:
        found = tree.find(find) if find else list(tree.in_order())
        if only_errors:
            found = [span for span in found if span.level == Level.ERROR]
        rows = [waterfall.flat_row(span, scale, selected=chosen) for span in found[:MOST_ROWS]]
        context |= {"is_search": True, "found_count": len(found)}
    else:
        rows = _drawn(visible(tree, seeing=chosen), scale, trace, tree, chosen)
    if rows and not any(row.get("is_selected") for row in rows):
        rows[0]["is_first"] = True
    folded = any(row.get("is_loaded") is False for row in rows)
    return context | {
        "rows": rows,
        "scale": scale,
        "ticks": scale.ticks(),
        "minimap_label": f"Minimap of the whole trace, {duration(scale.length_us)}",
        "minimap": waterfall.minimap(tree.spans, scale),
        "is_folded": folded or len(tree.spans) > len(rows),
    }


def _below(request: HtmxRequest, tree: SpanTree, trace: TraceSummary) -> dict[str, Any]:
    """The rows that opening a row fetches."""
    key = request.GET["below"]
    at = request.GET.get("at", "0")
    start = int(at) if at.isascii() and at.isdecimal() and len(at) < 9 else 0
    if key and not tree.level(key):
        raise Http404("The trace has no such row.")
    scale = waterfall.Scale.of(tree.spans)
    rows = visible(tree, below=key or None, at=start)
    return {"rows": _drawn(rows, scale, trace, tree, None)}


def _drawn(
    rows: list[Item | More],
    scale: waterfall.Scale,
    trace: TraceSummary,
    tree: SpanTree,
    chosen: str | None,
) -> list[dict[str, Any]]:
    # The only root stands for the whole trace, so it shows the whole cost.
    only_root = tree.roots[0] if len(tree.roots) == 1 and not tree.orphans else None
    return [
        waterfall.row(
            row,
            scale,
            selected=chosen,
            cost=trace.cost if isinstance(row, Item) and row.span is only_root else None,
        )
        for row in rows
    ]


def _chosen(request: HtmxRequest, tree: SpanTree, trace: TraceSummary) -> str | None:
    """The span asked for; else where the trouble began; else the root."""
    wanted = request.GET.get("span", "")
    if wanted in tree.by_id:
        return wanted
    if trace.error_count and (failed := tree.first_error()):
        return failed.span_id
    first = next(tree.in_order(), None)
    return first.span_id if first else None


def _go(request: HtmxRequest, project: Project, trace: TraceSummary, going: str) -> HttpResponse:
    """To the neighbour in the list, or to the next failed span."""
    kept = kept_parameters(request.GET)
    trace_id = trace.trace_id
    if going == "error":
        tree = SpanTree(detail.tree_spans(project.pk, trace))
        failed = tree.next_error(request.GET.get("span"))
        kept |= {"span": failed.span_id} if failed else {}
    elif going in ("newer", "older"):
        form = TraceFilter(request.GET)
        form.is_valid()
        found = neighbour(project.pk, form.criteria(), trace, newer=going == "newer")
        if found is None:
            messages.info(request, f"There is no {going} trace in this list.")
        trace_id = found or trace_id
    address = reverse("traces:trace_detail", args=[project.slug, trace_id])
    return redirect(f"{address}?{urlencode(kept, quote_via=quote)}" if kept else address)


def _never_seen(request: HtmxRequest, project: Project, trace_id: str) -> HttpResponse:
    """Says what an unknown id may mean; a project of others says the same."""
    context = {
        "title": "No such trace",
        "nav_current": "traces",
        "trace_id": trace_id,
        "was_sampled": was_sampled_away(project.pk, trace_id),
    }
    return render(request, "traces/trace_missing.html", context, status=404)


def _answer(request: HtmxRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"])
    if wants_piece(request) and {"below", "tree", "part", "before"} & set(request.GET):
        response["HX-Push-Url"] = "false"  # a part of the page, not another address
    return response

"""One trace: its summary, the tree of its spans, and the span that is open."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from accounts.access import Door, enter
from accounts.models import Project, Role
from kit.htmx import HtmxRequest, wants_piece
from traces.queries import detail
from traces.queries.around import MOST_COUNTED, neighbour_in, place_in_list
from traces.queries.criteria import Criteria
from traces.queries.orders import Order
from traces.queries.sampling import was_sampled_away
from traces.queries.settling import unsettled
from traces.queries.snapshots import notes_of
from traces.queries.summaries import TraceSummary
from traces.views.addresses import list_query
from traces.views.anywhere import elsewhere, kept_since
from traces.views.feedback import strip_context, trace_feedback
from traces.views.listing import open_listing
from traces.views.span import span_context
from traces.views.spans_side import (
    VIEWS,
    Side,
    below_context,
    changed,
    judged_context,
    next_error,
    read_side,
    state_of,
    tree_context,
    without_view,
)
from traces.views.spans_told import conversation_context, log_context

TEMPLATE = "traces/trace_detail.html"


@require_GET
@login_required
def trace_detail(request: HtmxRequest, project_slug: str, trace_id: str) -> HttpResponse:
    """The page; htmx gets the span it asks for, the rows below one, or the left side."""
    door = enter(request, project_slug)
    trace = detail.get_trace(door.project.pk, trace_id)
    if trace is None:
        return _never_seen(request, door.project, trace_id)
    if going := request.GET.get("go"):
        return _go(request, door.project, trace, going)
    base = _base(request, door, trace)
    if wants_piece(request):
        return _piece(request, door.project, trace, base)
    wanted = request.GET.get("span", "")
    if wanted and request.GET.get("part"):  # without script a long part is a page
        return _answer(request, "traces/span_part.html", _part(request, base, trace, wanted))
    side = read_side(request, door.project.pk, trace)
    context = base | _left(request, door.project.pk, side) | judged_context(trace, side.spans)
    context |= strip_context(door.project.pk, trace)
    context |= {
        "may_annotate": door.may(Role.ENGINEER),
        "note_count": len(notes_of(door.project.pk, trace.trace_id)),
        "here_query": changed(request.GET, span=context["chosen"] or ""),
    }
    if chosen := context["chosen"]:
        found = detail.get_span(door.project.pk, trace, chosen)
        if found is not None:
            context |= span_context(request, door.project.pk, trace, found, context["scores"])
    return _answer(request, TEMPLATE, context)


def _piece(
    request: HtmxRequest, project: Project, trace: TraceSummary, base: dict[str, Any]
) -> HttpResponse:
    """What htmx asks for: a part of the strip, of the left side, or a span."""
    piece = request.GET.get("piece")
    if piece == "place":
        return _answer(request, f"{TEMPLATE}#place", base | _place(request, project, trace))
    if piece in ("summary", "scores"):
        base |= strip_context(project.pk, trace)
        if piece == "summary":
            base |= judged_context(trace, detail.tree_spans(project.pk, trace))
        base["is_scores_piece"] = piece == "scores"
        return _answer(request, f"{TEMPLATE}#{piece}", base)
    wanted = request.GET.get("span", "")
    if wanted and not {"below", "tree", "find", "side"} & set(request.GET):
        found = detail.get_span(project.pk, trace, wanted)
        if found is None:
            raise Http404("The trace has no such span.")
        base |= trace_feedback(project.pk, trace)
        context = base | span_context(request, project.pk, trace, found, base["scores"])
        return _answer(request, f"traces/span.html#{_span_piece(request)}", context)
    side = read_side(request, project.pk, trace)
    if "below" in request.GET:
        return _answer(request, f"{TEMPLATE}#rows", base | below_context(request, side))
    part = "side" if "side" in request.GET else "tree"
    response = _answer(request, f"{TEMPLATE}#{part}", base | _left(request, project.pk, side))
    if part == "side":
        response["HX-Push-Url"] = base["address"] + changed(request.GET)
    return response


def _left(request: HtmxRequest, project_id: int, side: Side) -> dict[str, Any]:
    """The left side as the address wants it: waterfall, conversation or log."""
    view = request.GET.get("view", "")
    view = view if view in dict(VIEWS) and side.spans else "waterfall"
    context = tree_context(request, project_id, side) | {
        "view": view,
        "views": [
            {
                "text": word,
                "href": changed(request.GET, view="" if name == "waterfall" else name),
                "current": name == view,
            }
            for name, word in VIEWS
        ],
        "only_errors_href": changed(request.GET, only="" if _only(request) else "errors"),
        "only_slow_href": changed(
            request.GET, view="", only="" if request.GET.get("only") == "slow" else "slow"
        ),
    }
    if view == "conversation":
        context |= conversation_context(request, project_id, side)
    elif view == "log":
        context |= log_context(request, project_id, side)
    return context


def _only(request: HtmxRequest) -> bool:
    return request.GET.get("only") == "errors"


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


def _base(request: HtmxRequest, door: Door, trace: TraceSummary) -> dict[str, Any]:
    project = door.project
    address = reverse("traces:trace_detail", args=[project.slug, trace.trace_id])
    state = state_of(request.GET)
    errors = trace.error_count
    return {
        "title": trace.name or trace.trace_id,
        "error_words": f"{errors:,} span{'s' if errors > 1 else ''} failed",
        "recovered_words": f"Recovered, {errors:,} error{'s' if errors > 1 else ''} inside",
        "nav_current": "traces",
        "crumbs": [
            {
                "text": "Traces",
                "href": reverse("traces:trace_list", args=[project.slug])
                + list_query(without_view(request.GET)),
            }
        ],
        "trace": trace,
        "is_settling": bool(unsettled(project.pk, [trace.trace_id])),
        "address": address,
        "kept": f"&{urlencode(state)}" if state else "",
        "state": sorted(state.items()),
    }


def _place(request: HtmxRequest, project: Project, trace: TraceSummary) -> dict[str, Any]:
    """`12 of 50`: where the trace stands in the list that the address carries."""
    criteria, order = _list_of(request, project)
    if criteria.since is not None and trace.start_time < criteria.since:
        return {"place_words": ""}
    place = place_in_list(project.pk, criteria, order, trace)
    if place is None or place.newer > MOST_COUNTED:
        return {"place_words": ""}
    total = place.newer + 1 + min(place.older, MOST_COUNTED)
    more = "+" if place.older > MOST_COUNTED else ""
    return {"place_words": f"{place.newer + 1:,} of {total:,}{more}"}


def _list_of(request: HtmxRequest, project: Project) -> tuple[Criteria, Order]:
    """The list that the address carries."""
    listing = open_listing(request, project)
    return listing.criteria, listing.order


def _go(request: HtmxRequest, project: Project, trace: TraceSummary, going: str) -> HttpResponse:
    """To the neighbour in the list, or to the next failed span."""
    kept = state_of(request.GET)
    trace_id = trace.trace_id
    if going == "error":
        failed = next_error(read_side(request, project.pk, trace), request.GET.get("span"))
        kept |= {"span": failed.span_id} if failed else {}
    elif going in ("newer", "older"):
        criteria, order = _list_of(request, project)
        found = neighbour_in(project.pk, criteria, order, trace, is_above=going == "newer")
        if found is None:
            word = "above" if going == "newer" else "below"
            messages.info(request, f"There is no trace {word} this one in the list.")
        trace_id = found or trace_id
        kept.pop("zoom", None)
    address = reverse("traces:trace_detail", args=[project.slug, trace_id])
    return redirect(f"{address}?{urlencode(kept, quote_via=quote)}" if kept else address)


def _never_seen(request: HtmxRequest, project: Project, trace_id: str) -> HttpResponse:
    """Says what an unknown id may mean, as far as the reader may know it."""
    context = {
        "title": "No such trace",
        "nav_current": "traces",
        "trace_id": trace_id,
        "was_sampled": was_sampled_away(project.pk, trace_id),
        "kept_since": kept_since(),
        "retention_days": settings.RETENTION_DAYS,
        "elsewhere": elsewhere(request, trace_id, but=project.pk),
    }
    return render(request, "traces/trace_missing.html", context, status=404)


def _answer(request: HtmxRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"])
    if wants_piece(request) and {"below", "tree", "part", "before", "piece"} & set(request.GET):
        response["HX-Push-Url"] = "false"  # a part of the page, not another address
    return response

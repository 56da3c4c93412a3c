"""The list of traces: rows first, everything else by a piece of its own after them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from accounts.access import enter
from kit.htmx import HtmxRequest, wants_piece
from kit.paging import BadCursor
from kit.requests import request_id
from traces.queries.criteria import ANY_ENVIRONMENT
from traces.queries.lists import count_newer, cursor_key
from traces.queries.saved_views import default_view
from traces.query.fields import FIELDS
from traces.views.addresses import range_context
from traces.views.list_chips import chips_context
from traces.views.list_differences import differences_context
from traces.views.list_facets import facets_context
from traces.views.list_histogram import histogram_context
from traces.views.list_peek import peek_context
from traces.views.list_rows import rows_context
from traces.views.list_stats import stats_context
from traces.views.listing import FIELD, OPERATORS, Listing, open_listing

logger = logging.getLogger(__name__)

TEMPLATE = "traces/trace_list.html"
MOST_NEW = 99
EXAMPLES = ("span(kind:tool status:error)", "latency>3s", "score.helpfulness<50%")


@require_GET
@login_required
def trace_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The project's traces, filtered; htmx gets the piece that it names, or the results."""
    door = enter(request, project_slug)
    listing = open_listing(request, door.project)
    piece = request.GET.get("piece", "") if wants_piece(request) else ""
    if not request.GET and not wants_piece(request) and (view := default_view(door.project.pk)):
        return redirect(f"{listing.address}?{view.query}&view={view.pk}")
    if listing.error is None and not wants_piece(request) and {"col", FIELD} & set(request.GET):
        return redirect(listing.href())  # the menus' fields become the query and `cols`
    if piece in PIECES:
        return _piece(listing, *PIECES[piece])
    if listing.error is not None:
        return _unread(listing)
    context = _context(listing) | rows_context(listing)
    name = "rows" if "after" in request.GET else "results"
    return _answer(listing, f"{TEMPLATE}#{name}" if wants_piece(request) else TEMPLATE, context)


def _piece(
    listing: Listing, template: str, fill: Callable[[Listing], dict[str, Any]]
) -> HttpResponse:
    """One piece; where the database fails it, the piece says so and the page stays."""
    context = _context(listing)
    try:
        found = {} if listing.error else fill(listing)
    except DatabaseError:
        logger.exception("a piece of the list failed")
        context |= {
            "what": "This part could not be loaded.",
            "request_id": request_id.get(),
            "retry": listing.request.get_full_path(),
        }
        return render(listing.request, "components/_error.html", context, status=503)
    return _answer(listing, template, context | found)


def _context(listing: Listing) -> dict[str, Any]:
    """What the page and each of its pieces need."""
    form, env = listing.form, listing.form.cleaned_data.get("env", "")
    context: dict[str, Any] = {
        "title": "Traces",
        "nav_current": "traces",
        "listing": listing,
        "address": listing.address,
        "list_query": listing.list_query,
        "here": listing.here,
        "query_text": listing.text,
        "state": [(name, value) for name, value in listing.state.items() if name != "q"],
        "env": env,
        "env_label": "All environments" if env == ANY_ENVIRONMENT else env or "All but experiments",
        "form_errors": [
            (form.fields[name].label, text)
            for name, texts in form.errors.items()
            if name != "q"
            for text in texts
        ],
        "fields": [field for field in FIELDS.values() if not field.keyed],
        "operators": OPERATORS.items(),
        "examples": EXAMPLES,
        **range_context(listing.range),
    }
    if listing.error is None:
        return context | chips_context(listing)
    text, error = listing.text, listing.error
    end = error.position + error.length
    parts = {"before": text[: error.position], "found": error.found, "after": text[end:]}
    return context | {"query_error": error, "query_parts": parts}


def _unread(listing: Listing) -> HttpResponse:
    """What is wrong with the query, and where. A page that shows rows keeps those it has."""
    context = _context(listing)
    if not wants_piece(listing.request):
        return _answer(listing, TEMPLATE, context)
    response = render(listing.request, "traces/_query_error.html", context)
    response["HX-Retarget"] = "#q-error"
    response["HX-Reswap"] = "outerHTML"
    return response


def _news(listing: Listing) -> dict[str, Any]:
    """How many traces came in above the first row shown."""
    try:
        key = cursor_key(listing.request.GET.get("above", ""))
    except BadCursor:
        return {"new_count": 0}
    count = count_newer(listing.project.pk, listing.criteria, key, cap=MOST_NEW)
    words = (
        f"{MOST_NEW}+ new traces" if count > MOST_NEW else f"{count} new trace{'s' * (count > 1)}"
    )
    return {"new_count": count, "new_words": words, "newest": listing.request.GET["above"]}


def _answer(listing: Listing, template: str, context: dict[str, Any]) -> HttpResponse:
    request = listing.request
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"])
    is_whole = "piece" not in request.GET and "after" not in request.GET
    if wants_piece(request) and (is_whole or "push" in request.GET):
        # The form sends every field; the address keeps only those that say something.
        response["HX-Push-Url"] = listing.href()
    return response


PIECES: dict[str, tuple[str, Callable[[Listing], dict[str, Any]]]] = {
    "differs": ("traces/_differences.html", differences_context),
    "facets": ("traces/_list_facets.html", facets_context),
    "histogram": ("traces/_histogram.html", histogram_context),
    "peek": ("traces/_peek.html", peek_context),
    "stats": ("traces/_list_stats.html", stats_context),
    "news": (f"{TEMPLATE}#news", _news),
}

"""Help with writing queries: suggestions at a place, and the one-page reference."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import enter
from kit.htmx import HtmxRequest
from traces.queries.suggestions import suggestions
from traces.query import reference
from traces.query.suggest import writing
from traces.query.tokens import LONGEST, UNSTORABLE


@require_GET
@login_required
def suggest(request: HtmxRequest, project_slug: str) -> JsonResponse:
    """`{"start", "end", "suggestions": [{"text", "label", "detail", "count"}]}` for `q` and the
    place `at` in it, all in characters; `text` takes the place of `start` to `end`."""
    door = enter(request, project_slug)
    text = request.GET.get("q", "")[:LONGEST]
    sent = request.GET.get("at", "")
    at = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 6 else len(text)
    here = None if UNSTORABLE.search(text) else writing(text, at)
    found = [] if here is None else suggestions(door.project.pk, here)
    return JsonResponse(
        {
            "start": at if here is None else here.start,
            "end": at if here is None else here.end,
            "suggestions": [
                {"text": one.text, "label": one.label, "detail": one.detail, "count": one.count}
                for one in found
            ],
        }
    )


@require_GET
@login_required
def query_reference(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The reference, as the inside of a dialog."""
    enter(request, project_slug)
    context = {
        "rules": reference.RULES,
        "units": reference.UNITS,
        "rows": reference.rows(),
    }
    return render(request, "traces/_query_reference.html", context)

"""The live tail: the rows that arrived since the last look, at most five of them."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import enter
from kit.htmx import HtmxRequest
from traces.queries.lists import cursor_of
from traces.queries.tail import arrived
from traces.views.list_rows import cells_context
from traces.views.listing import open_listing

ROWS_A_SECOND = 5


@require_GET
@login_required
def tail(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Rows of the list's table, for the address of the list and `since`.

    Headers: `X-Tail-Since` for the next look, `X-Tail-Matched`, `X-Tail-Shown`, and
    `X-Tail-Newest`, the cursor of the newest row. Without `since` nothing but the place to begin.
    """
    door = enter(request, project_slug)
    listing = open_listing(request, door.project)
    if listing.error is not None:
        return HttpResponse(status=422)
    found = arrived(
        door.project.pk, listing.criteria, _moment(request.GET.get("since", "")), most=ROWS_A_SECOND
    )
    context = {"rows": found.rows, **cells_context(listing, found.rows)} if found.rows else {}
    response = render(request, "traces/tail_rows.html", context)
    response["X-Tail-Since"] = found.upto.isoformat()
    response["X-Tail-Matched"] = f"{found.matched}{'+' if found.is_more else ''}"
    response["X-Tail-Shown"] = str(len(found.rows))
    if found.rows:
        newest = max(found.rows, key=lambda row: (row.start_time, row.trace_id))
        response["X-Tail-Newest"] = cursor_of(newest)
    response["Cache-Control"] = "no-store"
    return response


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return found if found.tzinfo else None

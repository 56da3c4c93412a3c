"""The command palette: what was typed, answered as lines to choose from."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import enter
from kit import palette


@require_GET
@login_required
def find(request: HttpRequest, project_slug: str = "") -> HttpResponse:
    """Lines for `q`; a page with links where the page's script did not ask."""
    door = enter(request, project_slug) if project_slug else None
    text = request.GET.get("q", "").replace("\0", "")[: palette.LONGEST_TEXT].strip()
    is_asked = request.headers.get("X-Requested-With") == "fetch"
    found = palette.entries(request.user, door, text)
    context = {
        "title": "Search or jump to",
        "entries": found if is_asked else [entry for entry in found if entry.href],
        "text": text,
    }
    response = render(
        request, "accounts/find_options.html" if is_asked else "accounts/find.html", context
    )
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Cookie, X-Requested-With"
    return response

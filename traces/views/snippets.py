"""The snippets of onboarding, for the second program and those after it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import enter
from accounts.queries import list_keys
from accounts.settings_frame import settings_context
from traces.pages.snippets import snippets
from traces.views.addresses import public_address


@require_GET
@login_required
def snippet_list(request: HttpRequest, project_slug: str) -> HttpResponse:
    """What to paste, by SDK, with the address and the newest public key filled in."""
    door = enter(request, project_slug)
    public = next((row.key.public_key for row in list_keys(door.project) if row.is_live), "")
    context = settings_context(door, "snippets", "Snippets")
    context |= {"snippets": snippets(public_address(), public=public), "public_key": public}
    return render(request, "traces/snippets.html", context)

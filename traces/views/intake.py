"""What intake refused, cut or moved: exporters hide it from their users."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.access import enter
from kit.htmx import HtmxRequest, render_page
from traces.queries.intake import list_notices


@require_GET
@login_required
def intake(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The newest notices of the project."""
    door = enter(request, project_slug)
    context = {
        "title": "Intake",
        "nav_current": "intake",
        "notices": list_notices(door.project),
    }
    return render_page(request, "traces/intake.html", context, partial="notices")

"""What could be saved: the advice with its evidence, dismissed with a reason, reopened."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from accounts.access import enter
from accounts.models import Role
from accounts.views.entry import person, see_other
from costs.models import SavingsAdvice
from costs.pages import savings as pages
from costs.queries.savings import advice_of, reading_of
from costs.services import savings as services
from kit.htmx import HtmxRequest, render_page

MOST = 100
State = SavingsAdvice.State


@require_GET
@login_required
def savings(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Advice, the dearest first; what was dismissed stands below."""
    door = enter(request, project_slug)
    reading = reading_of(door.project)
    found = list(advice_of(door.project).exclude(state=State.OVER)[:MOST])
    month = reading.month if reading else None
    rows = [pages.row_of(project_slug, one, month) for one in found]
    context: dict[str, Any] = {
        "title": "Savings",
        "nav_current": "costs",
        "reading": reading,
        "figures": pages.figures_of(reading, found) if reading else [],
        "notes": pages.notes_of(reading) if reading else [],
        "rows": [one for one in rows if one.it.state == State.OPEN],
        "dismissed": [one for one in rows if one.it.state == State.DISMISSED],
        "may_write": door.may(Role.ENGINEER),
    }
    return render_page(request, "costs/savings.html", context, partial="rows")


@require_POST
@login_required
def savings_dismiss(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Not followed, and why."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    found = get_object_or_404(advice_of(door.project), pk=pk)
    services.dismiss(found, reason=request.POST.get("reason", ""), actor=person(request))
    messages.success(request, "Dismissed. It comes back when its amount has doubled.")
    return see_other("costs:savings", project_slug)


@require_POST
@login_required
def savings_reopen(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """A dismissed piece of advice stands again."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    found = get_object_or_404(advice_of(door.project), pk=pk)
    services.reopen(found, actor=person(request))
    messages.success(request, "It stands again.")
    return see_other("costs:savings", project_slug)

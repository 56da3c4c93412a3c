"""Settings of limits and sampling, and how the project stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import Door, enter
from accounts.models import Role, User
from accounts.settings_frame import settings_context
from traces.forms.limits import LimitsForm
from traces.pages.limit_figures import strip
from traces.queries.limits import limits_of, used
from traces.queries.sampling import came_too_late, sampled_away
from traces.services.limits import set_limits

_DAY = timedelta(days=1)


@require_http_methods(["GET", "POST"])
@login_required
def limits(request: HttpRequest, project_slug: str) -> HttpResponse:
    """What the project may send and what of it is kept; POST changes it."""
    door = enter(request, project_slug)
    if request.method == "GET":
        return _page(request, door, LimitsForm(initial=LimitsForm.of(limits_of(door.project.pk))))
    door.require(Role.ADMIN)
    form = LimitsForm(request.POST)
    if not form.is_valid():
        return _page(request, door, form, status=422)
    actor = request.user if isinstance(request.user, User) else None
    if set_limits(door.project, form.limits(), actor=actor):
        messages.success(request, "Saved. Web processes know within two seconds.")
    else:
        messages.info(request, "Nothing changed.")
    response = redirect(reverse("traces:limits", args=[door.project.slug]))
    response.status_code = 303
    return response


def _page(request: HttpRequest, door: Door, form: LimitsForm, *, status: int = 200) -> HttpResponse:
    stored = limits_of(door.project.pk)
    since = timezone.now() - _DAY
    gone = sampled_away(door.project.pk, since)
    context: dict[str, Any] = {
        **settings_context(door, "limits", "Limits and sampling"),
        "form": form,
        "limits": stored,
        "is_admin": door.may(Role.ADMIN),
        "figures": strip(
            used(door.project.pk, stored), gone, came_too_late(door.project.pk, since)
        ),
        "since": gone.since,
    }
    return render(request, "traces/limits.html", context, status=status)

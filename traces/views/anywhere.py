"""A trace by its id alone: members are sent to the project that has it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from accounts.access import projects_of
from accounts.models import User
from traces.queries.around import projects_with_trace


@require_GET
@login_required
def any_trace(request: HttpRequest, trace_id: str) -> HttpResponse:
    """To the trace, in the first by name of the person's projects that has it."""
    assert isinstance(request.user, User)  # noqa: S101  (login_required saw to it)
    mine = {project.pk: project for project in projects_of(request.user)}
    known = projects_with_trace(trace_id, list(mine))
    for pk, project in mine.items():
        if pk in known:
            return redirect("traces:trace_detail", project.slug, trace_id)
    raise Http404("None of your projects has such a trace.")

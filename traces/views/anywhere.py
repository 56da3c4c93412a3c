"""A trace by its id alone: members are sent to the project that has it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import projects_of
from accounts.models import Project, User
from traces.queries.around import projects_with_trace


@require_GET
@login_required
def any_trace(request: HttpRequest, trace_id: str) -> HttpResponse:
    """To the trace, in the first by name of the person's projects that has it."""
    found = elsewhere(request, trace_id)
    if not found:
        raise Http404("None of your projects has such a trace.")
    return redirect("traces:trace_detail", found[0].slug, trace_id)


def elsewhere(request: HttpRequest, trace_id: str, *, but: int | None = None) -> list[Project]:
    """The projects of who asks that have a trace of this id, by name; two statements."""
    assert isinstance(request.user, User)  # noqa: S101  (login_required saw to it)
    mine = [project for project in projects_of(request.user) if project.pk != but]
    known = projects_with_trace(trace_id, [project.pk for project in mine])
    return [project for project in mine if project.pk in known]


def kept_since() -> datetime | None:
    """What ended before is no longer kept; None where everything is."""
    if not settings.RETENTION_DAYS:
        return None
    return timezone.now() - timedelta(days=settings.RETENTION_DAYS)

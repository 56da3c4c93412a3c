"""Links that Langfuse's SDKs print, sent on to our pages."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.access import project_for
from accounts.models import Project


def _slug(request: HttpRequest, project_id: str) -> str:
    """The slug of a project for who may see it. Raises: Http404."""
    known = project_id if project_id.isascii() and project_id.isdecimal() else ""
    project = Project.objects.filter(pk=int(known)).first() if 0 < len(known) < 18 else None
    if project is None:
        raise Http404("No such project.")
    return project_for(request.user, project.slug).slug


@login_required
def trace(request: HttpRequest, project_id: str, trace_id: str) -> HttpResponse:
    """The page of a trace."""
    slug = _slug(request, project_id)
    return HttpResponseRedirect(reverse("traces:trace_detail", args=[slug, trace_id]))


@login_required
def session(request: HttpRequest, project_id: str, session_id: str) -> HttpResponse:
    """The traces of a session."""
    wanted = urlencode({"session": session_id, "t": "400d"})
    address = reverse("traces:trace_list", args=[_slug(request, project_id)])
    return HttpResponseRedirect(f"{address}?{wanted}")


@login_required
def project(request: HttpRequest, project_id: str, rest: str = "") -> HttpResponse:
    """The project's first page, for links to what has no page here."""
    return HttpResponseRedirect(reverse("traces:overview", args=[_slug(request, project_id)]))

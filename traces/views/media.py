"""A file of a project, for who looks at its spans."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.access import project_for
from traces.media.responses import file_response
from traces.queries.media import get_media


@require_safe
@login_required
def media(request: HttpRequest, project_slug: str, media_id: str) -> HttpResponseBase:
    """Its bytes; a browser shows pictures, sound and video, and saves all else."""
    project = project_for(request.user, project_slug)
    found = get_media(project.pk, media_id)
    if found is None or found.uploaded_at is None:
        raise Http404("The project has no such file.")
    return file_response(request, found)

"""A file of a project, for who looks at its spans."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import project_for
from accounts.models import Project
from traces.media.content import PICTURES, is_sound
from traces.media.responses import file_response
from traces.pages.reading import Block
from traces.queries.media import get_media, media_of


@require_safe
@login_required
def media(request: HttpRequest, project_slug: str, media_id: str) -> HttpResponseBase:
    """Its bytes; a browser shows pictures, sound and video, and saves all else."""
    project = project_for(request.user, project_slug)
    found = get_media(project.pk, media_id)
    if found is None or found.uploaded_at is None:
        raise Http404("The project has no such file.")
    return file_response(request, found)


def with_addresses(project: Project, blocks: list[Block]) -> None:
    """Tell the blocks that refer to uploaded files, in place, where those are. One statement."""
    shown = [block.media for block in blocks if block.media and block.media.media_id]
    known = media_of(project.pk, {one.media_id for one in shown})
    for one in shown:
        found = known.get(one.media_id)
        if found is None or found.uploaded_at is None:
            reason = found.upload_error if found else None
            one.trouble = reason or "The client has not uploaded it."
            continue
        one.content_type, one.size = found.content_type, found.size
        one.href = reverse("traces:media", args=[project.slug, found.id])
        one.how = _how(found.content_type)


def _how(content_type: str) -> str:
    if content_type in PICTURES:
        return "picture"
    if content_type == "video/mp4":
        return "video"
    return "sound" if is_sound(content_type) else ""

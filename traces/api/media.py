"""REST of files: what is known of one, and its bytes."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rest import PROBLEM, PROJECT
from traces.api.traces import TraceView
from traces.media.responses import file_response
from traces.models import Media
from traces.queries.media import get_media, uses_of
from traces.rest.media_documents import MediaDocument
from traces.values.instants import iso, nanoseconds


class MediaView(TraceView):
    """Finds the file in the project of the key, or in the one that a person names."""

    def media(self, project_id: int, media_id: str) -> Media:
        """Raises: NotFound where there is none, or only an announcement."""
        found = get_media(project_id, media_id)
        if found is None or found.uploaded_at is None:
            raise NotFound("This project has no such file.")
        return found


class OneMedia(MediaView):
    """What is known of a file."""

    @extend_schema(
        operation_id="get_media",
        summary="One file that spans show",
        parameters=[PROJECT],
        responses={200: MediaDocument, 404: PROBLEM},
    )
    def get(self, request: Request, media_id: str) -> Response:
        """Its type, size and the spans that show it."""
        self.check_parameters(request)
        project_id, slug = self.place(request)
        media = self.media(project_id, media_id)
        assert media.uploaded_at is not None  # noqa: S101  (media() saw to it)
        return Response(
            {
                "id": media.id,
                "content_type": media.content_type,
                "size": media.size,
                "sha256": media.sha256,
                "uploaded_at": iso(nanoseconds(media.uploaded_at)),
                "url": reverse("traces:media", args=[slug, media.id]),
                "uses": [
                    {"trace_id": use.trace_id, "span_id": use.span_id or None, "field": use.field}
                    for use in uses_of(project_id, media.id)
                ],
            }
        )


class MediaContent(MediaView):
    """The bytes of a file."""

    @extend_schema(
        operation_id="get_media_content",
        summary="The bytes of a file",
        description="Pictures, sound and video/mp4 with their own type; PDF as an attachment; "
        "anything else as an attachment of application/octet-stream.",
        parameters=[PROJECT],
        responses={200: OpenApiResponse(description="The bytes."), 404: PROBLEM},
    )
    def get(self, request: Request, media_id: str) -> HttpResponseBase:
        """They never change under an id."""
        self.check_parameters(request)
        project_id, _ = self.place(request)
        return file_response(request._request, self.media(project_id, media_id))

"""A file as an answer over HTTP, made so that a browser never runs what is in it."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase

from traces.media.content import file_name, served_as
from traces.media.s3 import StoreIsAway
from traces.models import Media
from traces.queries.media import bytes_of

log = logging.getLogger(__name__)


def file_response(request: HttpRequest, media: Media) -> HttpResponseBase:
    """The bytes of an uploaded file. Content never changes under an id, so it may be kept."""
    tag = f'"{media.id}"'
    content_type, is_shown = served_as(media.content_type)
    response: HttpResponse
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponseNotModified()
    else:
        try:
            body = bytes_of(media)
        except StoreIsAway as away:
            log.error("media not read", extra={"reason": str(away)})
            return HttpResponse("The object store does not answer.", "text/plain", status=503)
        response = HttpResponse(body, content_type=content_type)
        how = "inline" if is_shown else "attachment"
        name = file_name(media.id, media.content_type)
        response["Content-Disposition"] = f'{how}; filename="{name}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = tag
    response["Cache-Control"] = "private, max-age=3600"
    return response

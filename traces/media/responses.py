"""A file as an answer over HTTP, made so that a browser never runs what is in it."""

from __future__ import annotations

import logging
import re

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase

from traces.media.content import file_name, served_as
from traces.media.s3 import StoreIsAway
from traces.models import Media
from traces.queries.media import bytes_of

log = logging.getLogger(__name__)

_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})", re.ASCII)


def file_response(request: HttpRequest, media: Media) -> HttpResponseBase:
    """The bytes of an uploaded file. Content never changes under an id, so it may be kept."""
    tag = f'"{media.id}"'
    if request.headers.get("If-None-Match") == tag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        try:
            response = _part(request, bytes_of(media))
        except StoreIsAway as away:
            log.error("media not read", extra={"reason": str(away)})
            return HttpResponse("The object store does not answer.", "text/plain", status=503)
        response["Content-Type"], is_shown = served_as(media.content_type)
        how = "inline" if is_shown else "attachment"
        name = file_name(media.id, media.content_type)
        response["Content-Disposition"] = f'{how}; filename="{name}"'
        response["Accept-Ranges"] = "bytes"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = tag
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _part(request: HttpRequest, body: bytes) -> HttpResponse:
    """All of it, or the range that is asked for: players seek by ranges, some play by no other."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or not (asked[1] or asked[2]):
        return HttpResponse(body)
    if asked[1]:
        start = int(asked[1])
        end = min(int(asked[2]), len(body) - 1) if asked[2] else len(body) - 1
    else:  # the last so many
        start, end = max(len(body) - int(asked[2]), 0), len(body) - 1
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(body)}"})
    response = HttpResponse(body[start : end + 1], status=206)
    response["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
    return response

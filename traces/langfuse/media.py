"""Media: announced with a key, uploaded to and fetched from signed addresses without one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from traces.feedback.given import stored_id
from traces.langfuse.envelope import Answer, ApiError, Call, refusal, written
from traces.langfuse.moments import iso_text
from traces.media.addresses import (
    DOWNLOAD_SECONDS,
    BadAddress,
    absolute,
    download_token,
    file_of,
    promise_of,
)
from traces.media.responses import file_response
from traces.queries.media import get_media
from traces.services.media import Announced, NotTaken, announce_media, note_upload, take_upload

_ABSENT = "There is no uploaded media of this id."


def announce(call: Call) -> Answer:
    """Expect a file, and say where to send it; nowhere when its bytes are here."""
    body = _object(call)
    size = body.get("contentLength")
    if not isinstance(size, int) or isinstance(size, bool):
        raise ApiError(400, "contentLength: Must be a number of bytes.")
    given = Announced(
        content_type=_text(body, "contentType"),
        size=size,
        sha256=_text(body, "sha256Hash"),
        trace_id=stored_id(_text(body, "traceId")),
        span_id=stored_id(_text(body, "observationId")),
        field=_text(body, "field"),
    )
    try:
        media_id, token = announce_media(call.project_id, given)
    except NotTaken as refused:
        raise ApiError(refused.status, str(refused)) from None
    url = absolute(call.request, "langfuse:media_upload", token) if token else None
    return Answer({"mediaId": media_id, "uploadUrl": url}, 201)


def uploaded(call: Call, media_id: str) -> HttpResponse:
    """What the client saw of its upload; of a failed one the reason is kept."""
    if get_media(call.project_id, media_id) is None:
        raise ApiError(404, _ABSENT)
    body = _object(call)
    status = body.get("uploadHttpStatus")
    if not isinstance(status, int) or isinstance(status, bool):
        raise ApiError(400, "uploadHttpStatus: Must be a number.")
    note_upload(call.project_id, media_id, status, str(body.get("uploadHttpError") or ""))
    return HttpResponse(status=204)


def one(call: Call, media_id: str) -> dict[str, Any]:
    """An uploaded file, with an address that hands it out for an hour."""
    media = get_media(call.project_id, media_id)
    if media is None or media.uploaded_at is None:
        raise ApiError(404, _ABSENT)
    token = download_token(call.project_id, media_id)
    return {
        "mediaId": media.id,
        "contentType": media.content_type,
        "contentLength": media.size,
        "uploadedAt": iso_text(media.uploaded_at),
        "url": absolute(call.request, "langfuse:media_file", token),
        "urlExpiry": iso_text(datetime.now(UTC) + timedelta(seconds=DOWNLOAD_SECONDS)),
    }


@csrf_exempt
def upload(request: HttpRequest, token: str) -> HttpResponse:
    """Take the bytes that this address was made for. The address is the key."""
    if request.method != "PUT":
        return refusal(405, f"{request.method} is not possible here; there is PUT.")
    try:
        promise = promise_of(token)
        sent = request.headers.get("x-amz-checksum-sha256")
        if sent is not None and sent != promise.sha256:
            raise NotTaken(400, "x-amz-checksum-sha256 is not the SHA-256 that was announced.")
        # A byte more than was promised tells a longer body apart without reading it whole.
        take_upload(promise, request.read(promise.size + 1))
    except BadAddress as bad:
        return refusal(403, str(bad))
    except NotTaken as refused:
        return refusal(refused.status, str(refused))
    return written({})


@csrf_exempt
def download(request: HttpRequest, token: str) -> HttpResponseBase:
    """The bytes of an uploaded file. The address is the key."""
    if request.method not in ("GET", "HEAD"):
        return refusal(405, f"{request.method} is not possible here; there is GET.")
    try:
        project_id, media_id = file_of(token)
    except BadAddress as bad:
        return refusal(403, str(bad))
    media = get_media(project_id, media_id)
    if media is None or media.uploaded_at is None:
        return refusal(404, _ABSENT)
    return file_response(request, media)


def _object(call: Call) -> dict[str, Any]:
    body = call.body()
    if not isinstance(body, dict):
        raise ApiError(400, "The body must be a JSON object.")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    """A text, '' for null or nothing. Raises: ApiError."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise ApiError(400, f"{name}: Must be a text.")
    return value or ""

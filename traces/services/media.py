"""Files: announced, uploaded once, kept by their content."""

from __future__ import annotations

import hashlib
import logging
from base64 import b64encode
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from governance.redaction import redact_text
from traces.media.addresses import Promise, upload_token
from traces.media.bodies import put_elsewhere
from traces.media.content import clean_type, digest_of, media_id_of
from traces.media.s3 import StoreIsAway
from traces.models import Media, MediaUse

log = logging.getLogger(__name__)

FIELDS = ("input", "output", "metadata")
LONGEST_ID = 500  # characters


class NotTaken(Exception):
    """A file that is not taken; the text is for the sender, `status` is that of HTTP."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Announced:
    """A file that will be sent, and where it is shown (`trace_id` empty: on no trace)."""

    content_type: str
    size: int  # bytes
    sha256: str  # base64
    trace_id: str = ""
    span_id: str = ""
    field: str = ""


@transaction.atomic
def announce_media(project_id: int, given: Announced) -> tuple[str, str | None]:
    """Expect a file: its id, and the token of its upload address (None: the file is here).

    May be repeated; the same bytes are kept once a project. Raises: NotTaken.
    """
    digest, content_type = digest_of(given.sha256), clean_type(given.content_type)
    if digest is None:
        raise NotTaken(400, "sha256Hash: Must be the base64 of a SHA-256.")
    if content_type is None:
        raise NotTaken(400, "contentType: Must be a media type such as image/png.")
    if given.size < 1:
        raise NotTaken(400, "contentLength: Must be at least 1.")
    if given.size > settings.MEDIA_MAX_BYTES:
        raise NotTaken(
            413,
            f"contentLength: {given.size:,} bytes are more than the {settings.MEDIA_MAX_BYTES:,} "
            "that this installation takes (MEDIA_MAX_BYTES).",
        )
    _check_place(given)
    media_id = media_id_of(digest)
    promise = Promise(project_id, media_id, content_type, given.size, b64encode(digest).decode())
    with connection.cursor() as cursor:
        # A later announcement makes the file young again: its trace may still be on its way.
        # What is wrong in an earlier one is put right by the upload, which fixes type and size.
        cursor.execute(
            "insert into media (project_id, id, sha256, content_type, size, created_at) "
            "values (%s, %s, %s, %s, %s, now()) on conflict (project_id, id) do update "
            "set created_at = excluded.created_at",
            [project_id, media_id, promise.sha256, content_type, given.size],
        )
    use = MediaUse(
        project_id=project_id,
        media_id=media_id,
        trace_id=given.trace_id,
        span_id=given.span_id,
        field=given.field,
    )
    MediaUse.objects.bulk_create([use], ignore_conflicts=True)
    is_here = Media.objects.filter(
        project_id=project_id, id=media_id, uploaded_at__isnull=False
    ).exists()
    return media_id, None if is_here else upload_token(promise)


def _check_place(given: Announced) -> None:
    if given.trace_id and given.field not in FIELDS:
        raise NotTaken(400, f"field: Must be one of {', '.join(FIELDS)}.")
    for name, value in (("traceId", given.trace_id), ("observationId", given.span_id)):
        if "\0" in value or len(value) > LONGEST_ID:
            raise NotTaken(400, f"{name}: Must be a text of at most {LONGEST_ID} characters.")


def is_awaited(promise: Promise) -> bool:
    """Whether the bytes of an upload address may still come."""
    return Media.objects.filter(
        project_id=promise.project_id, id=promise.media_id, uploaded_at__isnull=True
    ).exists()


def take_upload(promise: Promise, body: bytes) -> None:
    """Keep the bytes that were promised. Raises: NotTaken for any others, or a second time."""
    if len(body) != promise.size:
        raise NotTaken(
            413 if len(body) > promise.size else 400,
            f"{promise.size:,} bytes were announced, and other than that came.",
        )
    if b64encode(hashlib.sha256(body).digest()).decode() != promise.sha256:
        raise NotTaken(400, "The bytes do not have the SHA-256 that was announced.")
    if not is_awaited(promise):
        raise NotTaken(409, "This address was used already.")
    try:
        is_elsewhere = put_elsewhere(
            promise.project_id, promise.media_id, body, promise.content_type
        )
    except StoreIsAway as away:
        log.error("media not kept", extra={"reason": str(away)})
        raise NotTaken(503, "The object store does not take it now; send it again.") from None
    taken = Media.objects.filter(
        project_id=promise.project_id, id=promise.media_id, uploaded_at__isnull=True
    ).update(
        body=None if is_elsewhere else body,
        is_elsewhere=is_elsewhere,
        content_type=promise.content_type,
        size=promise.size,
        uploaded_at=timezone.now(),
        upload_error=None,
    )
    if not taken:
        raise NotTaken(409, "This address was used already.")


def note_upload(project_id: int, media_id: str, status: int, error: str) -> bool:
    """Keep why a client could not upload a file; False where the project knows no such file.

    A file whose bytes are here is left alone, whatever the client saw.
    """
    known = Media.objects.filter(project_id=project_id, id=media_id)
    if not known.exists():
        return False
    if not 200 <= status < 300:
        text = redact_text(f"{status}: {error}".replace("\0", ""))[:500]
        known.filter(uploaded_at__isnull=True).update(upload_error=text)
    return True

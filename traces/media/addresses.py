"""Signed addresses of files: one that takes a file once, one that hands it out for an hour."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

UPLOAD_SECONDS = 900  # SDKs send at once; a key that is revoked must not live on in addresses
DOWNLOAD_SECONDS = 3600
_UPLOAD, _DOWNLOAD = "traces.media.upload", "traces.media.download"


class BadAddress(Exception):
    """The address was not made here, or its time is over; the text says which."""


@dataclass(frozen=True)
class Promise:
    """What an upload address allows: exactly these bytes of this type, in this project."""

    project_id: int
    media_id: str
    content_type: str
    size: int  # bytes
    sha256: str  # base64


def upload_token(promise: Promise) -> str:
    """The secret part of an upload address."""
    return signing.dumps(astuple(promise), salt=_UPLOAD)


def promise_of(token: str) -> Promise:
    """What an upload address allows. Raises: BadAddress."""
    return Promise(*_read(token, _UPLOAD, UPLOAD_SECONDS))


def download_token(project_id: int, media_id: str) -> str:
    """The secret part of a download address."""
    return signing.dumps((project_id, media_id), salt=_DOWNLOAD)


def file_of(token: str) -> tuple[int, str]:
    """Project and id of the file of a download address. Raises: BadAddress."""
    project_id, media_id = _read(token, _DOWNLOAD, DOWNLOAD_SECONDS)
    return int(project_id), str(media_id)


def absolute(request: HttpRequest, name: str, token: str) -> str:
    """An address below the host that the client reached us by, which may not be the public one."""
    path = reverse(name, args=[token])
    if request.get_host() == urlsplit(settings.PUBLIC_URL).netloc:
        return f"{settings.PUBLIC_URL}{path}"  # its scheme is right behind any proxy
    return request.build_absolute_uri(path)


def _read(token: str, salt: str, seconds: int) -> list[Any]:
    try:
        found: list[Any] = signing.loads(token, salt=salt, max_age=seconds)
    except signing.SignatureExpired:
        raise BadAddress("The time of this address is over.") from None
    except signing.BadSignature:
        raise BadAddress("This address was not made here.") from None
    return found

"""What a file is known by, and which kinds of file a browser may be shown. Pure."""

from __future__ import annotations

import re
from base64 import b64decode, urlsafe_b64encode

ID_LENGTH = 22  # characters of base64url(sha256); Langfuse's SDKs compute the same
DEFAULT_TYPE = "application/octet-stream"
# What a browser draws without running anything that the file says. Never HTML, never SVG.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_SHOWN = PICTURES | {"video/mp4"}
_AUDIO = re.compile(r"audio/[a-z0-9][a-z0-9.+-]{0,60}")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
_ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "video/mp4": "mp4",
    "application/pdf": "pdf",
    "application/json": "json",
    "text/plain": "txt",
    "text/csv": "csv",
}


def digest_of(sha256: str) -> bytes | None:
    """The 32 bytes of a SHA-256 in base64; None where it is none."""
    try:
        found = b64decode(sha256, validate=True)
    except ValueError:
        return None
    return found if len(found) == 32 else None


def media_id_of(digest: bytes) -> str:
    """The id of the file with this SHA-256."""
    return urlsafe_b64encode(digest).decode()[:ID_LENGTH]


def clean_type(sent: str) -> str | None:
    """A content type without its parameters, in lower case; None where it is none."""
    kind = sent.partition(";")[0].strip().lower()
    return kind if _TYPE.fullmatch(kind) else None


def is_sound(content_type: str) -> bool:
    """Whether it is audio that a player may be given."""
    return _AUDIO.fullmatch(content_type) is not None


def served_as(content_type: str) -> tuple[str, bool]:
    """The type a file is handed out with, and whether a browser may show it (else it saves it)."""
    if content_type in _SHOWN or is_sound(content_type):
        return content_type, True
    if content_type == "application/pdf":
        return content_type, False
    return DEFAULT_TYPE, False


def file_name(media_id: str, content_type: str) -> str:
    """A name to save it under: nothing that was sent stands in it but letters and digits."""
    ending = _ENDINGS.get(content_type, "bin")
    return f"{re.sub('[^A-Za-z0-9_-]', '', media_id)[:ID_LENGTH]}.{ending}"

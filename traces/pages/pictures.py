"""Files inside the content of a span: found, and their bytes kept out of the text. Pure.

A reference names an uploaded file; a data URI or base64 carries the file itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kit.figures import size as size_words
from traces.ingest.canonical.media_references import MediaReference, is_mentioned, pieces
from traces.media.content import PICTURES

LONGEST_INLINE = 1_000_000  # characters of base64 that a page shows by itself
MOST_INLINE = 4_000_000  # the same for all of a span; pictures beyond it are only named
_LEAST = 64  # characters of base64 from which a text is no text
_DATA_URI = re.compile(
    r"data:([a-z0-9.+-]+/[a-z0-9.+-]+)?(?:;[a-z0-9=._-]+)*;base64,([A-Za-z0-9+/_=-]+)",
    re.IGNORECASE,
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
# Names under which clients put bytes, and those that say what the bytes are.
_BYTES = frozenset({"data", "base64", "b64_json", "file_data", "bytes", "image", "audio"})
_TYPES = ("mime_type", "media_type", "mimeType", "mediaType", "format")
_STARTS = (
    ("iVBORw0KGgo", "image/png"),
    ("/9j/", "image/jpeg"),
    ("R0lGOD", "image/gif"),
    ("UklGR", "image/webp"),
)
_SHORT_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "pdf": "application/pdf",
}


@dataclass(slots=True)
class Shown:
    """A file to show. `media_id`: it was uploaded; `uri`: `data:…` of a small picture."""

    kind: str  # image, audio, video, file
    media_id: str = ""
    content_type: str = ""
    uri: str = ""
    size: int = 0  # bytes; 0: unknown
    address: str = ""  # elsewhere: shown as text
    href: str = ""  # of the uploaded file, once it is known to be here
    how: str = ""  # picture, sound or video: what of it a page may embed
    where: str = ""  # in words, for who cannot see it
    trouble: str = ""  # why an uploaded file cannot be shown

    @property
    def facts(self) -> str:
        """Its type, size and address in words."""
        length = size_words(self.size) if self.size else ""
        return ", ".join(filter(None, [self.content_type, length, self.address[:200]]))


def of_part(part: dict[str, Any]) -> Shown:
    """The file of a part of a message: {type, media_id | uri | data, mime_type}."""
    kind = str(part.get("type") or "file")
    content_type = _full_type(part.get("mime_type"))
    if isinstance(part.get("media_id"), str):
        return Shown(kind, media_id=part["media_id"], content_type=content_type)
    uri, data = part.get("uri"), part.get("data")
    for text in (uri, data):
        if isinstance(text, str) and (found := _DATA_URI.match(text)):
            return _carried(kind, (found[1] or content_type).lower(), found[2])
    if isinstance(data, str) and data:
        return _carried(kind, content_type, data)
    return Shown(kind, content_type=content_type, address=uri if isinstance(uri, str) else "")


def of_reference(reference: MediaReference) -> Shown:
    """The file that a reference names."""
    return of_part(reference.part())


def split(text: str) -> list[str | Shown]:
    """A text and the files in it, in their order; bytes never stay in the text."""
    found: list[str | Shown] = []
    for piece in pieces(text) if is_mentioned(text) else [text]:
        if isinstance(piece, MediaReference):
            found.append(of_reference(piece))
            continue
        end = 0
        for match in _DATA_URI.finditer(piece) if "data:" in piece.lower() else ():
            if len(match[2]) < _LEAST:
                continue
            found.append(piece[end : match.start()])
            found.append(_carried("", (match[1] or "").lower(), match[2]))
            end = match.end()
        found.append(piece[end:])
    return [piece for piece in found if piece != ""] or [""]


def without_bytes(value: Any, found: list[Shown], depth: int = 64) -> Any:
    """A JSON-like value with a short mark for every file; the files are added to `found`."""
    if isinstance(value, str):
        if not is_mentioned(value) and "base64," not in value:
            return value
        return "".join(
            piece if isinstance(piece, str) else _mark(piece, found) for piece in split(value)
        )
    if depth == 0 or not isinstance(value, (dict, list)):
        return value
    if isinstance(value, list):
        return [without_bytes(item, found, depth - 1) for item in value]
    return {
        name: _mark(_carried("", _type_beside(value, item), item), found)
        if name in _BYTES and isinstance(item, str) and is_base64(item)
        else without_bytes(item, found, depth - 1)
        for name, item in value.items()
    }


def within_a_page(files: Iterable[Shown]) -> None:
    """Leave out, in place, what would make one page too long."""
    inline = 0
    for shown in files:
        inline += len(shown.uri)
        if inline > MOST_INLINE:
            shown.uri = shown.how = ""


def is_base64(text: str) -> bool:
    """Whether a text can only be bytes: long, one word, nothing but base64."""
    return len(text) >= 4 * _LEAST and _BASE64.fullmatch(text) is not None


def _mark(shown: Shown, found: list[Shown]) -> str:
    found.append(shown)
    return f"[{shown.facts or shown.kind}]"


def _carried(kind: str, content_type: str, data: str) -> Shown:
    content_type = content_type or next(
        (named for start, named in _STARTS if data.startswith(start)), ""
    )
    named = content_type.partition("/")[0]
    kind = kind or (named if named in ("image", "audio", "video") else "file")
    shown = Shown(kind, content_type=content_type, size=len(data.rstrip("=")) * 3 // 4)
    if content_type in PICTURES and len(data) <= LONGEST_INLINE and _BASE64.fullmatch(data):
        plain = data.replace("-", "+").replace("_", "/")  # base64url is no data URI
        shown.uri, shown.how = f"data:{content_type};base64,{plain}", "picture"
    return shown


def _type_beside(holder: dict[str, Any], data: str) -> str:
    return next((kind for name in _TYPES if (kind := _full_type(holder.get(name)))), "")


def _full_type(sent: Any) -> str:
    """`image/png` for that and for `png`; '' for what is no type."""
    if not isinstance(sent, str):
        return ""
    sent = sent.strip().lower()
    return sent[:100] if "/" in sent else _SHORT_TYPES.get(sent, "")

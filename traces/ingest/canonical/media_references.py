"""References to uploaded media that Langfuse's SDKs leave in place of the bytes.

`@@@langfuseMedia:type=image/png|id=<22 characters>|source=base64_data_uri@@@`, in any text of
input, output or metadata.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_MARK = "@@@langfuseMedia:"
_REFERENCE = re.compile(r"@@@langfuseMedia:([^@\n]{1,500})@@@")
_KINDS = ("image", "audio", "video")


class MediaReference(NamedTuple):
    """What a reference says: the id under which the bytes were uploaded, and their type."""

    media_id: str
    mime_type: str | None = None
    source: str | None = None

    def part(self, kind: str | None = None) -> dict[str, Any]:
        """Return it as a part of a message; `kind` is that of the place it stands in."""
        named = (self.mime_type or "").partition("/")[0]
        return {
            "type": named if named in _KINDS else kind or "file",
            "media_id": self.media_id,
            "mime_type": self.mime_type,
        }


def is_mentioned(text: Any) -> bool:
    """Return whether a text holds what looks like a reference."""
    return isinstance(text, str) and _MARK in text


def pieces(text: str) -> list[str | MediaReference]:
    """Return a text split at its references, without empty texts; never empty."""
    found: list[str | MediaReference] = []
    end = 0
    for match in _REFERENCE.finditer(text):
        fields = dict(field.partition("=")[::2] for field in match[1].split("|"))
        if not fields.get("id"):
            continue
        if before := text[end : match.start()]:
            found.append(before)
        found.append(
            MediaReference(fields["id"], fields.get("type") or None, fields.get("source") or None)
        )
        end = match.end()
    if end < len(text) or not found:
        found.append(text[end:])
    return found


def references(value: Any, depth: int = 64) -> list[MediaReference]:
    """Return every reference in a JSON-like value, each once, in order."""
    found: list[MediaReference] = []
    if depth > 0:
        if is_mentioned(value):
            found = [piece for piece in pieces(value) if isinstance(piece, MediaReference)]
        elif isinstance(value, (dict, list)):
            for item in value.values() if isinstance(value, dict) else value:
                found.extend(references(item, depth - 1))
    return list(dict.fromkeys(found))

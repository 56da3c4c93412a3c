"""Names of prompts as folders that every file system takes, and back.

The parts of a name are folders. ASCII letters, digits, `-`, `_` and `.` stand for themselves; what
else there is stands as in addresses, `%20` for a space. Encoded too are a dot at either end of a
part and before a last `yaml`, and the first letter of what Windows keeps for devices, so that no
folder is hidden or taken for a file of a version. A part that is too long for one folder goes on
in the next: its folder then ends in a bare `%`.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

LONGEST_FOLDER = 120  # bytes; file systems take 255, whole paths on Windows 260

_PLAIN = re.compile(rb"[A-Za-z0-9._-]")
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_FOLDER = re.compile(r"(?:[A-Za-z0-9._-]|%[0-9A-F]{2})+%?")


def folder_of(name: str) -> str:
    """The folder of the prompt `name`, with `/` between folders."""
    return "/".join(_folded(_encoded(part)) for part in name.split("/"))


def name_of(folder: str) -> str | None:
    """The name whose folder this is; None where no name has it."""
    parts = folder.replace("%/", "").split("/")
    try:
        name = "/".join(unquote_to_bytes(part).decode() for part in parts)
    except UnicodeDecodeError:
        return None
    return name if all(map(_FOLDER.fullmatch, parts)) and folder_of(name) == folder else None


def _encoded(part: str) -> str:
    return "".join(
        chr(byte) if _PLAIN.match(bytes([byte])) else f"%{byte:02X}" for byte in part.encode()
    )


def _folded(text: str) -> str:
    """`text` as one folder, or where it is long as one in another, cut between its codes."""
    folders = []
    while len(text) > LONGEST_FOLDER:
        at = LONGEST_FOLDER
        while "%" in text[at - 2 : at]:
            at -= 1
        folders.append(_safe(text[:at]) + "%")
        text = text[at:]
    return "/".join([*folders, _safe(text)])


def _safe(text: str) -> str:
    if text.lower().endswith(".yaml"):
        text = f"{text[:-5]}%2E{text[-4:]}"
    if text.startswith(".") or _DEVICE.fullmatch(text):
        text = f"%{ord(text[0]):02X}{text[1:]}"
    return f"{text[:-1]}%2E" if text.endswith(".") else text

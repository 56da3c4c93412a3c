"""What a prompt and a label may be called."""

from __future__ import annotations

import re

LONGEST_NAME = 255
LATEST = "latest"  # kept by the server: the newest version that is not archived
# Words that addresses below a prompt's name use (`/prompts/{name}/compare/…`).
RESERVED = {"v", "versions", "compare", "test", "new", "runs"}
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?\Z")


def fault_of_name(name: str) -> str:
    """Why `name` cannot be a prompt's, or ''."""
    parts = name.split("/")
    if not name or not name.strip():
        return "A prompt needs a name."
    if len(name) > LONGEST_NAME:
        return f"A name has at most {LONGEST_NAME} characters."
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in name):
        return "A name holds no control characters."
    if "|" in name:
        return "A name holds no |: references use it."
    if any(not part.strip() or part in {".", ".."} or part != part.strip() for part in parts):
        return "Folders are separated by one /, and none is empty, a dot or edged by spaces."
    if parts[-1] in RESERVED:
        return f"A name does not end in {', '.join(sorted(RESERVED))}: addresses use these words."
    return ""


def fault_of_label(label: str) -> str:
    """Why `label` cannot be set, or ''."""
    if label == LATEST:
        return "latest is kept by the server: it is always the newest version."
    if not _LABEL.match(label):
        return "A label is lower-case letters, digits, dots, hyphens and underscores."
    return ""

"""What a dataset and an item may be called."""

from __future__ import annotations

import re

LONGEST_NAME = 255
LONGEST_KEY = 255
# Words that addresses below a dataset's name use (`/datasets/{name}/items/{key}`).
RESERVED = frozenset(
    {
        "items",
        "versions",
        "runs",
        "diff",
        "compare",
        "v",
        "test",
        "new",
        "import",
        "drafts",
        "duplicates",
        "settings",
        "archive",
    }
)
_WITH_VERSION = re.compile(r"@\d+\Z")


def fault_of_name(name: str) -> str:
    """Why `name` cannot be a dataset's, or ''."""
    parts = name.split("/")
    if not name.strip():
        return "A dataset needs a name."
    if len(name) > LONGEST_NAME:
        return f"A name has at most {LONGEST_NAME} characters."
    if fault := _fault_of_letters(name, "A name"):
        return fault
    if any(not part or part in {".", ".."} or part != part.strip() for part in parts):
        return "Folders are separated by one /, and none is empty, a dot or edged by spaces."
    if RESERVED & set(parts):
        return f"No part of a name is {', '.join(sorted(RESERVED))}: addresses use these words."
    if _WITH_VERSION.search(name):
        return "A name does not end in @ and a number: addresses name versions so."
    return ""


def fault_of_key(key: str) -> str:
    """Why `key` cannot be an item's id, or ''."""
    if not key.strip() or key != key.strip():
        return "An item's id is not empty, nor edged by spaces."
    if len(key) > LONGEST_KEY:
        return f"An item's id has at most {LONGEST_KEY} characters."
    return _fault_of_letters(key, "An item's id")


def _fault_of_letters(text: str, what: str) -> str:
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        return f"{what} holds no control characters."
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return f"{what} holds half of a character (a lone surrogate)."
    return ""

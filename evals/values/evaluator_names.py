"""What an evaluator may be called: its name is that of its scores, and stands in addresses."""

from __future__ import annotations

LONGEST_NAME = 200
RESERVED = frozenset(
    {"v", "versions", "compare", "test", "new", "runs", "online", "proposals", "template", "live"}
)


def fault_of_evaluator_name(name: str) -> str:
    """Why `name` cannot be an evaluator's, or ''."""
    parts = name.split("/")
    if not name.strip():
        return "An evaluator needs a name."
    if len(name) > LONGEST_NAME:
        return f"A name has at most {LONGEST_NAME} characters."
    if not name.isprintable() or any("\ud800" <= letter <= "\udfff" for letter in name):
        return "A name is one line of visible characters."
    if any(not part or part in {".", ".."} or part != part.strip() for part in parts):
        return "Folders are separated by one /, and none is empty, a dot or edged by spaces."
    if RESERVED & set(parts):
        return f"No part of a name is {', '.join(sorted(RESERVED))}: addresses use these words."
    return ""

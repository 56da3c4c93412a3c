"""What a feature may be called: what spans may carry, as far as an address can hold it. Pure."""

from __future__ import annotations

LONGEST = 200
# Words that addresses use before and after a feature's name.
FIRST = frozenset({"new", "rules", "figures", "seen"})
LAST = frozenset({"targets", "edit", "archive", "prompts", "figures", "rules", "gates"})


def fault_of_name(name: str) -> str:
    """Why a feature cannot be registered as `name`, or ''."""
    if not name.strip():
        return "A feature needs the name that its spans carry."
    if name != name.strip():
        return "A name does not begin or end with a space."
    if len(name) > LONGEST:
        return f"A name has at most {LONGEST} characters."
    if any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in name):
        return "A name holds no control characters."
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in name):
        return "A name is whole Unicode text."
    parts = name.split("/")
    if any(not part or part in {".", ".."} for part in parts):
        return "Parts of a name are separated by one /, and none is empty or a dot."
    if parts[0] in FIRST or parts[-1] in LAST or "targets" in parts:
        words = ", ".join(sorted(FIRST | LAST))
        return f"Addresses use the words {words}; the name neither begins nor ends with one."
    return ""

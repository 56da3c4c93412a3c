"""Why a file cannot be taken: where, and what is expected there."""

from __future__ import annotations


class BadFile(Exception):
    """The export cannot be read. `line` counts from 1, the header first; 0 is the whole file."""

    def __init__(self, what: str, *, line: int = 0, column: str = "", expected: str = "") -> None:
        where = ", ".join(
            part for part in (f"line {line:,}" if line else "", f"column “{column}”" * bool(column))
            if part
        )  # fmt: skip
        said = f"{where[:1].upper()}{where[1:]}: {what}" if where else what
        if expected:
            said = f"{said.rstrip('.')}; expected {expected}"
        super().__init__(said if said.endswith(".") else f"{said}.")
        self.line, self.column, self.expected = line, column, expected


def quoted(text: str) -> str:
    """A cell as it is repeated in a message: short, on one line."""
    plain = " ".join(text.split())
    return f"“{plain[:40]}…”" if len(plain) > 40 else f"“{plain}”"

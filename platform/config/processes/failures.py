"""What stops an installation from starting, said in one line a person can act on."""

from __future__ import annotations


class CannotStart(Exception):
    """The start is refused; the text is one plain line that says why and what to do."""

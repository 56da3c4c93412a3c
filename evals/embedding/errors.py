"""Why texts could not be embedded."""

from __future__ import annotations

from kit.errors import DomainError


class NotEmbedded(DomainError):
    """No vectors; the text says why."""

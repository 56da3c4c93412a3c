"""What stops an import, in words for whoever started it."""

from __future__ import annotations


class SourceError(Exception):
    """The source cannot be read, or not on; the text has no full stop.

    `is_begun` is set where a run stands that the next start goes on with.
    """

    is_begun = False


class NotThere(SourceError):
    """The source has no such address or object (404, 405, 410)."""


class AlreadyRunning(SourceError):
    """Another process reads the same source into the same project."""

"""Moments and lengths as Langfuse's API writes them: ISO 8601 in UTC, and seconds."""

from __future__ import annotations

from datetime import UTC, datetime


def iso_text(at: datetime) -> str:
    """UTC with six digits and Z: what is known, no less."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def seconds(length_us: int | None) -> float | None:
    """Microseconds as seconds."""
    return None if length_us is None else length_us / 1_000_000

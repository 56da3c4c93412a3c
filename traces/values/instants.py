"""Instants and lengths as the REST API writes them: nanoseconds, ISO 8601, milliseconds. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLAIN_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (its text has no offset)
_MICROSECOND = timedelta(microseconds=1)


def nanoseconds(moment: datetime) -> int:
    """Unix nanoseconds of an instant; exact, without a float between."""
    return (moment - _EPOCH) // _MICROSECOND * 1000


def iso(at: int | None) -> str | None:
    """Unix nanoseconds as ISO 8601 in UTC with all nine digits."""
    if at is None:
        return None
    seconds, rest = divmod(at, 1_000_000_000)
    try:
        whole = _PLAIN_EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
    return f"{whole.isoformat()}.{rest:09d}Z"


def milliseconds(length_us: int | None) -> float | None:
    """Microseconds as milliseconds."""
    return None if length_us is None else length_us / 1000

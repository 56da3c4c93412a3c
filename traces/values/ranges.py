"""The range of time of a page: `24h`, `7d`, or `from..to` in ISO 8601."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

DEFAULT = "24h"
CHOICES = (
    ("15m", "Last 15 minutes"),
    ("1h", "Last hour"),
    ("6h", "Last 6 hours"),
    ("24h", "Last 24 hours"),
    ("7d", "Last 7 days"),
    ("30d", "Last 30 days"),
    ("90d", "Last 90 days"),
    ("400d", "Everything kept"),
)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_RELATIVE = re.compile(r"^(\d{1,4})([mhd])$")
_LONGEST = timedelta(days=800)


class BadRange(ValueError):
    """The text names no range; the message says what would."""


@dataclass(frozen=True)
class Range:
    """`until` is None for a range that ends now, so that news keep coming."""

    text: str
    label: str
    since: datetime
    until: datetime | None


def parse_range(text: str) -> Range:
    """The range that `t` names; the default for nothing. Raises: BadRange."""
    text = text.strip() or DEFAULT
    if match := _RELATIVE.match(text):
        length = timedelta(**{_UNITS[match[2]]: int(match[1])})
        if not timedelta(0) < length <= _LONGEST:
            raise BadRange("Choose up to 800 days.")
        label = dict(CHOICES).get(text, f"Last {match[1]} {_UNITS[match[2]]}")
        return Range(text, label, timezone.now() - length, None)
    first, dots, last = text.partition("..")
    if not dots:
        raise BadRange("Write 24h, 7d, or from..to in ISO 8601.")
    since, until = _instant(first), _instant(last)
    if since >= until:
        raise BadRange("The end must be after the start.")
    return Range(text, f"{since:%d %b %H:%M} to {until:%d %b %H:%M} UTC", since, until)


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadRange("Write 24h, 7d, or from..to in ISO 8601.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

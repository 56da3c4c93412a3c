"""When a delivery is tried again: soon, then ever later, for about a day."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# After the first, second, … failed try; ten tries within 23 h 21 min. docs/webhooks.md has them.
WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (10, 60, 300, 900, 3600, 7200, 14_400, 28_800, 28_800)
)
MOST_TRIES = len(WAITS) + 1
JITTER = 0.2  # a fifth earlier or later, so that what failed together is not tried together


def next_wait(tries: int, *, retry_after: str | None = None) -> timedelta | None:
    """How long to wait after the `tries`-th try has failed; None where it was the last.

    A server that names a later time in `Retry-After` gets it, up to the longest wait.
    """
    if tries >= MOST_TRIES:
        return None
    spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  (spreads load, hides nothing)
    wait = WAITS[tries - 1] * spread
    asked = _seconds(retry_after)
    return wait if asked is None else max(wait, min(timedelta(seconds=asked), WAITS[-1]))


def _seconds(retry_after: str | None) -> float | None:
    """The header as seconds from now; None where it is missing or neither number nor date."""
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after.strip()[:9])
    try:
        at = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):  # an offset without bounds among them
        return None
    return (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()

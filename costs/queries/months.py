"""Calendar months, and the token classes as costs tell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

# Of which unit costs are told.
DIMENSIONS = {
    "feature": ("feature",),
    "model": ("model",),
    "prompt": ("prompt_name", "prompt_version"),
}
FIRST = date(2015, 1, 1)  # no month before is asked for
# What is told together of the token classes.
CLASSES: Mapping[str, Sequence[str]] = {
    "Output": ("out_text", "out_reasoning", "out_audio"),
    "Input": ("in_uncached", "in_audio"),
    "Cache write": ("in_cache_write",),
    "Cache read": ("in_cached",),
}


@dataclass(frozen=True)
class Month:
    """A calendar month (UTC) and how much of it is there: `until` is the day after the last."""

    start: date
    end: date  # the first of the next
    until: date
    is_running: bool = False  # today is in it

    @property
    def days(self) -> int:
        """How many days of it are looked at."""
        return (self.until - self.start).days

    @cached_property
    def before(self) -> Month:
        """The same days of the month before; of a shorter one, all."""
        start = (self.start - timedelta(days=1)).replace(day=1)
        return Month(start, self.start, min(start + timedelta(days=self.days), self.start))


def month_of(text: str, today: date) -> Month:
    """The month `YYYY-MM`; the running one where that is none, or is to come."""
    try:
        start = date.fromisoformat(f"{text}-01") if len(text) == 7 else today.replace(day=1)
    except ValueError:
        start = today.replace(day=1)
    start = max(min(start, today.replace(day=1)), FIRST)
    end = (start + timedelta(days=32)).replace(day=1)
    return Month(start, end, min(end, today + timedelta(days=1)), today < end)

"""When nothing is sent, and when tickets wait: windows and hours of the clock, pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Window:
    """A time of maintenance: once, or every week at the same clock where it was said.

    `feature` '' is the whole project. `ends` is later than `begins`; a weekly one lasts at most
    six days.
    """

    begins: datetime
    ends: datetime
    is_weekly: bool = False
    zone: str = "UTC"
    feature: str = ""

    def covers(self, feature: str) -> bool:
        """True for incidents of this feature."""
        return self.feature in ("", feature)


@dataclass(frozen=True)
class Hours:
    """Hours in which only pages are heard: from and until a time of day, over midnight or not."""

    begins: time
    ends: time
    zone: str = "UTC"


def window_end(window: Window, now: datetime) -> datetime | None:
    """When the window in which `now` lies is over; None where it lies in none."""
    if not window.is_weekly:
        return window.ends if window.begins <= now < window.ends else None
    there = ZoneInfo(window.zone)
    first, last = (one.astimezone(there) for one in (window.begins, window.ends))
    lasts_days = (last.date() - first.date()).days
    today = now.astimezone(there).date()
    for back in range(lasts_days + 1):
        day = today - timedelta(days=back)
        if day < first.date() or day.weekday() != first.weekday():
            continue
        begins = _at(day, first.time(), there)
        ends = _at(day + timedelta(days=lasts_days), last.time(), there)
        if begins <= now < ends:
            return ends
    return None


def held_until(windows: Iterable[Window], feature: str, now: datetime) -> datetime | None:
    """When the last of the windows that cover the feature now is over; None where none does.

    Windows that follow each other without a gap are one.
    """
    covering = [one for one in windows if one.covers(feature)]
    until: datetime | None = None
    at = now
    for _ in range(len(covering) + 1):
        ends = [end for one in covering if (end := window_end(one, at)) is not None]
        if not ends:
            break
        until = at = max(ends)
    return until


def quiet_until(hours: Hours, now: datetime) -> datetime | None:
    """When the hours in which `now` lies are over; None outside of them."""
    there = ZoneInfo(hours.zone)
    today = now.astimezone(there).date()
    if hours.begins == hours.ends:
        return None
    for day in (today - timedelta(days=1), today):
        over = day if hours.begins < hours.ends else day + timedelta(days=1)
        begins, ends = _at(day, hours.begins, there), _at(over, hours.ends, there)
        if begins <= now < ends:
            return ends
    return None


def _at(day: date, clock: time, there: ZoneInfo) -> datetime:
    """The moment of that day, in UTC; one that the clock jumps over is as late as it would be."""
    return datetime.combine(day, clock, there).astimezone(UTC)

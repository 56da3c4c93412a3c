"""When a schedule's runs are due: a time of day in a zone, on some days of the week. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo, available_timezones


def is_zone(name: str) -> bool:
    """True for a name of the IANA time zone database."""
    return name in available_timezones()


def next_slot(
    after: datetime, *, hour: int, minute: int, zone: str, weekdays: Collection[int]
) -> datetime:
    """The first slot later than `after`, in UTC. Monday is 0; at least one weekday is needed.

    On a day whose clock jumps over the time, the slot is as long after midnight as the clock would
    have said; on one that has it twice it is the first.
    """
    there = ZoneInfo(zone)
    day = after.astimezone(there).date() - timedelta(days=1)
    while True:
        day += timedelta(days=1)
        if day.weekday() not in weekdays:
            continue
        slot = datetime(day.year, day.month, day.day, hour, minute, tzinfo=there).astimezone(UTC)
        if slot > after:
            return slot


def day_of(slot: datetime, zone: str) -> int:
    """The day of a slot where the schedule lives, as `datetime.date.toordinal` counts."""
    return slot.astimezone(ZoneInfo(zone)).date().toordinal()


def date_of(day: int) -> date:
    """The other way."""
    return date.fromordinal(day)


def end_of_day(day: int, zone: str) -> datetime:
    """The moment in which the day is over there, in UTC."""
    after = date.fromordinal(day + 1)
    return datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def jitter(schedule_id: int, slot: datetime, minutes: int) -> timedelta:
    """How long after its slot a run begins: the same for the same slot, spread over `minutes`."""
    if minutes <= 0:
        return timedelta()
    digest = blake2b(f"{schedule_id}/{slot.timestamp():.0f}".encode(), digest_size=8).digest()
    return timedelta(seconds=int.from_bytes(digest, "big") % (minutes * 60))

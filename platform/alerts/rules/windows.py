"""Which windows a rule looks at, and how often. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from alerts.rules.deciding import Figure, Look, Reading
from traces.values.measures import Window

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# A window ends so long ago: what comes later than that is in the next look, and spans that are on
# their way (exporters gather for seconds) are in this one.
DELAY = timedelta(minutes=2)
# Long windows begin with a whole hour, because figures by hour answer them.
WHOLE_HOURS_FROM = 180
LENGTHS = {
    5: "5 minutes", 10: "10 minutes", 15: "15 minutes", 30: "30 minutes", 60: "1 hour",
    120: "2 hours", 180: "3 hours", 360: "6 hours", 720: "12 hours", 1440: "1 day",
    10080: "7 days",
}  # fmt: skip
LOOKS_A_WINDOW = 60  # so often at most is a window looked at while it passes


class Baseline(StrEnum):
    """What a change is measured against."""

    DAY = "day"
    WEEK = "week"
    MEDIAN = "median"  # of the same window on the days before


@dataclass(frozen=True, slots=True)
class Frame:
    """The windows of a rule: how long, how many, and what they are compared with."""

    minutes: int
    windows: int = 1
    baseline: Baseline | None = None
    days: int = 7  # of the median

    def windows_at(self, end: datetime) -> list[list[Window]]:
        """For each window, the newest first: itself, and those of its baseline."""
        found = []
        until = end
        for _ in range(self.windows):
            since = until - self.minutes * MINUTE
            if self.minutes >= WHOLE_HOURS_FROM:
                since = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
            found.append([(since, until), *self._before(since, until)])
            until = since
        return found

    def _before(self, since: datetime, until: datetime) -> list[Window]:
        match self.baseline:
            case Baseline.DAY:
                back = [1]
            case Baseline.WEEK:
                back = [7]
            case Baseline.MEDIAN:
                back = list(range(1, self.days + 1))
            case _:
                back = []
        return [(since - days * DAY, until - days * DAY) for days in back]

    @property
    def every(self) -> timedelta:
        """How often it looks: each minute, and sixty times while a long window passes."""
        return max(self.minutes // LOOKS_A_WINDOW, 1) * MINUTE


def end_of(now: datetime) -> datetime:
    """Where a window ends that is looked at now: a whole minute, the delay ago."""
    return (now.astimezone(UTC) - DELAY).replace(second=0, microsecond=0)


def looked(at: datetime, windows: list[list[Window]], known: dict[Window, Figure]) -> Look:
    """The look at `at` from the figures of its windows."""
    readings = tuple(
        Reading(known[one[0]], tuple(known[before] for before in one[1:])) for one in windows
    )
    return Look(at, readings)

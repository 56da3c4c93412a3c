"""The days that a page of costs is of, and those before that they are compared with. UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from costs.queries.months import month_of

RANGES = {"7d": 7, "28d": 28, "90d": 90}
MONTH = "month"  # the running one


@dataclass(frozen=True)
class Days:
    """Whole days from `start` to before `until`; `text` names them in the URL."""

    text: str
    label: str  # "November 2026", "28 days"
    start: date
    until: date  # the day after the last
    before_start: date
    before_until: date
    before_label: str  # "20 days of October", "the 28 days before"
    is_month: bool = False

    @property
    def count(self) -> int:
        """How many days are looked at."""
        return (self.until - self.start).days

    def each(self) -> list[date]:
        """Every day, the first one first."""
        return [self.start + timedelta(days=one) for one in range(self.count)]


def days_of(text: str, today: date) -> Days:
    """`7d`, `28d`, `90d` up to today, `month`, or one as `2026-11`; of anything else the running
    month."""
    if (count := RANGES.get(text)) is not None:
        until = today + timedelta(days=1)
        start = until - timedelta(days=count)
        return Days(
            text=text,
            label=f"{count} days",
            start=start,
            until=until,
            before_start=start - timedelta(days=count),
            before_until=start,
            before_label=f"the {count} days before",
        )
    month = month_of("" if text == MONTH else text, today)
    last = month.before
    whole = last.until == last.end
    return Days(
        text=MONTH if month.is_running else f"{month.start:%Y-%m}",
        label=f"{month.start:%B %Y}",
        start=month.start,
        until=month.until,
        before_start=last.start,
        before_until=last.until,
        before_label=f"{last.start:%B}" if whole else f"{last.days} days of {last.start:%B}",
        is_month=True,
    )

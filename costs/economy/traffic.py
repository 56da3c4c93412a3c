"""How many requests there are each day after a launch: growth, the shape of a week, steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from math import log

MOST_A_DAY = 10**12  # beyond, nothing is told
EVEN = (100,) * 7
GROWTHS = ("none", "linear", "percent", "doubling")


@dataclass(frozen=True)
class Traffic:
    """A curve of requests a day.

    `growth` by `amount`: `linear` adds so many requests a day every week, `percent` so many percent
    a week, `doubling` doubles in so many days. `week` weighs Monday to Sunday, 100 being even; only
    their ratio counts. A step sets the level from a date on, and growth starts anew from it.
    `per_user` is requests of an active user a day.
    """

    launch: date
    per_day: Decimal
    growth: str = "none"
    amount: Decimal = Decimal(0)
    week: Sequence[int] = EVEN
    steps: Sequence[tuple[date, Decimal]] = ()
    per_user: Decimal | None = None

    def on(self, day: date) -> int:
        """Requests of a day, whole and at most MOST_A_DAY; 0 before the launch."""
        if day < self.launch:
            return 0
        start, level = self.launch, self.per_day
        for since, per_day in sorted(self.steps):
            if since <= day:
                start, level = since, per_day
        grown = min(self._grown(level, (day - start).days), Decimal(MOST_A_DAY))
        weight = Fraction(7 * self.week[day.weekday()], sum(self.week))
        return min(round(Fraction(max(grown, Decimal(0))) * weight), MOST_A_DAY)

    def users_of(self, requests: int) -> int | None:
        """Active users that make so many requests a day; None where nothing is said of users."""
        return None if not self.per_user else round(Fraction(requests) / Fraction(self.per_user))

    def days(self, count: int) -> list[tuple[date, int]]:
        """The first `count` days from the launch on."""
        days = [self.launch + timedelta(days=one) for one in range(count)]
        return [(day, self.on(day)) for day in days]

    def _grown(self, level: Decimal, days: int) -> Decimal:
        if level <= 0 or self.growth == "none":
            return level
        if self.growth == "linear":
            return level + self.amount * days / 7
        with localcontext() as context:
            context.prec = 28
            if self.growth == "percent":
                rate, power = 1 + self.amount / 100, Decimal(days) / 7
            else:
                rate, power = Decimal(2), Decimal(days) / self.amount
            if rate <= 0:
                return level if days == 0 else Decimal(0)
            if float(power) * log(float(rate)) > 60:  # beyond MOST_A_DAY whatever the level
                return Decimal(MOST_A_DAY)
            return level * rate**power

"""Cost of whole days against their users and requests, and how fast it grows with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from costs.economy.growth import Growth, TooLittle, growth
from traces.queries.active_users import users_by_day
from traces.queries.usage import Scope, span_figures

Of = Literal["users", "requests"]
DAYS = 90  # before today; today is not over
MOST_UNPRICED = 0.05  # of a day's calls without a price; above, its cost is not known


@dataclass(frozen=True)
class Day:
    """One whole day (UTC). `cost` in nano-dollars, None where too many calls have no price."""

    day: date
    users: int
    requests: int
    cost: int | None

    def size(self, of: Of) -> int:
        """Users, or requests."""
        return self.users if of == "users" else self.requests


@dataclass(frozen=True)
class Grown:
    """What the days say: `growth`, or why they say nothing; days left out because of their cost."""

    of: Of
    days: Sequence[Day]  # those that were used
    growth: Growth | None
    why_not: str
    unpriced_days: int


def growth_of(
    project_id: int, *, today: date | None = None, days: int = DAYS, environment: str = ""
) -> dict[Of, Grown]:
    """Cost against users and against requests over the last whole days, evaluators left out."""
    until = today or datetime.now(UTC).date()
    known = days_of(project_id, until - timedelta(days=days), until, environment=environment)
    return {of: _grown(of, known) for of in ("users", "requests")}


def days_of(project_id: int, since: date, until: date, *, environment: str = "") -> list[Day]:
    """The days from `since` to before `until` that had requests."""
    low, high = (datetime.combine(day, time.min, UTC) for day in (since, until))
    users = {
        one.day: one.users
        for one in users_by_day(project_id, since, until, environment=environment)
    }
    found = []
    for one in span_figures(
        Scope(project_id, low, high, environment=environment), ("day",), with_latencies=False
    ):
        is_known = one.unpriced <= MOST_UNPRICED * one.calls
        if one.calls:
            found.append(
                Day(
                    one.key[0], users.get(one.key[0], 0), one.calls,
                    one.cost_nano if is_known else None,
                )
            )  # fmt: skip
    return sorted(found, key=lambda day: day.day)


def _grown(of: Of, known: Sequence[Day]) -> Grown:
    sized = [day for day in known if day.size(of)]
    usable = [day for day in sized if day.cost]
    unpriced = sum(day.cost is None for day in sized)
    if not sized:
        why = "No trace names a user." if of == "users" and known else "No call has come yet."
        return Grown(of, (), None, why, unpriced)
    try:
        found = growth([day.size(of) for day in usable], [day.cost or 0 for day in usable])
    except TooLittle as little:
        return Grown(of, usable, None, str(little), unpriced)
    return Grown(of, usable, found, "", unpriced)

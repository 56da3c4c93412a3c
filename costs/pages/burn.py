"""The burn-down as it is drawn: spent, even pace, forecast with its range, limit, what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from costs.pages.axis import round_steps, short
from costs.services.words import amount_text

WIDTH, HEIGHT = 748, 266
LEFT, RIGHT, TOP, BOTTOM = 44, 626, 12, 242
APART = 15  # between two labels at the right
_CHAR, _FLAG, MOST_FLAGS = 6.3, 18, 4


@dataclass(frozen=True)
class Flag:
    """A change point: its line, its label, what it opens."""

    x: float
    left: float
    width: float
    y: float
    text: str
    href: str

    @property
    def middle(self) -> float:
        """Where its text stands."""
        return round(self.left + self.width / 2, 1)


@dataclass(frozen=True)
class Burn:
    """Places in an SVG of WIDTH by HEIGHT, '' or None where there is nothing to draw."""

    spent: str
    area: str
    pace: str
    forecast: str
    cone: str
    lines: Sequence[tuple[float, str]]
    days: Sequence[tuple[float, str]]
    here: tuple[float, float]  # where it stands now
    now: tuple[float, float, str, str]  # x, y, label, its anchor
    limit: tuple[float, float, str] | None  # y, y of its label, label
    ends: tuple[float, str, str] | None  # y, label, tone
    cross: tuple[float, float] | None
    flags: Sequence[Flag]
    label: str


@dataclass(frozen=True)
class Expected:
    """What the end comes to: in the unit of the amounts."""

    total: int
    low: int
    high: int


@dataclass(frozen=True)
class Change:
    """Something at a time that the spend may have changed by."""

    at: datetime
    text: str
    href: str = ""


def burn_of(
    by_day: Sequence[tuple[date, int]],
    end: date,
    now: datetime,
    *,
    limit: int | None = None,
    expected: Expected | None = None,
    changes: Sequence[Change] = (),
    is_money: bool = True,
) -> Burn:
    """Of days from the first of `by_day` to `end`, both in it; `by_day` reaches up to today."""
    start = by_day[0][0]
    days = (end - start).days + 1
    midnight = datetime.combine(start, time(), UTC)
    today = min(max((now - midnight) / timedelta(days=1), 0.0), days)
    total = sum(amount for _, amount in by_day)
    high = max(total, limit or 0, expected.high if expected else 0)
    steps = round_steps(high, 3)
    top = max(steps[-1], 1)

    def x(day: float) -> float:
        return round(LEFT + day / days * (RIGHT - LEFT), 1)

    def y(amount: float) -> float:
        return round(BOTTOM - amount / top * (BOTTOM - TOP), 1)

    running, points = 0, [(x(0), y(0))]
    for place, (_, amount) in enumerate(by_day, 1):
        running += amount
        points.append((x(min(place, today)), y(running)))
    here = points[-1]
    written = amount_text(total, is_money=is_money)
    ahead = expected if expected is not None and today < days else None
    finish = (x(days), y(ahead.total)) if ahead else here
    cross = None
    if ahead and limit is not None and total < limit < ahead.total:
        share = (limit - total) / (ahead.total - total)
        cross = (round(here[0] + share * (finish[0] - here[0]), 1), y(limit))
    is_left = here[0] > (LEFT + RIGHT) / 3
    lines = [(y(one), short(one, is_money=is_money)) for one in steps]
    return Burn(
        spent=_points(points),
        area=_points([*points, (here[0], y(0))]),
        pace=f"{x(0)},{y(0)} {x(days)},{y(limit)}" if limit is not None else "",
        forecast=_points([here, finish]) if ahead else "",
        cone=_points([here, (x(days), y(ahead.high)), (x(days), y(ahead.low))]) if ahead else "",
        lines=lines,
        days=_days(start, days, x),
        here=here,
        now=(
            round(here[0] - 8, 1) if is_left else round(here[0] + 8, 1),
            round(max(here[1] - 9, TOP + 34), 1),
            f"Today {written}",
            "end" if is_left else "start",
        ),
        limit=None if limit is None else _limit(y(limit), finish[1] if ahead else None, limit,
                                                is_money),
        ends=None if ahead is None else (
            round(finish[1] + 4, 1), f"{amount_text(ahead.total, is_money=is_money)} forecast",
            "b" if limit is not None and ahead.total > limit else "",
        ),
        cross=cross,
        flags=_flags(changes, midnight, days, x),
        label=_said(written, days, today, ahead, limit, is_money),
    )  # fmt: skip


def _limit(y: float, finish: float | None, limit: int, is_money: bool) -> tuple[float, float, str]:
    label = y
    if finish is not None and abs(y - finish) < APART:
        label = finish + APART if y >= finish else finish - APART
    return y, round(label + 4, 1), f"{amount_text(limit, is_money=is_money)} budget"


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _days(start: date, days: int, x: Callable[[float], float]) -> list[tuple[float, str]]:
    found = []
    for place in range(days):
        day = start + timedelta(days=place)
        if days <= 10 or place == 0 or day.day % 5 == 0:
            text = f"{day:%-d %b}" if place == 0 else f"{day.day}"
            found.append((x(place + 1 if place else 0.5), text))
    return found


def _flags(
    changes: Sequence[Change], midnight: datetime, days: int, x: Callable[[float], float]
) -> list[Flag]:
    """The first MOST_FLAGS in two rows that do not touch."""
    rows: list[float] = [0.0, 0.0]
    found = []
    for one in sorted(changes[:MOST_FLAGS], key=lambda change: change.at):
        place = x(min(max((one.at - midnight) / timedelta(days=1), 0.0), days))
        text = one.text if len(one.text) <= 26 else f"{one.text[:25]}…"
        width = round(len(text) * _CHAR + 14, 1)
        left = min(max(place - width / 2, LEFT), RIGHT - width)
        row = next((number for number, edge in enumerate(rows) if left > edge + 4), None)
        if row is None:
            continue
        rows[row] = left + width
        found.append(Flag(place, round(left, 1), width, 14 + row * (_FLAG + 4), text, one.href))
    return found


def _said(
    written: str, days: int, today: float, ahead: Expected | None, limit: int | None, is_money: bool
) -> str:
    def told(amount: int) -> str:
        return amount_text(amount, is_money=is_money)

    said = f"{written} spent after {int(today)} of {days} days."
    if ahead is not None:
        said += f" Forecast {told(ahead.total)}, {told(ahead.low)} to {told(ahead.high)}."
    if limit is not None:
        said += f" Budget {told(limit)}."
    return said

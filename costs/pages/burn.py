"""The burn-down as it is drawn: spent, even pace, forecast with its range, limit, what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from costs.pages.axis import round_steps, short
from costs.pages.burn_labels import (
    APART,
    NARROW,
    ROW,
    WIDE,
    Change,
    Flag,
    Label,
    Shape,
    along,
    beside,
    flags_of,
    placed,
)
from costs.services.words import amount_text

__all__ = ["Burn", "Change", "Drawing", "Expected", "burn_of"]
Point = tuple[float, float]


@dataclass(frozen=True)
class Drawing:
    """Places in an SVG of a shape, '' or None where there is nothing to draw."""

    shape: Shape
    spent: str
    area: str
    pace: str
    forecast: str
    cone: str
    lines: Sequence[tuple[float, str]]
    days: Sequence[tuple[float, str]]
    here: Point  # where it stands now
    limit: float | None  # y
    cross: Point | None
    labels: Sequence[Label]
    flags: Sequence[Flag]
    rest: Sequence[Change]  # what found no place among the flags


@dataclass(frozen=True)
class Burn:
    """The same for a wide and for a narrow place; `label` says it in words."""

    drawings: Sequence[Drawing]
    label: str
    has_forecast: bool
    has_limit: bool


@dataclass(frozen=True)
class Expected:
    """What the end comes to: in the unit of the amounts."""

    total: int
    low: int
    high: int


@dataclass(frozen=True)
class _Told:
    """What is drawn: amounts of days, how far the days have come, and what is to come."""

    by_day: Sequence[tuple[date, int]]
    days: int
    today: float
    total: int
    limit: int | None
    ahead: Expected | None
    changes: Sequence[Change]
    is_money: bool

    @property
    def start(self) -> date:
        return self.by_day[0][0]

    @property
    def top(self) -> int:
        return max(self.total, self.limit or 0, self.ahead.high if self.ahead else 0)

    def written(self, amount: int) -> str:
        return amount_text(amount, is_money=self.is_money)


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
    today = min(max((now - _midnight(start)) / timedelta(days=1), 0.0), days)
    total = sum(amount for _, amount in by_day)
    ahead = expected if expected is not None and today < days else None
    told = _Told(by_day, days, today, total, limit, ahead, changes, is_money)
    return Burn(
        drawings=[_drawn(told, shape) for shape in (WIDE, NARROW)],
        label=_said(told),
        has_forecast=ahead is not None,
        has_limit=limit is not None,
    )


def _drawn(told: _Told, shape: Shape) -> Drawing:
    steps = round_steps(told.top, 3)
    highest = max(steps[-1], 1)
    across = shape.right - shape.left

    def x(day: float) -> float:
        return round(shape.left + min(max(day, 0.0), told.days) / told.days * across, 1)

    flags, rest = flags_of(
        told.changes, shape, lambda at: x((at - _midnight(told.start)) / timedelta(days=1))
    )
    top = 14 + ROW * (max((one.row for one in flags), default=-1) + 1)

    def y(amount: float) -> float:
        return round(shape.bottom - amount / highest * (shape.bottom - top), 1)

    running, points = 0, [(x(0), y(0))]
    for place, (_, amount) in enumerate(told.by_day, 1):
        running += amount
        points.append((x(min(place, told.today)), y(running)))
    here, ahead, limit = points[-1], told.ahead, told.limit
    finish = (x(told.days), y(ahead.total)) if ahead else None
    return Drawing(
        shape=shape,
        spent=_points(points),
        area=_points([*points, (here[0], y(0))]),
        pace=f"{x(0)},{y(0)} {x(told.days)},{y(limit)}" if limit is not None else "",
        forecast=_points([here, finish]) if finish else "",
        cone=_points([here, (x(told.days), y(ahead.high)), (x(told.days), y(ahead.low))])
        if ahead else "",
        lines=[(y(one), short(one, is_money=told.is_money)) for one in steps],
        days=_days(told.start, told.days, x),
        here=here,
        limit=None if limit is None else y(limit),
        cross=_cross(told, here, finish, y),
        labels=_labels(told, shape, top, here, finish, y),
        flags=flags,
        rest=rest,
    )  # fmt: skip


def _cross(
    told: _Told, here: Point, finish: Point | None, y: Callable[[float], float]
) -> Point | None:
    """Where the forecast meets the limit."""
    if told.ahead is None or finish is None or told.limit is None:
        return None
    if not told.total < told.limit < told.ahead.total:
        return None
    share = (told.limit - told.total) / (told.ahead.total - told.total)
    return round(here[0] + share * (finish[0] - here[0]), 1), y(told.limit)


def _labels(
    told: _Told, shape: Shape, top: float, here: Point, finish: Point | None,
    y: Callable[[float], float],
) -> list[Label]:  # fmt: skip
    """Of the forecast, the limit and today, none on another."""
    found: list[Label] = []
    line = None if told.limit is None else y(told.limit)
    limit = "" if told.limit is None else f"{told.written(told.limit)} budget"
    if finish is not None and told.ahead is not None:
        over = told.limit is not None and told.ahead.total > told.limit
        text, tone = f"{told.written(told.ahead.total)} forecast", "b" if over else ""
        found.append(
            Label(shape.right + 8, round(finish[1] + 4, 1), text, tone=tone)
            if shape.has_margin
            else placed(beside(finish[0] + 8, finish[1], text, tone), found, shape, top, line)
        )
    if told.limit is not None and shape.has_margin:
        place = y(told.limit)
        if finish is not None and abs(place - finish[1]) < APART:
            place = finish[1] + (APART if place >= finish[1] else -APART)
        found.append(Label(shape.right + 8, round(place + 4, 1), limit, tone="m"))
    elif told.limit is not None:
        found.append(placed(along(y(told.limit), limit, shape), found, shape, top))
    now = f"Today {told.written(told.total)}"
    found.append(placed(beside(*here, now), found, shape, top, line))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _days(start: date, days: int, x: Callable[[float], float]) -> list[tuple[float, str]]:
    found = []
    for place in range(days):
        day = start + timedelta(days=place)
        if days <= 10 or place == 0 or day.day % 5 == 0:
            text = f"{day:%-d %b}" if place == 0 else f"{day.day}"
            found.append((x(place + 1 if place else 0.5), text))
    return found


def _said(told: _Told) -> str:
    said = f"{told.written(told.total)} spent after {int(told.today)} of {told.days} days."
    if told.ahead is not None:
        low, high = told.written(told.ahead.low), told.written(told.ahead.high)
        said += f" Forecast {told.written(told.ahead.total)}, {low} to {high}."
    if told.limit is not None:
        said += f" Budget {told.written(told.limit)}."
    return said

"""A plan drawn: months with their ranges, and its course beside what was spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from costs.queries.plans import Outlook, Reality
from costs.values.plans import Terms
from kit.figures import money

HEIGHT = 220
LEFT, RIGHT, TOP, BOTTOM = 20, 96, 16, 24


@dataclass(frozen=True)
class Canvas:
    """A drawing so wide and HEIGHT high; words stand right of its plot."""

    name: str
    width: int
    months: int  # named at most
    days: int

    @property
    def edge(self) -> int:
        """Where its plot ends."""
        return self.width - RIGHT


BROAD, WIDE, NARROW = (
    Canvas("broad", 1100, 18, 12), Canvas("wide", 720, 12, 8), Canvas("narrow", 340, 5, 3),
)  # fmt: skip
CANVASES = (BROAD, WIDE, NARROW)  # the style sheet shows the one that fits


@dataclass(frozen=True)
class Months:
    """Bars of (x, y, height, x of the whisker, its ends or None, is over the budget)."""

    canvas: Canvas
    bars: Sequence[tuple[float, float, float, float, tuple[float, float] | None, bool]]
    width: float
    ticks: Sequence[tuple[float, str]]
    limit_y: float | None
    limit: str
    top: str
    label: str


def months_chart(terms: Terms, found: Outlook, canvas: Canvas = WIDE) -> Months | None:
    """Money of each calendar month; None without a price or money."""
    months, ceiling = found.months, terms.ceiling
    if not months or not any(one.nano for one in months):
        return None
    limit = ceiling.limit if ceiling is not None and ceiling.period == "month" else None
    highest = max(one.high or one.nano for one in months)
    top = max(highest, limit or 0) if (limit or 0) < 4 * highest else highest
    step = (canvas.edge - LEFT) / len(months)

    def y(amount: int) -> float:
        return round(HEIGHT - BOTTOM - min(amount / top, 1) * (HEIGHT - TOP - BOTTOM), 1)

    bars = []
    for place, one in enumerate(months):
        x = LEFT + place * step
        ends = (y(one.low), y(one.high)) if one.low is not None and one.high is not None else None
        before = one.start.day - 1  # days of the month before the launch, which others have, too
        others = ceiling.others * (before + one.days) if ceiling is not None else 0
        over = limit is not None and one.nano + others > limit
        height = round(HEIGHT - BOTTOM - y(one.nano), 1)
        bars.append((round(x + 2, 1), y(one.nano), height, round(x + step / 2, 1), ends, over))
    every = -(-len(months) // canvas.months)
    is_shown = limit is not None and limit <= top
    return Months(
        canvas=canvas,
        bars=bars,
        width=round(max(step - 4, 1), 1),
        ticks=[
            (round(LEFT + (place + 0.5) * step, 1), f"{months[place].start:%b %y}")
            for place in range(0, len(months), every)
        ],
        limit_y=y(limit) if limit is not None and is_shown else None,
        limit=money(limit) if is_shown else "",
        top=money(top),
        label="Money of each month: "
        + ", ".join(f"{one.start:%B %Y} {money(one.nano)}" for one in months[:24]),
    )


def months_charts(terms: Terms, found: Outlook) -> list[Months]:
    """For places of each width; none without a price or money."""
    drawn = (months_chart(terms, found, canvas) for canvas in CANVASES)
    return [one for one in drawn if one is not None]


@dataclass(frozen=True)
class Course:
    """What was planned and spent, summed day by day."""

    canvas: Canvas
    planned: str
    band: str
    spent: str
    ends: tuple[float, str]
    now: tuple[float, float, str]
    ticks: Sequence[tuple[float, str]]
    label: str


def course_chart(found: Outlook, real: Reality, canvas: Canvas = WIDE) -> Course | None:
    """The plan's days so far and a quarter more, with what was spent; None without a price."""
    rate = found.priced.rate
    if rate is None or not found.days:
        return None
    shown = min(max(len(real.by_day) * 5 // 4, 14), len(found.days))
    planned, running = [0], 0
    for one in found.days[:shown]:
        running += one.nano
        planned.append(running)
    spent, running = [0], 0
    for _, amount in real.by_day[:shown]:
        running += amount
        spent.append(running)
    bounds = rate.range(sum(one.requests for one in found.days[:shown]))
    low, high = (bounds.low, bounds.high) if bounds else (1.0, 1.0)
    top = max(planned[-1] * high, spent[-1]) * 1.05 or 1

    def at(day: int, amount: float) -> tuple[float, float]:
        x = LEFT + day / shown * (canvas.edge - LEFT)
        return round(x, 1), round(HEIGHT - BOTTOM - amount / top * (HEIGHT - TOP - BOTTOM), 1)

    def line(amounts: Sequence[float]) -> str:
        return " ".join(f"{x},{y}" for x, y in (at(*one) for one in enumerate(amounts)))

    upper = [amount * high for amount in planned]
    lower = [at(day, amount * low) for day, amount in enumerate(planned)][::-1]
    band = f"{line(upper)} {' '.join(f'{x},{y}' for x, y in lower)}" if bounds else ""
    step = -(-shown // canvas.days)
    return Course(
        canvas=canvas,
        planned=line(planned),
        band=band,
        spent=line(spent),
        ends=(at(0, planned[-1])[1], money(planned[-1])),
        now=(*at(len(spent) - 1, spent[-1]), money(spent[-1])),
        ticks=[(at(day, 0)[0], f"{found.days[day].day:%-d %b}") for day in range(0, shown, step)],
        label=f"{money(spent[-1])} spent in {len(real.by_day)} days, "
        f"{money(planned[min(len(real.by_day), shown)])} planned.",
    )


def course_charts(found: Outlook, real: Reality | None) -> list[Course]:
    """For a wide and for a narrow place; none before the launch or without a price."""
    if real is None:
        return []
    drawn = (course_chart(found, real, canvas) for canvas in CANVASES)
    return [one for one in drawn if one is not None]

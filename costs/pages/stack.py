"""Daily spend as stacked bars, drawn on the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from costs.pages.axis import round_steps, short
from costs.queries.days import Days
from costs.queries.spending import Spend
from kit.figures import money

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 348, 196, 44, 176, 8
SERIES = (1, 2, 3, 7)
OTHER = 8


@dataclass(frozen=True)
class Stack:
    """Bars as one path a series, the legend with sums, lines across, days below.

    Ninety days of five models are 450 bars: paths are written in a tenth of the time of rects.
    """

    paths: Sequence[tuple[int, str]]  # series, what is drawn
    width: float
    legend: Sequence[tuple[int, str, int, str]]  # series, name, sum, address
    lines: Sequence[tuple[float, str]]
    days: Sequence[tuple[float, str]]
    label: str


Named = tuple[str, Spend, str]  # how it is called, its sums, what it opens


def stack_of(
    days: Days, rows: Sequence[Named], *, width: int = WIDTH, most: int = len(SERIES)
) -> Stack | None:
    """The dearest apart and the others together; None where nothing was spent."""
    found = [one for one in rows if one[1].cost > 0]
    if not found:
        return None
    found.sort(key=lambda one: -one[1].cost)
    series = [
        (SERIES[place], name, row.cost, row.by_day, href)
        for place, (name, row, href) in enumerate(found[:most])
    ]
    if len(found) > most:
        others: dict[date, int] = {}
        for _, row, _ in found[most:]:
            for day, amount in row.by_day.items():
                others[day] = others.get(day, 0) + amount
        series.append((OTHER, "Other", sum(row.cost for _, row, _ in found[most:]), others, ""))
    every = days.each()
    step = (width - LEFT) / len(every)
    gap = 3 if len(every) <= 31 else 1
    lines = round_steps(max(sum(one[3].get(day, 0) for one in series) for day in every), 3)
    room = (BOTTOM - TOP) / max(lines[-1], 1)
    paths: dict[int, list[str]] = {number: [] for number, *_ in series}
    wide = round(step - gap, 1)
    for place, day in enumerate(every):
        x, y = round(LEFT + place * step + gap / 2, 1), float(BOTTOM)
        for number, _, _, by_day, _ in series:
            height = by_day.get(day, 0) * room
            if height > 0:
                y -= height
                paths[number].append(f"M{x} {y:.1f}h{wide}v{max(height - 1, 0.4):.1f}h-{wide}z")
    said = ", ".join(f"{name} {money(cost)}" for _, name, cost, _, _ in series)
    return Stack(
        paths=[(number, "".join(bars)) for number, bars in paths.items() if bars],
        width=width,
        legend=[(number, name, cost, href) for number, name, cost, _, href in series],
        lines=[(round(BOTTOM - one * room, 1), short(one)) for one in lines],
        days=_named(days, every, step),
        label=f"Spend of each day, {days.label}: {said}",
    )


def _named(days: Days, every: Sequence[date], step: float) -> list[tuple[float, str]]:
    """The days that are written below: five or six of them."""
    apart = 5 if days.is_month else max(len(every) // 5, 1)
    found = []
    for place, day in enumerate(every):
        is_shown = place == 0 or (place + 1) % apart == 0 if days.is_month else not place % apart
        if is_shown:
            text = f"{day.day}" if days.is_month else f"{day:%-d %b}"
            at = min(LEFT + (place + 0.5) * step, LEFT + len(every) * step - 4 * len(text))
            found.append((round(at, 1), text))
    return found
